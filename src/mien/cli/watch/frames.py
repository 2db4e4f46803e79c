"""Frames in real time: of a camera that may be unplugged and come back, or of a video at its own pace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from mien.errors import CameraError

if TYPE_CHECKING:
    from mien.types import Frame

RETRY_S = 1.0
"""The interval between attempts to reopen a lost camera."""

LATE_S = 0.1
"""Frames of a video that are later than this are dropped."""

SHOWN_S = 0.5
"""If all frames within this time are late, the next one is shown and the schedule starts again from it."""

JUMP_S = 5.0
"""A longer step from one frame to the next is a jump of the video's clock, and so is any step back."""


def camera_frames(
    open_camera: Callable[[], AbstractContextManager[Iterable[Frame]]], *, wait: Callable[[float], None]
) -> Iterator[Frame | CameraError]:
    """Yield the frames of a camera endlessly; while it is lost, yield the error of every attempt to reopen it.

    Raises:
        CameraError: If the camera fails before its first frame.
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
    """Yield the frames of a video in real time: none before its time, and none that is late.

    A video that takes longer to decode than to play is shown as fast as it is decoded, and one whose clock jumps
    continues at once.

    Args:
        frames: The frames of the video.
        clock: The time in s.
        wait: Waits for the given seconds; called for every frame, with 0 for those that are due.
    """
    offset_s = shown_s = 0.0
    last_s: float | None = None
    for frame in frames:
        now_s = clock()
        jumped = last_s is None or not 0 <= frame.time_s - last_s <= JUMP_S
        late_s = now_s - frame.time_s - offset_s
        if jumped or (late_s > LATE_S and now_s - shown_s >= SHOWN_S):
            offset_s, late_s = now_s - frame.time_s, 0.0
        last_s = frame.time_s
        wait(max(0.0, -late_s))
        if late_s <= LATE_S:
            yield frame
            shown_s = clock()
