"""Cuts a rotated and scaled square out of an image, without aliasing."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image

LARGEST_PX: Final = 4096
"""The maximum size of the intermediate square that is averaged down, unless twice the image is larger."""


def cut(
    image: Image, transform: NDArray[np.float32], size_px: int, *, repeat_edge: bool, gray: bool = False
) -> NDArray[np.uint8]:
    """Cut a square out of an image.

    If the image has to be reduced, the square is cut at the nearest integer multiple of its size and averaged down.

    Args:
        image: uint8 [height, width, 3] RGB.
        transform: The similarity from image to square, float [2, 3]; integer coordinates are pixel centers.
        size_px: The side of the square.
        repeat_edge: Whether the outermost pixels are repeated beyond the border of the image; else it is black.
        gray: Whether to return the luma of ITU-R BT.601, in half the time.

    Returns:
        uint8 [size_px, size_px, 3], or [size_px, size_px] if gray.
    """
    part, shift = _surroundings(image, transform, size_px)
    if gray:
        part = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    # For a square far larger than the image, a larger multiple would add no detail, and need unbounded memory.
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
    """The part of the image that contains the square, and its top left corner, x and y.

    OpenCV 4 warps no image of more than 32,766 pixels a side, however small the square.
    """
    # A similarity scales all directions equally, so that the inverse image of a square is a square.
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
