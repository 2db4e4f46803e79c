"""Measures how a face at rest is read in live video: minutes of still, neutral faces through the whole reader.

    python -m benchmarks.resting --data fer2013.zip [--photos PHOTO ...] [--faces 12] [--agreement 10]

Each film shows one picture of a face as a webcam would see somebody who sits still: it sways and breathes by a few
pixels, the light varies, every frame has noise of its own and is compressed as the page compresses it. The frames go
through detection, mesh, classification and smoothing with the default settings, exactly as those of the page. The
faces are rows of both test splits of FER2013 that all ten people call neutral (fewer with ``--agreement``), and
photographs that are named on the command line. A film counts if most of its frames have a mood: a row that is cut too
tightly for the detector, or whose face is turned away, is replaced by the next, and the table says how many were. It is
printed and written to ``benchmarks/results/``. Lids do not blink and nobody speaks in these films.
"""

from __future__ import annotations

import argparse
import itertools
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks import record
from mien.capture.photo import read_photo
from mien.evaluation.framing import framed
from mien.face.reader import FaceReader
from mien.live.reader import LiveReader
from mien.mood.smooth import weight_of
from mien.types import Frame, Image
from training.data import EXPRESSION_VOTES, VOTE_CLASSES, read

FRAMES_PER_S: Final = 10
MIDDLE: Final = 0.25
"""A mood is in the middle of the plane if it is no further than this from the origin."""

SPLITS: Final = ("PublicTest", "PrivateTest")
_READ: Final = 0.8
_JPEG_QUALITY: Final = 70
_NOISE: Final = 2.0
_FACE_PX: Final = 180


@dataclass(frozen=True, slots=True)
class Minute:
    """One film as it was read.

    Attributes:
        name: The picture.
        read: Share of frames with a mood, 0..1.
        in_middle: Share of these frames in which the mood is in the middle of the plane, 0..1; 0 without any.
        farthest: The greatest distance of the mood from the origin.
        valence: The mean valence, -1..1.
        arousal: The mean arousal, -1..1.
    """

    name: str
    read: float
    in_middle: float
    farthest: float
    valence: float
    arousal: float


@dataclass(frozen=True, slots=True)
class RestingGroup:
    """Films of one origin, and how many pictures were left out because they could not be read."""

    minutes: tuple[Minute, ...]
    left_out: int


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip, or fer2013.csv with FER+'s votes")
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="photographs of one neutral face each")
    parser.add_argument("--faces", type=int, default=12, help="rows of each test split (default 12)")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of a film (default 60)")
    parser.add_argument(
        "--agreement", type=int, default=10, help="how many of ten people call a row neutral (default 10)"
    )
    options = parser.parse_args()
    if not 1 <= options.agreement <= 10:
        parser.error("--agreement must be from 1 to 10")
    if options.faces < 1 or options.seconds <= 1:
        parser.error("--faces must be 1 or more, --seconds more than 1")
    with FaceReader() as reader:
        groups = {
            split: _read_group(
                reader,
                neutral_rows(options.data, split, agreement=options.agreement),
                options.seconds,
                most=options.faces,
            )
            for split in SPLITS
        }
        if options.photos:
            photos = ((path.name, read_photo(path)) for path in options.photos)
            pictures = ((name, at_desk(reader, photo)) for name, photo in photos)
            groups["photographs"] = _read_group(reader, pictures, options.seconds, most=len(options.photos))
    text = report(groups, seconds=options.seconds, agreement=options.agreement)
    print(text)
    record.save("resting", text)


def neutral_rows(data: Path, split: str, *, agreement: int) -> Iterator[tuple[str, Image]]:
    """The rows of a split that enough people call neutral; see ``agreed_rows``."""
    return agreed_rows(data, split, "neutral", agreement=agreement)


def agreed_rows(data: Path, split: str, expression: str, *, agreement: int) -> Iterator[tuple[str, Image]]:
    """The rows of a split on whose expression enough people agree, in a fixed random order.

    Args:
        data: The file of FER2013.
        split: "PublicTest" or "PrivateTest".
        expression: One of ``VOTE_CLASSES``.
        agreement: How many of ten must see this expression in a row, at least; no other expression has more.

    Yields:
        A name and a frame, uint8 [480, 640, 3].
    """
    rows = read(data).part(split)
    votes = rows.votes[:, VOTE_CLASSES.index(expression)]
    agreed = np.flatnonzero((votes >= agreement) & (votes == rows.votes[:, :EXPRESSION_VOTES].max(axis=1)))
    for index in np.random.default_rng(0).permutation(agreed):
        yield f"{split} {rows.places[index]}", framed(rows.images[index])


def film(picture: Image, *, seconds: float, seed: int) -> Iterator[Frame]:
    """A picture as a webcam sees a person who sits still; see ``as_webcam``.

    Args:
        picture: uint8 [height, width, 3].
        seconds: Length of the film.
        seed: Seed of movement, light and noise.

    Returns:
        Frames of the same size, ``FRAMES_PER_S`` each second.
    """
    return as_webcam(itertools.repeat(picture, round(seconds * FRAMES_PER_S)), frames_per_s=FRAMES_PER_S, seed=seed)


