"""Measures how well a face can be read, what the user could do about it, and whether the camera is covered.

Each defect is measured, and a ramp turns the measure into a factor: 1 if it does no harm, 0 if the reading is useless.
The score is the product of the factors; the hint belongs to the smallest. The measurements behind the ramps are in
``docs/decisions/0015-reading-quality.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Box, HeadPose, Hint, Image, Quality

#: The smallest factor below which a hint is given.
HINT_BELOW: Final = 0.6

#: Faces are scaled to this width; blur that does not show then does no harm.
FACE_PX: Final = 53
#: The share of the box that is measured, in each direction: the rest may be hair or a window behind the face.
CENTRE: Final = 0.7
#: Differences between neighbouring pixels are compared with those over this distance: a quarter of them in a blur.
LONG_STEP_PX: Final = 4
CLIPPED_LUMA: Final = 250

#: A frame is reduced to this many tiles; a covered camera shows no edges and little light. The smallest edge (second
#: difference of the tiles' luma) in 27 photographs is 129, in a fifth of their light 26; noise of 12 alone gives 10.
TILES: Final = (16, 12)
COVERED_EDGE: Final = 20.0
COVERED_LUMA: Final = 110.0


@dataclass(frozen=True, slots=True)
class Ramp:
    """A factor that falls from 1 at ``good`` to 0 at ``useless``."""

    good: float
    useless: float

    def __call__(self, value: float) -> float:
        """The factor, 0..1, for a measure."""
        return min(1.0, max(0.0, (value - self.useless) / (self.good - self.useless)))


#: The 95th percentile of the face's luma, 0..255.
LIGHT: Final = Ramp(good=48, useless=12)
#: The share of the face that is clipped to white, 0..1.
GLARE: Final = Ramp(good=0.25, useless=1.0)
#: The side of a square with the area of the face's box, in pixels.
SIZE: Final = Ramp(good=42, useless=16)
#: The share of the mesh inside the image, 0..1.
INSIDE: Final = Ramp(good=0.95, useless=0.65)
#: The angle between the head's direction and the camera's, in degrees; its factor is smoothed.
TURN: Final = Ramp(good=18, useless=50)
#: The ratio of short to long differences of luma, in the direction with the smaller ratio.
SHARPNESS: Final = Ramp(good=0.33, useless=0.265)


def measure_quality(image: Image, landmarks: NDArray[np.float32], box: Box, head_pose: HeadPose) -> Quality:
    """Measure how well a face can be read; takes 0.1 to 0.2 ms.

    Args:
        image: uint8 [height, width, 3] RGB.
        landmarks: The mesh of the face, float32 [478, 3], in pixels.
        box: The box of the face.
        head_pose: How the head is turned.

    Returns:
        The score, and the hint for the worst defect, if it is bad enough.
    """
    luma = _centre(image, box)
    if luma is None:
        return Quality(0.0, Hint.CUT_OFF)
    factors = {
        Hint.TOO_DARK: LIGHT(_brightest(luma)),
        Hint.TOO_BRIGHT: GLARE(float((luma >= CLIPPED_LUMA).mean())),
        Hint.TOO_FAR: SIZE(math.sqrt(box.area_px)),
        Hint.CUT_OFF: INSIDE(_share_inside(landmarks, image)),
        Hint.TURNED_AWAY: turn_factor(head_pose),
        Hint.BLURRED: SHARPNESS(_sharpness(luma)),
    }
    worst = min(factors, key=factors.__getitem__)
    return Quality(math.prod(factors.values()), worst if factors[worst] < HINT_BELOW else None)


def is_covered(image: Image) -> bool:
    """Whether the camera is covered: nothing in the image (uint8 [height, width, 3] RGB) is bright or has edges.

    Only green is used, because light through a finger is red. A dark, empty wall looks the same, so this is meant for
    frames without a face.
    """
    step = max(1, min(image.shape[:2]) // 120)
    tiles = cv2.resize(np.ascontiguousarray(image[::step, ::step, 1]), TILES, interpolation=cv2.INTER_AREA)
    levels = tiles.astype(np.float32)
    edge = max(float(np.abs(np.diff(levels, n=2, axis=axis)).max()) for axis in (0, 1))
    return bool(edge < COVERED_EDGE and levels.mean() < COVERED_LUMA)


def turn_factor(head_pose: HeadPose) -> float:
    """The factor, 0..1, for a turned head: it falls without a step or a kink as yaw or pitch grow."""
    share = TURN(head_pose.away_deg)
    return share * share * (3 - 2 * share)


def _centre(image: Image, box: Box) -> NDArray[np.uint8] | None:
    """The luma of the middle of ``box``, scaled to ``FACE_PX``; None if almost none of it is in the image."""
    height, width = image.shape[:2]
    margin = (1 - CENTRE) / 2
    left, right = (round(box.x + share * box.width) for share in (margin, 1 - margin))
    top, bottom = (round(box.y + share * box.height) for share in (margin, 1 - margin))
    left, right, top, bottom = max(0, left), min(width, right), max(0, top), min(height, bottom)
    scale = FACE_PX / max(box.width, 1.0)
    size = (round(scale * (right - left)), round(scale * (bottom - top)))
    if right <= left or bottom <= top or min(size) <= 2 * LONG_STEP_PX:
        return None
    step = max(1, int(0.5 / scale))
    part = image[top:bottom:step, left:right:step]
    shrinks = part.shape[0] > size[1] and part.shape[1] > size[0]
    scaled = cv2.resize(part, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def _brightest(luma: NDArray[np.uint8]) -> float:
    """The 95th percentile, which depends less on hair, beard and skin than the mean."""
    return float(np.sort(luma, axis=None)[int(0.95 * luma.size)])


def _share_inside(landmarks: NDArray[np.float32], image: Image) -> float:
    height, width = image.shape[:2]
    x, y = landmarks[:, 0], landmarks[:, 1]
    return float(((x >= 0) & (x < width) & (y >= 0) & (y < height)).mean())


def _sharpness(luma: NDArray[np.uint8]) -> float:
    """The steepness of edges, independent of contrast: 0.25 for a complete blur, about 0.4 in a sharp photograph."""
    levels = luma.astype(np.float32)
    ratios = []
    for picture in (levels, levels.T):
        short = float((picture[1:] - picture[:-1]).std())
        long = float((picture[LONG_STEP_PX:] - picture[:-LONG_STEP_PX]).std())
        ratios.append(short / long if long > 0 else 0.0)
    return min(ratios)
