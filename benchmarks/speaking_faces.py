"""Makes a photographed face speak, smile, gape or frown: the pixels follow the moved points of its mesh.

The picture is divided into the Delaunay triangles of the mesh and warped affinely within each (Goshtasby 1986, Pattern
Recognition 19, 459-466). Lengths are in units of the height of the face, from forehead to chin.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image

FOREHEAD, CHIN = 10, 152
EYE_CORNERS: Final = (33, 263)
MOUTH_CORNERS: Final = (61, 291)
UPPER_LIP: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
"""The inner contours of the lips, from corner to corner."""

LOWER_OUTER_LIP: Final = (146, 91, 181, 84, 17, 314, 405, 321, 375)
BROWS: Final = (70, 63, 105, 66, 107, 46, 53, 52, 65, 55, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285)

_CAVITY: Final = (45, 18, 20)
_TEETH: Final = (205, 195, 185)
_TEETH_GAP_PX: Final = 3.0


@dataclass(frozen=True, slots=True)
class FacialPose:
    """How far the parts of a face are moved from where they are in the picture.

    Attributes:
        jaw: Opening of the mouth, 0 (as pictured) to 1 (wide open).
        wide: The corners of the mouth outwards, or inwards as in "oo" if negative; -1..1.
        smile: The corners of the mouth up and out, or down if negative; -1..1.
        brows: The brows up, or down and together if negative; -1..1.
    """

    jaw: float = 0.0
    wide: float = 0.0
    smile: float = 0.0
    brows: float = 0.0


class FaceWarp:
    """One photographed face that can be moved.

    Args:
        picture: uint8 [height, width, 3] RGB.
        landmarks: The mesh of the face, float32 [478, 3] in pixels.
    """

    def __init__(self, picture: Image, landmarks: NDArray[np.float32]) -> None:
        self._picture = picture
        mesh = landmarks[:, :2].astype(np.float64)
        self._height_px = float(np.linalg.norm(mesh[CHIN] - mesh[FOREHEAD]))
        right = mesh[EYE_CORNERS[1]] - mesh[EYE_CORNERS[0]]
        self._right = right / np.linalg.norm(right)
        self._down = np.array([-self._right[1], self._right[0]])
        # Two rings that do not move keep the background in its place.
        middle = mesh.mean(axis=0)
        ring = np.array(
            [(math.cos(angle), math.sin(angle)) for angle in np.linspace(0, 2 * math.pi, 24, endpoint=False)]
        )
        rings = [middle + reach * self._height_px * ring for reach in (0.85, 1.0)]
        self._points = np.concatenate([mesh, *rings]).astype(np.float32)
        self._low = np.floor(self._points.min(axis=0)).astype(int)
        self._size = np.ceil(self._points.max(axis=0)).astype(int) - self._low + 1
        self._points -= self._low.astype(np.float32)
        self._triangles = _triangles(self._points, self._size)

    def posed(self, pose: FacialPose) -> Image:
        """The picture with the face moved, uint8 [height, width, 3]."""
        target = self._points.copy()
        target[:478] += self._shifts(pose).astype(np.float32)
        width_px, height_px = int(self._size[0]), int(self._size[1])
        owner = np.full((height_px, width_px), -1, np.int32)
        for index, triangle in enumerate(self._triangles):
            cv2.fillConvexPoly(owner, np.round(target[triangle] * 16).astype(np.int32), index, shift=4)
        columns, rows = np.meshgrid(np.arange(width_px, dtype=np.float64), np.arange(height_px, dtype=np.float64))
        affine = _affines(target[self._triangles], self._points[self._triangles])[owner]
        source = affine[..., 0] * columns[..., None] + affine[..., 1] * rows[..., None] + affine[..., 2]
        inside = owner >= 0
        map_x = np.where(inside, source[..., 0], columns) + self._low[0]
        map_y = np.where(inside, source[..., 1], rows) + self._low[1]
        part = cv2.remap(
            self._picture,
            map_x.astype(np.float32),
            map_y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        part = self._with_cavity(np.asarray(part, np.uint8), target, pose)
        return _pasted(self._picture, part, int(self._low[0]), int(self._low[1]))

    def _shifts(self, pose: FacialPose) -> NDArray[np.float64]:
        """How far each point of the mesh moves, float64 [478, 2] in pixels."""
        points = self._points[:478].astype(np.float64)
        middle = points[list(MOUTH_CORNERS)].mean(axis=0)
        across = (points - middle) @ self._right / self._height_px
        below = (points - middle) @ self._down / self._height_px
        half_width = 0.5 * float(np.ptp(across[list(MOUTH_CORNERS)]))
        right, down = np.zeros(len(points)), np.zeros(len(points))
        # The jaw: everything below the line between the lips sinks, most in the middle.
        sinks = np.exp(-((across / (1.9 * half_width)) ** 2)) * np.clip(below / 0.04, 0, 1)
        lens = np.sqrt(np.clip(1 - (across / half_width) ** 2, 0, 1))
        sinks[list(UPPER_LIP)] = 0.0
        sinks[list(LOWER_LIP)] = lens[list(LOWER_LIP)]
        sinks[list(LOWER_OUTER_LIP)] = 0.35 + 0.65 * lens[list(LOWER_OUTER_LIP)]
        down += 0.13 * pose.jaw * sinks
        lips = np.exp(-((across / (1.4 * half_width)) ** 2) - (below / 0.1) ** 2)
        right += 0.28 * pose.wide * across * lips
        corners = sum(
            np.exp(-(((across - side * half_width) / 0.11) ** 2) - (below / 0.11) ** 2) for side in (-1.0, 1.0)
        )
        down -= 0.05 * pose.smile * corners
        right += 0.035 * pose.smile * np.sign(across) * corners
        brow = points[list(BROWS)].mean(axis=0)
        over = (points - brow) @ self._down / self._height_px
        near_brows = np.exp(-((over / 0.08) ** 2))
        down -= 0.05 * pose.brows * near_brows
        if pose.brows < 0:  # lowered brows also come together
            right += 0.25 * pose.brows * across * near_brows * np.exp(-((across / 0.15) ** 2))
        return self._height_px * (np.outer(right, self._right) + np.outer(down, self._down))

    def _with_cavity(self, part: Image, target: NDArray[np.float32], pose: FacialPose) -> Image:
        """The part of the picture with a dark mouth and the upper teeth between lips that were moved apart."""
        gap_px = 0.13 * pose.jaw * self._height_px
        if gap_px < 1:
            return part
        upper, lower = target[list(UPPER_LIP)], target[list(LOWER_LIP)]
        outline = np.concatenate([upper, lower[::-1]])
        cavity = np.zeros(part.shape[:2], np.uint8)
        cv2.fillPoly(cavity, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        filled = np.full(part.shape, _CAVITY, np.float64)
        if gap_px > _TEETH_GAP_PX:
            edge = upper + 0.3 * (lower - upper)
            teeth = np.zeros(part.shape[:2], np.uint8)
            strip = np.round(np.concatenate([upper[2:-2], edge[2:-2][::-1]]) * 16).astype(np.int32)
            cv2.fillPoly(teeth, [strip], 255, cv2.LINE_AA, 4)
            share = teeth[..., None] / 255
            filled = filled * (1 - share) + np.array(_TEETH) * share
        share = cv2.GaussianBlur(cavity, (0, 0), max(0.6, self._height_px / 300))[..., None] / 255
        light = min(1.0, float(part.mean()) / 110)
        return np.asarray(part * (1 - share) + light * filled * share, dtype=np.uint8)


def speech(*, seconds: float, frames_per_s: float, syllables_per_s: float, seed: int) -> Iterator[FacialPose]:
    """The mouth of somebody who reads aloud: syllables of varied openness and width; lips shut between some.

    Args:
        seconds: How long.
        frames_per_s: Poses per second.
        syllables_per_s: Openings of the mouth per second; people speak 3 to 5.
        seed: Seed of the sounds.

    Yields:
        One pose per frame.
    """
    rng = np.random.default_rng(seed)
    count = math.ceil(seconds * syllables_per_s) + 1
    openness, width = rng.uniform(0.3, 0.9, count), rng.uniform(-0.8, 0.8, count)
    residue = rng.uniform(0.0, 0.12, count)
    for index in range(round(seconds * frames_per_s)):
        phase = index / frames_per_s * syllables_per_s
        syllable = int(phase)
        swing = 0.5 - 0.5 * math.cos(2 * math.pi * phase)
        between = np.interp(phase, np.arange(count), width)
        yield FacialPose(
            jaw=float(residue[syllable] + (openness[syllable] - residue[syllable]) * swing), wide=float(between)
        )


def _triangles(points: NDArray[np.float32], size: NDArray[np.int_]) -> NDArray[np.int_]:
    """The Delaunay triangles of points, int [n, 3]."""
    division = cv2.Subdiv2D((0, 0, int(size[0]) + 1, int(size[1]) + 1))
    number: dict[tuple[float, float], int] = {}
    for index, (x, y) in enumerate(points.tolist()):
        if (x, y) not in number:
            number[x, y] = index
            division.insert((x, y))
    found = []
    for x1, y1, x2, y2, x3, y3 in np.asarray(division.getTriangleList()).tolist():
        corners = [number.get(corner) for corner in ((x1, y1), (x2, y2), (x3, y3))]
        if None not in corners:
            found.append(corners)
    return np.array(found, dtype=int)


def _affines(target: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float64]:
    """The affine maps from target triangles to source triangles, each [n, 3, 2]: float64 [n, 2, 3]."""
    ones = np.ones((*target.shape[:2], 1))
    corners = np.concatenate([target.astype(np.float64), ones], axis=2)
    solved = np.linalg.pinv(corners) @ source.astype(np.float64)
    return np.asarray(solved.transpose(0, 2, 1))


def _pasted(picture: Image, part: Image, x: int, y: int) -> Image:
    """``picture`` with ``part`` at column ``x`` and row ``y``; what lies outside is cut off."""
    height_px, width_px = picture.shape[:2]
    left, top = max(0, x), max(0, y)
    right, bottom = min(width_px, x + part.shape[1]), min(height_px, y + part.shape[0])
    result = picture.copy()
    result[top:bottom, left:right] = part[top - y : bottom - y, left - x : right - x]
    return result
