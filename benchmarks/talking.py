"""Measures how a speaking face is read in live video: faces whose mouths open and shut 3 to 5 times a second.

    python -m benchmarks.talking --data fer2013.zip [--photos PHOTO ...] [--faces 8]

Each film shows one picture of a face: silent for three seconds, then speaking for eight. The mouth is moved in the
picture with the mesh (``benchmarks.speaking_faces``), and the frames go through detection, mesh, classification and
smoothing as in ``benchmarks.resting``. The faces are rows of both test splits of FER2013 that enough people call
neutral, happy or surprised, and photographs of neutral faces that are named on the command line. For neutral faces
the table has the share of frames, while speaking, whose mood is within ``NEAR`` of the silent mood of the same face;
for the others, the share of frames in which the expression of the silent face stays the most likely one. Both are
given with mien's correction for speech and without it: the same readings with speech not reported. A face counts if
it can be read and, for expressions that are held, if they are recognised in silence. Printed, and written to
``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import itertools
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import record
from benchmarks.resting import SPLITS, agreed_rows, as_webcam, at_desk
from benchmarks.speaking_faces import FaceWarp, FacialPose, speech
from mien.capture.photo import read_photo
from mien.face.reader import FaceReader
from mien.live.reader import LiveReader, LiveResult
from mien.mood.smooth import weight_of
from mien.types import Emotion, Frame, Image, Reading

FRAMES_PER_S: Final = 12
SILENT_S: Final = 3.0
SPEAKING_S: Final = 8.0
NEAR: Final = 0.25
"""How far the mood of a neutral face may be from its silent mood."""

NEUTRAL_AGREEMENT: Final = 6
HELD_AGREEMENT: Final = 8
HELD: Final = {"happiness": Emotion.HAPPY, "surprise": Emotion.SURPRISE}
_SILENT_MOOD_S: Final = (2.0, SILENT_S)
_READ: Final = 0.8


@dataclass(frozen=True, slots=True)
class SpokenReading:
    """One film as it was read.

    Attributes:
        near: Share of the speaking frames whose mood is within ``NEAR`` of the silent one, 0..1.
        farthest: The greatest distance of the mood from the silent one while speaking.
        kept: Share of the speaking frames with the most likely expression of the silent face, 0..1.
    """

    near: float
    farthest: float
    kept: float


@dataclass(frozen=True, slots=True)
class SpeakingFace:
    """One face: the film read without and with the correction for speech, and the silent expression."""

    name: str
    plain: SpokenReading
    corrected: SpokenReading
    silent: Emotion


class RecordedReadings:
    """A follower that repeats the readings of a film, with speech reported or not."""

    skipped = 0

    def __init__(self, readings: Iterable[Sequence[Reading]], *, speech_reported: bool) -> None:
        self._readings = iter(readings)
        self._speech_reported = speech_reported

    def read(self, frame: Frame, *, focus: int | None = None) -> list[Reading]:
        """The readings of the next frame."""
        del frame, focus
        return [
            one if self._speech_reported else replace(one, features=replace(one.features, activity=None))
            for one in next(self._readings)
        ]


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip, or fer2013.csv with FER+'s votes")
    parser.add_argument("--photos", type=Path, nargs="*", default=[], help="photographs of one neutral face each")
    parser.add_argument("--faces", type=int, default=8, help="faces of each kind and test split (default 8)")
    options = parser.parse_args()
    if options.faces < 1:
        parser.error("--faces must be 1 or more")
    neutral: dict[str, list[SpeakingFace]] = {}
    held: dict[str, list[SpeakingFace]] = {}
    with FaceReader() as reader:
        for split in SPLITS:
            rows = agreed_rows(options.data, split, "neutral", agreement=NEUTRAL_AGREEMENT)
            neutral[split] = list(itertools.islice(speaking_faces(reader, rows), options.faces))
        if options.photos:
            photos = ((path.name, at_desk(reader, read_photo(path))) for path in options.photos)
            neutral["photographs"] = list(speaking_faces(reader, photos))
        for split, (name, emotion) in itertools.product(SPLITS, HELD.items()):
            rows = agreed_rows(options.data, split, name, agreement=HELD_AGREEMENT)
            shown = (face for face in speaking_faces(reader, rows) if face.silent is emotion)
            held[f"{split}, {emotion}"] = list(itertools.islice(shown, options.faces))
    text = report(neutral, held)
    print(text)
    record.save("talking", text)


def speaking_faces(reader: FaceReader, pictures: Iterable[tuple[str, Image]]) -> Iterator[SpeakingFace]:
    """Read a film of each picture that can be read.

    Args:
        reader: Reads the frames.
        pictures: Names, and frames uint8 [height, width, 3].

    Yields:
        The faces that were read in most frames.
    """
    for name, picture in pictures:
        found = reader.read(picture)
        if not found or weight_of(found[0].expression, found[0].features.quality) == 0:
            continue
        frames = list(speaking_film(picture, found[0], seed=zlib.crc32(name.encode())))
        follower = reader.follow(max_faces=1)
        readings = [follower.read(frame) for frame in frames]
        if np.mean([bool(one) for one in readings]) < _READ:
            continue
        plain, corrected = (_live(frames, readings, speech_reported=reported) for reported in (False, True))
        silent = [one for one in corrected if one.faces and _SILENT_MOOD_S[0] <= one.time_s < _SILENT_MOOD_S[1]]
        if silent:
            yield SpeakingFace(name, judged(plain), judged(corrected), silent[-1].faces[0].expression.top)


def speaking_film(picture: Image, reading: Reading, *, seed: int) -> Iterator[Frame]:
    """A film of a face that is silent and then speaks.

    Args:
        picture: uint8 [height, width, 3].
        reading: Its face.
        seed: Seed of the sounds, of movement, light and noise; it also selects 3 to 5 syllables per second.

    Returns:
        Frames of the same size, ``FRAMES_PER_S`` each second.
    """
    warp = FaceWarp(picture, reading.face.landmarks)
    sounds = speech(
        seconds=SPEAKING_S, frames_per_s=FRAMES_PER_S, syllables_per_s=3 + 0.5 * (seed % 5), seed=seed % 2**31
    )
    silence = itertools.repeat(FacialPose(), round(SILENT_S * FRAMES_PER_S))
    posed = (warp.posed(pose) for pose in itertools.chain(silence, sounds))
    return as_webcam(posed, frames_per_s=FRAMES_PER_S, seed=seed)


def judged(results: Sequence[LiveResult]) -> SpokenReading:
    """Compare the moods and expressions while speaking with those before, in silence."""
    silent = [one for one in results if one.mood is not None and _SILENT_MOOD_S[0] <= one.time_s < _SILENT_MOOD_S[1]]
    spoken = [one for one in results if one.mood is not None and one.time_s >= SILENT_S]
    if not silent or not spoken:
        return SpokenReading(0.0, 0.0, 0.0)
    before, after = (
        np.array([(one.mood.valence, one.mood.arousal) for one in some if one.mood is not None])
        for some in (silent, spoken)
    )
    distances = np.hypot(*(after - before.mean(axis=0)).T)
    top = next((one.faces[0].expression.top for one in reversed(silent) if one.faces), None)
    kept = [one.faces[0].expression.top is top for one in spoken if one.faces]
    return SpokenReading(float((distances <= NEAR).mean()), float(distances.max()), float(np.mean(kept)))


def report(neutral: dict[str, list[SpeakingFace]], held: dict[str, list[SpeakingFace]]) -> str:
    """The result in Markdown."""
    lines = [
        "# Speaking faces in live video",
        "",
        *record.circumstances(),
        f"- films of {SILENT_S:.0f} s of silence and {SPEAKING_S:.0f} s of speech, 3 to 5 syllables a second, "
        f"{FRAMES_PER_S} frames a second",
        f"- neutral rows: at least {NEUTRAL_AGREEMENT} of ten people agree; held expressions: {HELD_AGREEMENT}",
        "",
        f"| neutral faces that speak | films | frames within {NEAR} of the silent mood, uncorrected | corrected |"
        " films wholly there | corrected | farthest | corrected |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, faces in neutral.items():
        both = [[getattr(face, kind) for face in faces] for kind in ("plain", "corrected")]
        near = " | ".join(f"{np.mean([one.near for one in some]):.1%}" for some in both)
        whole = " | ".join(str(sum(one.near == 1 for one in some)) for some in both)
        farthest = " | ".join(f"{max(one.farthest for one in some):.2f}" for some in both)
        lines.append(f"| {name} | {len(faces)} | {near} | {whole} | {farthest} |")
    lines += [
        "",
        "| held while speaking | films | frames with the expression, uncorrected | corrected | the worst film |"
        " corrected |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, faces in held.items():
        both = [[getattr(face, kind).kept for face in faces] for kind in ("plain", "corrected")]
        cells = " | ".join(f"{np.mean(some):.1%}" for some in both), " | ".join(f"{min(some):.0%}" for some in both)
        lines.append(f"| {name} | {len(faces)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _live(frames: Sequence[Frame], readings: Sequence[Sequence[Reading]], *, speech_reported: bool) -> list[LiveResult]:
    live = LiveReader(RecordedReadings(readings, speech_reported=speech_reported))
    return [live.read(frame) for frame in frames]


if __name__ == "__main__":
    main()
