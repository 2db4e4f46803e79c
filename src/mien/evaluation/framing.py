"""Puts a tight crop of a face into a webcam's frame, so that the whole reader can be measured on FER2013.

Classifiers are scored on the crops of FER2013, but a camera delivers whole frames. In mien the classifier comes after
detection, mesh and alignment; the frames made here go through all of them.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image

CROP_PX: Final = 48
FACE_PX: Final = 192
WIDTH_PX: Final = 640
HEIGHT_PX: Final = 480
GRAY: Final = 128

LEFT_PX: Final = (WIDTH_PX - FACE_PX) // 2
TOP_PX: Final = (HEIGHT_PX - FACE_PX) // 2


def framed(crop: NDArray[np.uint8]) -> Image:
    """``crop`` (gray uint8 [48, 48]) as a frame uint8 [480, 640, 3]: four times as large, in the middle, on gray.

    Enlarged by cubic interpolation; the rest of the frame is a plain 128. ``ValueError`` on any other array.
    """
    if not isinstance(crop, np.ndarray) or crop.dtype != np.uint8 or crop.shape != (CROP_PX, CROP_PX):
        found = f"{crop.dtype} {list(crop.shape)}" if isinstance(crop, np.ndarray) else type(crop).__name__
        raise ValueError(f"a crop must be gray uint8 [{CROP_PX}, {CROP_PX}], not {found}")
    frame = np.full((HEIGHT_PX, WIDTH_PX, 3), GRAY, dtype=np.uint8)
    large = cv2.resize(crop, (FACE_PX, FACE_PX), interpolation=cv2.INTER_CUBIC)
    frame[TOP_PX : TOP_PX + FACE_PX, LEFT_PX : LEFT_PX + FACE_PX] = large[..., None]
    return frame
