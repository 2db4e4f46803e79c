"""Looks at a video from its beginning, or on from the place where an earlier look was stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.pictures import Picture

if TYPE_CHECKING:
    from mien.face.reader import FaceReader
    from mien.types import Box, Reading

MAX_FACES = 16
"""So many faces of a video are followed at once; nobody waits for a video as for a live picture."""

_ROUNDING_S = 0.0005


@dataclass(frozen=True, slots=True)
class Stop:
    """Where an earlier look at a video stopped: its last picture at ``time_s``, which is to be looked at again.

    ``faces`` in it by track, as far as they were written; ``tracks`` is the highest number that was given to a face.
    """

    time_s: float
    faces: dict[int, Box]
    tracks: int


def look_at(path: Path, reader: FaceReader, *, every_s: float, stop: Stop | None = None) -> Iterator[Picture]:
    """Pictures of a video, with at least ``every_s`` between them (0: all), one by one; memory does not grow with them.

    A person keeps the number of their face, also beyond ``stop``. Raises ``ImageError`` as ``read_video`` does.
    """
    from mien.camera import read_video, video_duration_s

    duration_s = video_duration_s(path)
    follower = reader.follow(max_faces=MAX_FACES)
    numbering = Numbering(stop)
    start_s = None if stop is None else stop.time_s - _ROUNDING_S
    for frame in read_video(path, every_s=every_s or None, start_s=start_s):
        readings = numbering.numbered(follower.read(frame))
        yield Picture(path, frame.time_s, readings, min(1.0, frame.time_s / duration_s) if duration_s else 0.0)


class Numbering:
    """Gives faces the numbers that they had before a stop; those that were not seen then get new ones."""

    def __init__(self, stop: Stop | None) -> None:
        self._stop = stop
        self._numbers: dict[int, int] = {}
        self._highest = stop.tracks if stop else 0

    def numbered(self, readings: Iterable[Reading]) -> list[Reading]:
        """The readings of the next picture with their faces' numbers; the first is the one that was stopped at."""
        readings = list(readings)
        before = dict(self._stop.faces) if self._stop else {}
        self._stop = None
        for reading in readings:
            track = reading.face.track_id
            if track is not None and track not in self._numbers:
                self._numbers[track] = _taken_over(before, reading.face.box) or self._next()
        return [_with_number(reading, self._numbers) for reading in readings]

    def _next(self) -> int:
        self._highest += 1
        return self._highest


def _taken_over(before: dict[int, Box], box: Box) -> int | None:
    """The number of the face that was where ``box`` is, which is then no longer free."""
    from mien.face.detect import OVERLAP_THRESHOLD, overlap

    nearest = max(before, key=lambda number: overlap(before[number], box), default=None)
    if nearest is None or overlap(before[nearest], box) < OVERLAP_THRESHOLD:
        return None
    del before[nearest]
    return nearest


def _with_number(reading: Reading, numbers: dict[int, int]) -> Reading:
    track = reading.face.track_id
    return reading if track is None else replace(reading, face=replace(reading.face, track_id=numbers[track]))
