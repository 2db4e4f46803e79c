"""Looks at a video from its beginning, or on from the place where an earlier look was stopped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.faces.pictures import Picture
from mien.errors import ImageError

if TYPE_CHECKING:
    from mien.face.reader import FaceReader
    from mien.types import Box, Reading

MAX_FACES = 16
"""So many faces of a video are followed at once; nobody waits for a video as for a live picture."""

_ROUNDING_S = 0.0005


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Where an earlier look at a video stopped: its last picture at ``time_s``, which is to be looked at again.

    ``faces`` in it by track, as far as they were written; ``tracks`` is the highest number that was given to a face.
    ``first_s`` are the times of the first pictures, at most three.
    """

    time_s: float
    faces: dict[int, Box]
    tracks: int
    first_s: tuple[float, ...] = ()


def look_at(path: Path, reader: FaceReader, *, every_s: float, stop: ResumePoint | None = None) -> Iterator[Picture]:
    """Pictures of a video, with at least ``every_s`` between them (0: all), one by one; memory does not grow with them.

    A person keeps the number of their face, also beyond ``stop``. Raises ``ImageError`` as ``read_video`` does, and
    where the earlier look cannot have been at this video, or was as often.
    """
    from mien.capture.camera import read_video, video_duration_s

    duration_s = video_duration_s(path)
    if stop is not None:
        _check_fits(path, stop, every_s=every_s)
    follower = reader.follow(max_faces=MAX_FACES)
    numbering = FaceNumbering(stop)
    start_s = None if stop is None else stop.time_s - _ROUNDING_S
    looked = False
    for frame in read_video(path, every_s=every_s or None, start_s=start_s):
        looked = True
        readings = numbering.numbered(follower.read(frame))
        yield Picture(path, frame.time_s, readings, min(1.0, frame.time_s / duration_s) if duration_s else 0.0)
    if stop is not None and not looked:
        raise ImageError(
            f"{path.name} has no picture at {stop.time_s} s, where its rows stop; "
            "if the video was replaced, name another file for its rows"
        )


def _check_fits(path: Path, stop: ResumePoint, *, every_s: float) -> None:
    """Raise ``ImageError`` unless looks at ``path`` would begin as those before ``stop`` did.

    Two looks of three are compared: the last before a stop may have been off, where the video was cut off then.
    """
    from mien.capture.camera import read_video

    if len(stop.first_s) < 3:
        return
    then, now = stop.first_s[:2], list[float]()
    for frame in read_video(path, every_s=every_s or None):
        if (time_s := round(frame.time_s, 3)) not in now:  # of two at one time, one has a row
            now.append(time_s)
        if len(now) == len(then):
            break
    if any(abs(one - other) > 2 * _ROUNDING_S for one, other in zip_longest(now, then, fillvalue=math.inf)):
        raise ImageError(
            f"{path.name} has rows that begin {_times(then)}, but looks at it would now begin {_times(now)}; "
            "say --every as you did then, or, if the video was replaced, name another file for its rows"
        )


def _times(times_s: Iterable[float]) -> str:
    return f"at {' and '.join(f'{time_s:g}' for time_s in times_s)} s"


class FaceNumbering:
    """Gives faces the numbers that they had before a stop; those that were not seen then get new ones."""

    def __init__(self, stop: ResumePoint | None) -> None:
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
