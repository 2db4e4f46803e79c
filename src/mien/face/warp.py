"""Cuts a turned and scaled square out of a picture, without aliasing."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image

LARGEST_PX: Final = 4096
"""A square is cut this large at most before it is averaged down, or twice as large as the picture."""


def cut(
    image: Image, transform: NDArray[np.float32], size_px: int, *, repeat_edge: bool, gray: bool = False
) -> NDArray[np.uint8]:
    """The square that ``transform`` maps onto ``size_px`` by ``size_px`` pixels, uint8 [size_px, size_px, 3].

    ``transform`` float [2, 3] is a similarity from points of the picture to points of the square; in both, whole
    numbers lie in the middle of a pixel. Beyond the picture's border its outermost pixels are repeated, or all is
    black. Where the square has to shrink, it is cut at the nearest whole multiple of its size and averaged down.
    In ``gray``, the luma of ITU-R BT.601, it is uint8 [size_px, size_px], and takes half the time.
    """
    part, shift = _surroundings(image, transform, size_px)
    if gray:
        part = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    # Of a square far larger than the picture finer steps would show no more, and take memory without end.
    finest = math.ceil(max(LARGEST_PX, 2 * max(image.shape[:2])) / size_px)
    factor = min(finest, max(1, round(1 / math.hypot(transform[0, 0], transform[1, 0]))))
    enlarged = transform.astype(np.float64) * factor
    enlarged[:, 2] += enlarged[:, :2] @ shift + (factor - 1) / 2
    side_px = size_px * factor
    border = cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_CONSTANT
    square = cv2.warpAffine(part, enlarged, (side_px, side_px), flags=cv2.INTER_LINEAR, borderMode=border)
    if factor > 1:
        square = cv2.resize(square, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return np.asarray(square, dtype=np.uint8)


def _surroundings(image: Image, transform: NDArray[np.float32], size_px: int) -> tuple[Image, tuple[int, int]]:
    """The part of ``image`` that a square is cut from, and where it starts, x and y.

    OpenCV 4 warps no picture of more than 32,766 pixels a side, however small the part that it is asked for.
    """
    # A similarity stretches every direction alike, so that a square becomes a square.
    scale_cosine, scale_sine = float(transform[0, 0]), float(transform[1, 0])
    squared = scale_cosine * scale_cosine + scale_sine * scale_sine
    cosine, sine = scale_cosine / squared, -scale_sine / squared
    shift_x, shift_y = float(transform[0, 2]), float(transform[1, 2])
    xs, ys = [], []
    for x in (-1 - shift_x, size_px - shift_x):
        for y in (-1 - shift_y, size_px - shift_y):
            xs.append(cosine * x - sine * y)
            ys.append(sine * x + cosine * y)
    bottom, right = image.shape[0] - 1, image.shape[1] - 1
    left, right = (_between(edge, right) for edge in (math.floor(min(xs)) - 1, math.ceil(max(xs)) + 1))
    top, bottom = (_between(edge, bottom) for edge in (math.floor(min(ys)) - 1, math.ceil(max(ys)) + 1))
    return image[top : bottom + 1, left : right + 1], (left, top)


def _between(pixel: int, last: int) -> int:
    return min(last, max(0, pixel))
