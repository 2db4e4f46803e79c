"""Makes the pictures of a video upright and their pixels square, as a video player does."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, cast

import cv2
import numpy as np
from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from mien.types import Image

MAX_STRETCH: Final = 4
"""A greater ratio between the sides of a pixel is a damaged header; no camera or disc has more than 2.7."""

_MATRIX_BYTES: Final = 36


def square_size(width_px: int, height_px: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """The size at which a picture has square pixels; its shorter side is stretched, so no pixel is lost.

    Args:
        width_px: Width as coded.
        height_px: Height as coded.
        pixel_aspect: Width of a pixel divided by its height (FFmpeg's sample aspect ratio); None or 0 if unknown.

    Returns:
        Width and height in pixels; as coded if the ratio is unknown or beyond ``MAX_STRETCH``.
    """
    if not pixel_aspect or not Fraction(1, MAX_STRETCH) <= pixel_aspect <= MAX_STRETCH:
        return width_px, height_px
    if pixel_aspect > 1:
        return round(width_px * pixel_aspect), height_px
    return width_px, round(height_px / pixel_aspect)


def upright_rgb(picture: VideoFrame, *, pixel_aspect: Fraction | None, matrix: NDArray[np.int32] | None) -> Image:
    """A picture as it is meant to be shown.

    Args:
        picture: The decoded picture.
        pixel_aspect: See ``square_size``; it applies before the picture is turned.
        matrix: See ``displayed``; None leaves the picture as it is.

    Returns:
        uint8 [height, width, 3] RGB, contiguous.
    """
    pixels = np.asarray(picture.to_ndarray(format="rgb24"), dtype=np.uint8)
    size = square_size(picture.width, picture.height, pixel_aspect)
    if size != (picture.width, picture.height):
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    if matrix is not None:
        pixels = displayed(pixels, matrix)
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def displayed(pixels: NDArray[np.uint8], matrix: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Turn and mirror a picture by the quarter turns and mirror images of a display matrix.

    Args:
        pixels: uint8 [height, width, 3].
        matrix: int32 [3, 3] as in FFmpeg's libavutil/display.h: a pixel at x, y of the coded picture is shown at
            a x + c y, b x + d y, where the rows of the matrix are a b u, c d v and x y w. Of another angle the nearest
            quarter turn is applied.

    Returns:
        The picture as it is shown, a view.
    """
    (a, b), (c, d) = matrix[:2, :2].tolist()
    if abs(b) + abs(c) > abs(a) + abs(d):
        pixels, right, down = pixels.swapaxes(0, 1), c, b
    else:
        right, down = a, d
    return pixels[:: -1 if down < 0 else 1, :: -1 if right < 0 else 1]


def display_matrix(picture: VideoFrame) -> NDArray[np.int32] | None:
    """The display matrix that a picture comes with, int32 [3, 3] as in ``displayed``; None if there is none.

    Ask once for each stream: PyAV keeps a picture that was asked until the garbage collector finds it.
    """
    side_data = cast("SideDataContainer", picture.side_data)  # PyAV declares a narrower type
    for index in range(len(side_data)):
        data = side_data[index]
        if data.type is Type.DISPLAYMATRIX and memoryview(data).nbytes >= _MATRIX_BYTES:
            return np.frombuffer(memoryview(data)[:_MATRIX_BYTES], dtype=np.int32).reshape(3, 3)
    return None
