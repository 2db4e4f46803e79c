"""Says whether anything moved between two pictures, cheaply, so that a still scene need not be read again and again."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image

WIDTH_PX: Final = 80

MOVED_LEVELS: Final = 6
"""Pictures that differ nowhere by so much show the same.

Of 0..255, in a picture of ``WIDTH_PX``, of a frame of 640 by 480: noise of standard deviation 8 reaches 4, through JPEG
too; a face 41 pixels high that shuts its eyes reaches 24, one of 25 pixels 10; a step of one pixel aside 27 and more.
"""


def shrunk(image: Image) -> NDArray[np.uint8]:
    """The green of a picture [height, width, 3], averaged down to [n, ``WIDTH_PX``]; a smaller one keeps its size."""
    height, width = image.shape[:2]
    scale = min(1.0, WIDTH_PX / width)
    size = (round(scale * width), max(1, round(scale * height)))
    return np.asarray(cv2.resize(cv2.extractChannel(image, 1), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def is_still(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether two pictures of ``shrunk`` show the same; those of different sizes do not."""
    return before.shape == after.shape and int(cv2.absdiff(before, after).max()) < MOVED_LEVELS
