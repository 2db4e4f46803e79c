"""Reads frames from webcams and video files: RGB, upright, with square pixels, each with its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mien.capture.video_geometry import display_matrix, square_size, upright_rgb
from mien.errors import CameraError, ImageError, file_remedy
from mien.types import Frame, Image

#: Twice 8K; larger videos are refused.
MAX_PIXELS: Final = 67_000_000

_TOO_BIG: Final = ("is too big for mien", "make the video smaller")

_REORDER_S: Final = 0.25
"""A time that goes back by less belongs to a frame out of order; one that goes back by more, to a restarted clock."""


def read_video(path: Path, *, every_s: float | None = None, start_s: float | None = None) -> Iterator[Frame]:
    """Read the frames of a video file, upright and with square pixels, one by one.

    Times come from the file's own clock and never go back: where that clock restarts, because several recordings were
    joined, the next recording begins one frame after the previous one.

    Args:
        path: The video file.
        every_s: The minimum interval between two frames; frames that follow sooner are left out. None reads all.
        start_s: Leaves out the frames before this time, without decoding all of them if the file is seekable.

    Yields:
        The frames, with ``time_s`` from the beginning of the file.

    Raises:
        ImageError: The file is missing, is not a video or has no picture in it; or, after the frames before that
            point, it is damaged or cut off.
    """
    if every_s is not None and not every_s > 0:  # NaN fails too
        raise ValueError(f"every_s must be above 0, not {every_s}")
    index = 0
    last_s: float | None = None
    pictures = _pictures(path) if start_s is None else _pictures_from(path, start_s)
    for picture in pictures:
        if last_s is not None and every_s is not None and picture.time_s - last_s < every_s * 0.999:
            continue
        yield Frame(
            upright_rgb(picture.coded, pixel_aspect=picture.pixel_aspect, matrix=picture.matrix), index, picture.time_s
        )
        last_s = picture.time_s
        index += 1
    if index == 0 and start_s is None:
        raise ImageError("has no picture in it", "check that the video was copied whole", subject=path)


def video_duration_s(path: Path) -> float | None:
    """The duration in the header of a video; None if it has none. Raises ``ImageError`` as ``read_video`` does."""
    with _opened(path) as (container, stream):
        return _duration_s(container, stream)


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / av.time_base


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture as it is coded, its time, and how it is shown; see ``upright_rgb``."""

    coded: VideoFrame
    time_s: float
    pixel_aspect: Fraction | None
    matrix: NDArray[np.int32] | None


def _pictures(path: Path, *, seek_s: float | None = None) -> Iterator[_Picture]:
    """Every picture with its time; with ``seek_s``, from the keyframe that the file's index gives for that time."""
    with _opened(path) as (container, stream):
        start_s = max(0, container.start_time or 0) / av.time_base
        if seek_s is not None and stream.time_base is not None:
            container.seek(max(0, int((seek_s + start_s) / stream.time_base)), stream=stream)
        clock = _Clock(start_s, stream)
        is_first, matrix = True, None
        end_s: float | None = None
        for packet in container.demux():  # audio too: it may last longer than the pictures
            if packet.pts is not None and packet.time_base is not None:
                end_s = max(end_s or 0.0, float((packet.pts + (packet.duration or 0)) * packet.time_base) - start_s)
            if packet.stream_index != stream.index:
                continue
            for picture in packet.decode():
                if not isinstance(picture, VideoFrame):
                    continue
                aspect = stream.sample_aspect_ratio
                if _is_too_big(picture.width, picture.height, aspect):  # the size may change within the stream
                    raise ImageError(*_TOO_BIG, subject=path)
                if is_first:
                    is_first, matrix = False, display_matrix(picture)
                yield _Picture(picture, clock.time_s(picture), aspect, matrix)
        duration_s = _duration_s(container, stream)
        if end_s is not None and duration_s is not None and duration_s - end_s > 1 + duration_s / 50:
            raise ImageError(
                f"should last {duration_s:.1f} s, but ends after {end_s:.1f} s",
                "if it was cut off, copy it again from the original",
                subject=path,
            )


def _pictures_from(path: Path, start_s: float) -> Iterator[_Picture]:
    """The pictures from ``start_s`` on."""
    sought = _pictures(path, seek_s=start_s)
    first = None
    if _is_seekable(path):
        with suppress(ImageError):
            first = next(sought, None)
    # If the index is missing or wrong, everything is decoded from the beginning.
    found = first is not None and first.coded.pts is not None and first.time_s <= start_s
    pictures = sought if found else _pictures(path)
    if found and first is not None and first.time_s == start_s:
        yield first
    yield from (picture for picture in pictures if picture.time_s >= start_s)


def _is_seekable(path: Path) -> bool:
    """Whether each time occurs once in the file, because its clock never goes back. Reads the file without decoding."""
    with _opened(path) as (container, stream):
        last: int | None = None
        for packet in container.demux(stream):
            if packet.dts is None:
                continue
            if last is not None and packet.dts < last:
                return False
            last = packet.dts
    return True


