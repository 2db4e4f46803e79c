"""Finds faces in a picture with BlazeFace (full range).

The network reads 192 by 192 pixels and says, for each cell of a 48 by 48 grid, whether a face is there, its box and
six keypoints, in pixels from the cell's middle. (Bazarevsky et al. 2019, "BlazeFace", arXiv:1907.05047; the grid is
that of MediaPipe's ``face_detection_full_range``.)
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.face.network import Network
from mien.types import Box, Image

INPUT_PX = 192
GRID = 48
KEYPOINT_COUNT = 6
SCORE_THRESHOLD = 0.5
OVERLAP_THRESHOLD = 0.3

#: A picture with a longer side than this is searched in tiles too, or small faces would vanish in 192 pixels.
TILED_FROM_PX = 960


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """Where a face seems to be.

    ``keypoints`` float32 [6, 2] px: the eye on the picture's left, the eye on its right, nose, mouth, and the ear on
    either side; ``score`` 0..1.
    """

    box: Box
    keypoints: NDArray[np.float32]
    score: float


class Detector:
    """Raises ``ModelError`` when the network's file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = Network("face_detection_full_range.tflite", threads=threads)

    def find(self, image: Image, *, tiled: bool = True) -> list[Detection]:
        """The faces in ``image``, best score first; ``tiled`` searches parts of a large picture as well."""
        found = self._search(image)
        if tiled and max(image.shape[:2]) > TILED_FROM_PX:
            for tile in tiles(image.shape[1], image.shape[0]):
                found += self._search_tile(image, tile)
        return suppress(found)

    def _search(self, image: Image) -> list[Detection]:
        tensor, scale = letterbox(image)
        outputs = self._network.run(tensor)
        boxes, keypoints, scores = decode(
            outputs["reshaped_regressor_face_4"][0], outputs["reshaped_classifier_face_4"][0, :, 0]
        )
        return [
            Detection(Box(*(float(value) for value in box)), points, float(score))
            for box, points, score in zip(boxes / scale, keypoints / scale, scores, strict=True)
        ]

    def _search_tile(self, image: Image, tile: Tile) -> list[Detection]:
        view = image[tile.y : tile.y + tile.side, tile.x : tile.x + tile.side]
        return [
            Detection(
                Box(found.box.x + tile.x, found.box.y + tile.y, found.box.width, found.box.height),
                found.keypoints + np.array([tile.x, tile.y], dtype=np.float32),
                found.score,
            )
            for found in self._search(view)
            if not tile.cuts(found.box, image.shape[1], image.shape[0])
        ]


@dataclass(frozen=True, slots=True)
class Tile:
    """A square part of a picture, in pixels."""

    x: int
    y: int
    side: int

    def cuts(self, box: Box, width_px: int, height_px: int) -> bool:
        """Whether ``box``, in the tile's pixels, crosses an edge of the tile that lies inside the picture."""
        return (
            (self.x > 0 and box.x < 0)
            or (self.y > 0 and box.y < 0)
            or (self.x + self.side < width_px and box.x + box.width > self.side)
            or (self.y + self.side < height_px and box.y + box.height > self.side)
        )


def tiles(width_px: int, height_px: int) -> list[Tile]:
    """Squares that cover the picture, each overlapping the next by a third or more.

    Their side is 0.6 of the longer side, or the shorter side where that is less.
    """
    side = min(width_px, height_px, round(0.6 * max(width_px, height_px)))
    return [Tile(x, y, side) for y in _starts(height_px, side) for x in _starts(width_px, side)]


def _starts(length: int, side: int) -> list[int]:
    count = 1 if length == side else 1 + -(-(length - side) * 3 // (side * 2))
    return [round(start) for start in np.linspace(0, length - side, count)]


def letterbox(image: Image) -> tuple[NDArray[np.float32], float]:
    """The network's input [1, 192, 192, 3] in -1..1, the picture at its top left, and its scale in the input."""
    height, width = image.shape[:2]
    scale = INPUT_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    tensor = np.full((1, INPUT_PX, INPUT_PX, 3), -1, dtype=np.float32)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    np.multiply(small, np.float32(1 / 127.5), out=tensor[0, : size[1], : size[0]])
    tensor[0, : size[1], : size[0]] -= 1
    return tensor, scale


def decode(
    regressors: NDArray[np.float32], logits: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Boxes [n, 4] (x, y, width, height), keypoints [n, 6, 2] and scores [n] of the cells that see a face.

    ``regressors`` [2304, 16]: the box's middle and size, then six points; ``logits`` [2304]. All in pixels of the
    input, the middle and the points counted from the middle of the cell.
    """
    with np.errstate(over="ignore"):
        scores = 1 / (1 + np.exp(-logits))
    cells = np.flatnonzero(scores >= SCORE_THRESHOLD)
    middles = (np.stack([cells % GRID, cells // GRID], axis=1) + np.float32(0.5)) * np.float32(INPUT_PX / GRID)
    rows = regressors[cells]
    sizes = rows[:, 2:4]
    corners = rows[:, 0:2] + middles - sizes / 2
    keypoints = rows[:, 4:].reshape(-1, KEYPOINT_COUNT, 2) + middles[:, None]
    return (
        np.concatenate([corners, sizes], axis=1).astype(np.float32),
        keypoints.astype(np.float32),
        scores[cells].astype(np.float32),
    )


def suppress(detections: list[Detection]) -> list[Detection]:
    """The detections, best first, without those that overlap a better one."""
    kept: list[Detection] = []
    for candidate in sorted(detections, key=lambda detection: -detection.score):
        if all(overlap(candidate.box, better.box) < OVERLAP_THRESHOLD for better in kept):
            kept.append(candidate)
    return kept


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one.area_px + other.area_px - common)
