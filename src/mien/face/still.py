"""Detects cheaply whether anything moved between two frames, so that a still scene is not read again and again."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image

WIDTH_PX: Final = 80

MOVED_LEVELS: Final = 6
"""Two shrunk frames are equal if they differ by less than this everywhere, on a scale of 0..255.

For frames of 640 by 480: noise of standard deviation 8 reaches 4, also after JPEG; a face 41 pixels high that shuts its
eyes reaches 24, one of 25 pixels 10; a shift by one pixel 27 or more.
"""


def shrink(image: Image) -> NDArray[np.uint8]:
    """The green channel of an image [height, width, 3], averaged down to [n, ``WIDTH_PX``] if it is wider."""
    height, width = image.shape[:2]
    scale = min(1.0, WIDTH_PX / width)
    size = (round(scale * width), max(1, round(scale * height)))
    return np.asarray(cv2.resize(cv2.extractChannel(image, 1), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def is_still(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether nothing moved between two results of ``shrink``; False if their sizes differ."""
    return before.shape == after.shape and int(cv2.absdiff(before, after).max()) < MOVED_LEVELS
