"""Reads the faces in a video, from its beginning or from where an earlier run stopped."""

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
"""How many faces of a video are followed at once; more than live, because a video need not be read in real time."""

_ROUNDING_S = 0.0005


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Where an earlier run on a video stopped.

    Attributes:
        time_s: The time of its last picture, which will be read again.
        faces: The faces in that picture by track id, as far as they were written.
        tracks: The highest track id so far.
        first_s: The times of the first pictures, at most three.
    """

    time_s: float
    faces: dict[int, Box]
    tracks: int
    first_s: tuple[float, ...] = ()


def read_video_faces(
    path: Path, reader: FaceReader, *, every_s: float, resume_point: ResumePoint | None = None
) -> Iterator[Picture]:
    """Yield the pictures of a video with their faces, one at a time in constant memory.

    Args:
        path: The video.
        reader: Reads the faces.
        every_s: The least time between two pictures; 0 for every frame.
        resume_point: Where an earlier run stopped; its track ids are continued. None to read from the beginning.

    Raises:
        ImageError: As ``read_video`` does, or if the earlier run cannot have been on this video, or had another
            interval.
    """
    from mien.capture.camera import read_video, video_duration_s

    duration_s = video_duration_s(path)
    if resume_point is not None:
        _check_fits(path, resume_point, every_s=every_s)
    follower = reader.follow(max_faces=MAX_FACES)
    numbering = FaceNumbering(resume_point)
    start_s = None if resume_point is None else resume_point.time_s - _ROUNDING_S
    any_read = False
    for frame in read_video(path, every_s=every_s or None, start_s=start_s):
        any_read = True
        readings = numbering.numbered(follower.read(frame))
        share = min(1.0, frame.time_s / duration_s) if duration_s else 0.0
        yield Picture(path, frame.time_s, readings, share, frame.index)
    if resume_point is not None and not any_read:
        problem = f"has no picture at {resume_point.time_s} s, where its rows stop"
        raise ImageError(problem, "if the video was replaced, name another file for its rows", subject=path)


def _check_fits(path: Path, resume_point: ResumePoint, *, every_s: float) -> None:
    """Raise ``ImageError`` unless the first pictures of ``path`` have the times that they had in the earlier run.

    The first two of three times are compared: the last one before a stop may differ if the video was incomplete then.
    """
    from mien.capture.camera import read_video

    if len(resume_point.first_s) < 3:
        return
    then, now = resume_point.first_s[:2], list[float]()
    for frame in read_video(path, every_s=every_s or None):
        if (time_s := round(frame.time_s, 3)) not in now:  # only one picture per time has a row
            now.append(time_s)
        if len(now) == len(then):
            break
    if any(abs(one - other) > 2 * _ROUNDING_S for one, other in zip_longest(now, then, fillvalue=math.inf)):
        problem = f"has rows that begin {_times(then)}, but its pictures now begin {_times(now)}"
        remedy = "give the same --every as then, or, if the video was replaced, name another file for its rows"
        raise ImageError(problem, remedy, subject=path)


def _times(times_s: Iterable[float]) -> str:
    return f"at {' and '.join(f'{time_s:g}' for time_s in times_s)} s"


class FaceNumbering:
    """Continues the track ids of an earlier run: faces keep their ids, new faces get new ones."""

    def __init__(self, resume_point: ResumePoint | None) -> None:
        self._resume_point = resume_point
        self._numbers: dict[int, int] = {}
        self._highest = resume_point.tracks if resume_point else 0

    def numbered(self, readings: Iterable[Reading]) -> list[Reading]:
        """The readings of the next picture with continued track ids; the first picture is that of the resume point."""
        readings = list(readings)
        before = dict(self._resume_point.faces) if self._resume_point else {}
        self._resume_point = None
        for reading in readings:
            track = reading.face.track_id
            if track is not None and track not in self._numbers:
                self._numbers[track] = _pop_match(before, reading.face.box) or self._next()
        return [_with_number(reading, self._numbers) for reading in readings]

    def _next(self) -> int:
        self._highest += 1
        return self._highest


def _pop_match(before: dict[int, Box], box: Box) -> int | None:
    """Remove and return the id of the face in ``before`` that overlaps ``box`` most; None if none overlaps enough."""
    from mien.face.detect import OVERLAP_THRESHOLD, overlap

    nearest = max(before, key=lambda number: overlap(before[number], box), default=None)
    if nearest is None or overlap(before[nearest], box) < OVERLAP_THRESHOLD:
        return None
    del before[nearest]
    return nearest


def _with_number(reading: Reading, numbers: dict[int, int]) -> Reading:
    track = reading.face.track_id
    return reading if track is None else replace(reading, face=replace(reading.face, track_id=numbers[track]))
