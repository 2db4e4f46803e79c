"""Frames as time goes by: of a camera that may be pulled out and put back, or of a video at its own pace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from mien.errors import CameraError

if TYPE_CHECKING:
    from mien.types import Frame

RETRY_S = 1.0
"""A camera that was lost is looked for so often."""

LATE_S = 0.1
"""Frames of a video that are later than this are left out."""


def camera_frames(
    open_camera: Callable[[], AbstractContextManager[Iterable[Frame]]], *, wait: Callable[[float], None]
) -> Iterator[Frame | CameraError]:
    """The frames of a camera, without end; while it is lost, the error that says why, again and again.

    Raises that error where there has not been a frame yet.
    """
    started = False
    while True:
        try:
            with open_camera() as frames:
                for frame in frames:
                    started = True
                    yield frame
        except CameraError as error:
            if not started:
                raise
            yield error
        wait(RETRY_S)


def paced(frames: Iterable[Frame], *, clock: Callable[[], float], wait: Callable[[float], None]) -> Iterator[Frame]:
    """The frames of a video as they would be seen: none before its time, and none that is late."""
    offset_s: float | None = None
    for frame in frames:
        if offset_s is None:
            offset_s = clock() - frame.time_s
        early_s = frame.time_s + offset_s - clock()
        if early_s > 0:
            wait(early_s)
        if early_s >= -LATE_S:
            yield frame