def as_webcam(pictures: Iterable[Image], *, frames_per_s: float, seed: int) -> Iterator[Frame]:
    """Pictures as a webcam sees them: swaying and breathing, in changing light, with noise and the page's compression.

    Args:
        pictures: uint8 [height, width, 3], one for each frame.
        frames_per_s: Frames each second.
        seed: Seed of movement, light and noise.

    Yields:
        Frames of the same size.
    """
    rng = np.random.default_rng(seed)
    phases = rng.uniform(0, 2 * math.pi, 5)
    for index, picture in enumerate(pictures):
        height_px, width_px = picture.shape[:2]
        at_s = index / frames_per_s
        sway, nod, tilt, near, light = np.sin(2 * math.pi * at_s * np.array([0.13, 0.25, 0.09, 0.05, 0.11]) + phases)
        matrix = cv2.getRotationMatrix2D((width_px / 2, height_px / 2), 2.0 * tilt, 1 + 0.03 * near)
        matrix[:, 2] += 6.0 * sway, 3.0 * nod
        moved = cv2.warpAffine(picture, matrix, (width_px, height_px), borderMode=cv2.BORDER_REPLICATE)
        noisy = moved * (1 + 0.05 * light) + rng.normal(0, _NOISE, moved.shape)
        yield Frame(_compressed(np.clip(noisy, 0, 255).astype(np.uint8)), index=index, time_s=at_s)


def read_minute(reader: FaceReader, name: str, picture: Image, *, seconds: float) -> Minute:
    """Read one film with the default settings.

    Args:
        reader: Reads the frames.
        name: What the picture is called.
        picture: uint8 [height, width, 3].
        seconds: Length of the film.
    """
    live = LiveReader(reader.follow())
    frames = list(film(picture, seconds=seconds, seed=zlib.crc32(name.encode())))
    found = [result.mood for result in map(live.read, frames) if result.mood is not None]
    moods = np.array([(mood.valence, mood.arousal) for mood in found]).reshape(-1, 2)
    distances = np.hypot(*moods.T)
    share = float((distances <= MIDDLE).mean()) if found else 0.0
    valence, arousal = moods.mean(axis=0) if found else (0.0, 0.0)
    return Minute(
        name, len(found) / len(frames), share, float(distances.max(initial=0)), float(valence), float(arousal)
    )


def report(groups: Mapping[str, RestingGroup], *, seconds: float, agreement: int) -> str:
    """The result in Markdown."""
    lines = [
        "# Faces at rest in live video",
        "",
        *record.circumstances(),
        f"- films of {seconds:.0f} s, {FRAMES_PER_S} frames a second, one still face each; default settings",
        f"- rows: at least {agreement} of ten people call the face neutral",
        "",
        f"| faces | films | frames within {MIDDLE} of the middle | films wholly there | left out |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, group in groups.items():
        share = np.mean([minute.in_middle for minute in group.minutes]) if group.minutes else 0.0
        whole = sum(minute.in_middle == 1 for minute in group.minutes)
        lines.append(f"| {name} | {len(group.minutes)} | {share:.1%} | {whole} | {group.left_out} |")
    lines += [
        "",
        "| film | frames with a mood | within | farthest | valence | arousal |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for minute in (minute for group in groups.values() for minute in group.minutes):
        cells = (
            f"{minute.read:.0%}",
            f"{minute.in_middle:.0%}",
            f"{minute.farthest:.2f}",
            f"{minute.valence:+.2f}",
            f"{minute.arousal:+.2f}",
        )
        lines.append(f"| {minute.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _read_group(
    reader: FaceReader, pictures: Iterable[tuple[str, Image]], seconds: float, *, most: int
) -> RestingGroup:
    """The first ``most`` films that can be read."""
    minutes, left_out = list[Minute](), 0
    for name, picture in pictures:
        if len(minutes) == most:
            break
        faces = reader.read(picture)
        minute = (
            read_minute(reader, name, picture, seconds=seconds)
            if faces and weight_of(faces[0].expression, faces[0].features.quality) > 0
            else None
        )
        if minute is not None and minute.read >= _READ:
            minutes.append(minute)
        else:
            left_out += 1
    return RestingGroup(tuple(minutes), left_out)


def at_desk(reader: FaceReader, photo: Image) -> Image:
    """The largest face of a photograph as if half a metre from a laptop's camera; the photo itself without a face."""
    found = reader.read(photo)
    if not found:
        return photo
    box = found[0].face.box
    scale = _FACE_PX / box.height
    matrix = np.array(
        [[scale, 0, 320 - scale * (box.x + box.width / 2)], [0, scale, 240 - scale * (box.y + box.height / 2)]]
    )
    small = cv2.warpAffine(photo, matrix, (640, 480), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(small, dtype=np.uint8)


def _compressed(image: Image) -> Image:
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR_RGB), dtype=np.uint8)


if __name__ == "__main__":
    main()
