"""``mien faces``: the expressions in photos and videos, a row a face."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mien.cli.classifier import classifier_option, load_classifier
from mien.cli.examples import examples
from mien.cli.files import PHOTO_SUFFIXES, VIDEO_SUFFIXES, Failures, expand
from mien.cli.kinds import AnyPath, NumberRange
from mien.cli.progress import progress
from mien.cli.rows import Layout, style_options, written
from mien.cli.settings import settings

if TYPE_CHECKING:
    from mien.face.reader import FaceReader
    from mien.types import Reading


@dataclass(frozen=True, slots=True)
class Picture:
    """What was read from a photo, or from the frame of a video at ``time_s``.

    ``share`` 0..1 is how much of the file has been read with it.
    """

    path: Path
    time_s: float | None
    readings: list[Reading]
    share: float


@click.command(
    epilog=examples(
        "mien faces photo.jpg",
        "mien faces --json holiday/ > faces.jsonl",
        "mien faces --csv --every 0.2 interview.mp4 > faces.csv",
    )
)
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=AnyPath())
@style_options
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=NumberRange(min=0),
    default=0.5,
    show_default=True,
    help="How often to look at a video; 0 reads every frame.",
)
@classifier_option
def faces(paths: tuple[Path, ...], style: str | None, every_s: float, classifier: str | None) -> None:
    """Read the faces in photos, videos and folders of them.

    Boxes are in pixels of the upright picture. A picture without a face gets a row that says so. A file that cannot
    be read is named on stderr, the others go on, and the exit status is 1.
    """
    from mien.face.reader import FaceReader

    reader = FaceReader(classifier=load_classifier(classifier), threads=settings().threads)
    failures = Failures()
    files = expand(paths, PHOTO_SUFFIXES | VIDEO_SUFFIXES, failures)
    rows_appear = style is not None and sys.stdout.isatty()
    with written(style, _layout()) as write, progress(len(files), unit="file", hidden=rows_appear) as advance:
        for done, path in enumerate(files):
            advance(done, path.name)
            with failures.tolerated(path):
                for picture in _read(path, reader, every_s=every_s):
                    write(picture)
                    advance(done + picture.share, path.name)
    failures.conclude()


def _read(path: Path, reader: FaceReader, *, every_s: float) -> Iterator[Picture]:
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        from mien.photo import read_photo

        yield Picture(path, None, reader.read(read_photo(path)), share=1)
        return
    from mien.camera import read_video, video_duration_s

    duration_s = video_duration_s(path)
    for frame in read_video(path, every_s=every_s or None):
        readings = reader.read(frame.image, time_s=frame.time_s)
        share = min(1.0, frame.time_s / duration_s) if duration_s else 0.0
        yield Picture(path, frame.time_s, readings, share)


def _layout() -> Layout[Picture]:
    from mien.types import Emotion

    return Layout(
        as_json=_as_json,
        header=(
            *("path", "time_s", "x", "y", "width", "height", "expression", "confident", "valence", "arousal"),
            *Emotion,
        ),
        as_values=_as_values,
        columns=("File", "Time", "Face", "Expression", "Valence", "Arousal"),
        numbers=("Time", "Valence", "Arousal"),
        as_cells=_as_cells,
    )


def _as_json(picture: Picture) -> dict[str, Any]:
    return {
        "path": str(picture.path),
        "time_s": _rounded_time(picture),
        "faces": [
            {
                "box": _box(reading),
                "expression": str(reading.expression.top),
                "probabilities": {str(e): round(p, 4) for e, p in reading.expression.probabilities.items()},
                "valence": round(reading.mood.valence, 4),
                "arousal": round(reading.mood.arousal, 4),
                "confident": reading.expression.confident,
            }
            for reading in picture.readings
        ],
    }


def _as_values(picture: Picture) -> Iterator[list[Any]]:
    if not picture.readings:
        yield [str(picture.path), _rounded_time(picture), *[""] * 15]
    for face in _as_json(picture)["faces"]:
        confident = str(face["confident"]).lower()
        mood = (face["valence"], face["arousal"])
        probabilities = face["probabilities"].values()
        yield [picture.path, _rounded_time(picture), *face["box"], face["expression"], confident, *mood, *probabilities]


def _as_cells(picture: Picture) -> Iterator[tuple[str, ...]]:
    time = "" if picture.time_s is None else f"{picture.time_s:.2f} s"
    if not picture.readings:
        yield (str(picture.path), time, "", "no face", "", "")
    for reading in picture.readings:
        x, y, width, height = _box(reading)
        top = reading.expression.top
        words = f"{top} {reading.expression.probabilities[top]:.0%}"
        yield (
            str(picture.path),
            time,
            f"{width:.0f}×{height:.0f} at {x:.0f}, {y:.0f}",
            words if reading.expression.confident else f"perhaps {words}",
            f"{reading.mood.valence:+.2f}",
            f"{reading.mood.arousal:+.2f}",
        )


def _box(reading: Reading) -> list[float]:
    box = reading.face.box
    return [round(side, 1) for side in (box.x, box.y, box.width, box.height)]


def _rounded_time(picture: Picture) -> float | None:
    return None if picture.time_s is None else round(picture.time_s, 3)
