"""Picks the points of the face mesh that the page draws as lines over the video."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mien.types import Face

CONTOURS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "oval": (
            *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
            *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
        ),
        "left_brow": (300, 293, 334, 296, 336),
        "right_brow": (70, 63, 105, 66, 107),
        "left_eye": (263, 390, 374, 381, 362, 384, 386, 388, 263),
        "right_eye": (33, 163, 145, 154, 133, 157, 159, 161, 33),
        "nose": (168, 6, 197, 195, 5, 4),
        "lips_outer": (
            *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
            *(409, 270, 269, 267, 0, 37, 39, 40, 185, 61),
        ),
        "lips_inner": (78, 88, 87, 317, 318, 308, 310, 312, 82, 80, 78),
    }
)
"""Polylines over MediaPipe's 478 mesh points. A closed line repeats its first point; left is the person's left."""


def contours_of(face: Face) -> dict[str, list[list[float]]]:
    """The points ``[x, y]`` of each line, in pixels of the frame, rounded to a tenth."""
    points = face.landmarks[:, :2].astype(float).round(1)
    return {name: points[list(indices)].tolist() for name, indices in CONTOURS.items()}
