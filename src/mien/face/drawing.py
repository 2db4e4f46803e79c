"""Tells whether a face in a still picture is probably drawn: an emoji, a cartoon, a mask in one colour.

The networks were trained on photographs and take many drawings for faces. Two measures tell them apart: large areas of
a drawing have one colour, which skin in a photograph never has, and the verifier is less sure of it than of a
photographed face. ``benchmarks/drawings.py`` measures how often that is right.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from mien.types import Box, Image

DRAWN_FLAT_SHARE: Final = 0.65
"""The share of flat pixels from which a face is drawn, whatever the verifier says."""

FLAT_SHARE: Final = 0.25
"""The share from which it is drawn if the verifier is not sure. In photographs the share is below 0.15."""

DRAWN_LOGIT: Final = 25.0
"""The verifier's logit below which it is not sure enough; for photographs the logit is about 45."""

_FACE_PX: Final = 64
_MARGIN: Final = 0.15
_STEP: Final = 1.5
_DARK, _BRIGHT = 6, 248
_MIN_RANGE: Final = 60
_MIN_PX: Final = 8


def flat_share(image: Image, box: Box) -> float:
    """Measure how much of a face has one colour; takes 0.1 ms.

    Args:
        image: uint8 [height, width, 3] RGB.
        box: The box of the face.

    Returns:
        The share, 0..1, of the pixels in the middle of the box, reduced to 64 pixels across, whose luma is within 1.5
        of those to the right and below. Clipped pixels do not count, since overexposed skin has them; 0 if the face is
        too small, too dark or too even for a measure.
    """
    height, width = image.shape[:2]
    left, right = (round(box.x + share * box.width) for share in (_MARGIN, 1 - _MARGIN))
    top, bottom = (round(box.y + share * box.height) for share in (_MARGIN, 1 - _MARGIN))
    part = image[max(0, top) : max(0, min(height, bottom)), max(0, left) : max(0, min(width, right))]
    if min(part.shape[:2]) < _MIN_PX:
        return 0.0
    scale = _FACE_PX / max(box.width, 1.0)
    if scale < 1:
        size = (max(_MIN_PX, round(part.shape[1] * scale)), max(_MIN_PX, round(part.shape[0] * scale)))
        part = np.asarray(cv2.resize(np.ascontiguousarray(part), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    luma = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY).astype(np.float32)
    low, high = np.quantile(luma, (0.02, 0.98))
    if high - low < _MIN_RANGE:
        return 0.0
    across, down = np.abs(luma[:-1, 1:] - luma[:-1, :-1]), np.abs(luma[1:, :-1] - luma[:-1, :-1])
    counted = (luma[:-1, :-1] > _DARK) & (luma[:-1, :-1] < _BRIGHT)
    return float(((np.maximum(across, down) < _STEP) & counted).sum() / max(1, counted.sum()))
