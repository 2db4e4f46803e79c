"""Cuts a turned and scaled square out of a picture, without aliasing."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image


def cut(image: Image, transform: NDArray[np.float32], size_px: int, *, repeat_edge: bool) -> Image:
    """The square that ``transform`` maps onto ``size_px`` by ``size_px`` pixels, uint8 [size_px, size_px, 3].

    ``transform`` float [2, 3] is a similarity from points of the picture to points of the square; in both, whole
    numbers lie in the middle of a pixel. Beyond the picture's border its outermost pixels are repeated, or all is
    black. Where the square has to shrink, it is cut at the nearest whole multiple of its size and averaged down.
    """
    part, shift = _surroundings(image, transform, size_px)
    factor = max(1, round(1 / math.hypot(transform[0, 0], transform[1, 0])))
    enlarged = transform.astype(np.float64) * factor
    enlarged[:, 2] += enlarged[:, :2] @ shift + (factor - 1) / 2
    side_px = size_px * factor
    border = cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_CONSTANT
    square = cv2.warpAffine(part, enlarged, (side_px, side_px), flags=cv2.INTER_LINEAR, borderMode=border)
    if factor > 1:
        square = cv2.resize(square, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return np.asarray(square, dtype=np.uint8)


def _surroundings(image: Image, transform: NDArray[np.float32], size_px: int) -> tuple[Image, NDArray[np.intp]]:
    """The part of ``image`` that a square is cut from, and where it starts, x and y.

    OpenCV 4 warps no picture of more than 32,766 pixels a side, however small the part that it is asked for.
    """
    corners = np.array([[-1, -1], [size_px, -1], [-1, size_px], [size_px, size_px]])
    reach = (corners - transform[:, 2]) @ np.linalg.inv(transform[:, :2]).T
    last = np.array(image.shape[1::-1]) - 1
    low = np.clip(np.floor(reach.min(axis=0)) - 1, 0, last).astype(np.intp)
    high = np.clip(np.ceil(reach.max(axis=0)) + 1, 0, last).astype(np.intp)
    return image[low[1] : high[1] + 1, low[0] : high[0] + 1], low
