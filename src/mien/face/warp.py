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
    shrink = 1 / math.hypot(transform[0, 0], transform[1, 0])
    factor = max(1, round(shrink))
    enlarged = transform * factor
    enlarged[:, 2] += (factor - 1) / 2
    side_px = size_px * factor
    border = cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_CONSTANT
    square = cv2.warpAffine(image, enlarged, (side_px, side_px), flags=cv2.INTER_LINEAR, borderMode=border)
    if factor > 1:
        square = cv2.resize(square, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return np.asarray(square, dtype=np.uint8)