class _Clock:
    """The times of a stream's pictures, counted from ``start_s`` of its own clock; they never go back."""

    def __init__(self, start_s: float, stream: VideoStream) -> None:
        self._offset_s = -start_s
        self._step_s = float(1 / stream.average_rate) if stream.average_rate else 0.0
        self._last_s: float | None = None

    def time_s(self, picture: VideoFrame) -> float:
        """The time of the next picture, in seconds."""
        last_s = self._last_s
        if picture.time is None:
            now_s = 0.0 if last_s is None else last_s + self._step_s
        else:
            now_s = float(picture.time) + self._offset_s
        if last_s is not None and now_s < last_s:
            if last_s - now_s < _REORDER_S:
                now_s = last_s
            else:
                self._offset_s += last_s + self._step_s - now_s
                now_s = last_s + self._step_s
        self._last_s = now_s
        return now_s


def _is_too_big(width_px: int, height_px: int, pixel_aspect: Fraction | None) -> bool:
    square_width_px, square_height_px = square_size(width_px, height_px, pixel_aspect)
    return square_width_px * square_height_px > MAX_PIXELS


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # opening a pipe would block
            raise ImageError("is not a file", "name a video", subject=path)
        path.open("rb").close()  # raises the system's error for a bad path
        # A playlist disguised as a video must not make us fetch what it lists.
        with av.open(str(path.absolute()), options={"protocol_whitelist": "file"}) as container:
            # An album cover is a video stream with one picture.
            films = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
            if not films:
                raise ImageError("has no picture in it, only sound", "choose a video", subject=path)
            stream = films[0]
            if _is_too_big(stream.codec_context.width, stream.codec_context.height, stream.sample_aspect_ratio):
                raise ImageError(*_TOO_BIG, subject=path)
            stream.thread_type = "AUTO"
            yield container, stream
    except (av.FFmpegError, ValueError) as error:
        raise ImageError("is damaged or is not a video", "copy it again from the original", subject=path) from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ImageError(f"cannot be opened: {reason}", file_remedy(error), subject=path) from error


class VideoDevice(Protocol):
    """The part of ``cv2.VideoCapture`` that a webcam needs."""

    def isOpened(self) -> bool: ...  # noqa: N802, D102
    def set(self, propId: int, value: float) -> bool: ...  # noqa: N803, D102
    def read(self) -> tuple[bool, Any]: ...  # noqa: D102
    def release(self) -> None: ...  # noqa: D102


class Webcam:
    """A camera of this machine, as a context manager that iterates over its frames.

    Entering and iterating raise ``CameraError`` if the camera is missing, refused, in use or unplugged.

    Args:
        index: The number of the camera.
        width_px: The requested width; the camera uses the nearest that it supports.
        height_px: The requested height.
        clock: Gives the ``time_s`` of each frame, in seconds.
        open_device: Opens the camera of an index.
    """

    def __init__(
        self,
        index: int = 0,
        *,
        width_px: int = 640,
        height_px: int = 480,
        clock: Callable[[], float] = time.monotonic,
        open_device: Callable[[int], VideoDevice] = cv2.VideoCapture,
    ) -> None:
        self._index = index
        self._width_px = width_px
        self._height_px = height_px
        self._clock = clock
        self._open_device = open_device
        self._device: VideoDevice | None = None

    def __enter__(self) -> Self:
        with _quiet_opencv():
            device = self._open_device(self._index)
        if not device.isOpened():
            device.release()
            raise CameraError(*_refusal(self._index))
        device.set(cv2.CAP_PROP_FRAME_WIDTH, self._width_px)
        device.set(cv2.CAP_PROP_FRAME_HEIGHT, self._height_px)
        device.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the latest frame, not a queue of old ones
        self._device = device
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._device is not None:
            self._device.release()
            self._device = None

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while self._device is not None:
            works, pixels = self._device.read()
            time_s = self._clock()
            if not works or pixels is None:
                raise CameraError(*_silence(self._index, index))
            yield Frame(_rgb(pixels), index, time_s)
            index += 1


def _rgb(pixels: NDArray[np.uint8]) -> Image:
    code = cv2.COLOR_GRAY2RGB if pixels.ndim == 2 else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)


def _refusal(index: int) -> tuple[str, str]:
    """The problem and the remedy of a camera that cannot be opened."""
    node = Path(f"/dev/video{index}")
    if sys.platform == "linux" and not node.exists():
        return f"there is no camera {index}", "plug one in"
    return f"camera {index} cannot be opened", "close other programs that use it and allow mien to see it"


def _silence(index: int, frames: int) -> tuple[str, str]:
    """The problem and the remedy of a camera that gives no frame after this many."""
    if frames == 0:
        return f"camera {index} gives no picture", "close other programs that use it"
    return f"camera {index} stopped", "plug it in again"


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """Suppress OpenCV's own messages about a missing camera."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
