"""Detects faces in an image with BlazeFace (full range).

The network reads 192 by 192 pixels and returns, for each cell of a 48 by 48 grid, a score, a box and six keypoints, in
pixels from the center of the cell (Bazarevsky et al. 2019, "BlazeFace", arXiv:1907.05047; the grid is that of
MediaPipe's ``face_detection_full_range``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.face.network import TfliteNetwork
from mien.types import Box, Image

INPUT_PX = 192
GRID = 48
KEYPOINT_COUNT = 6
SCORE_THRESHOLD = 0.5
OVERLAP_THRESHOLD = 0.3

#: Used if nothing is detected: faces that are tightly cropped, turned away or partly covered have lower scores. Most of
#: these detections are not faces, so the verifier has to confirm each (``mien.face.verifier``).
FAINT_SCORE_THRESHOLD = 0.1
FAINT_MARGINS = (0.2, 0.6, 0.4)
FAINT_CANDIDATES = 2

#: The black border round the image, as a share of its longer side. With it, 24 of 24 faces are found of which 30 % are
#: outside an image of 640 by 480 pixels, 18 without; in return, 81 % instead of 90 % of faces of 40 pixels.
MARGIN = 0.05

#: An image with a longer side than this is also searched in tiles, because small faces would vanish in 192 pixels.
TILED_FROM_PX = 960
TILE_SHARES = (0.6, 0.36)

#: Live video, in which one tile is searched now and then, has smaller tiles: of about this size.
LIVE_TILED_FROM_PX = 480


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A possible face.

    Attributes:
        box: Where it is, in pixels.
        keypoints: float32 [6, 2] px: left eye, right eye, nose, mouth, left ear, right ear, as seen in the image.
        score: 0..1.
    """

    box: Box
    keypoints: NDArray[np.float32]
    score: float


class Detector:
    """The detection network; raises ``ModelError`` if its file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = TfliteNetwork("face_detection_full_range.tflite", threads=threads)

    def find(self, image: Image, *, tiled: bool = True) -> list[Detection]:
        """Detect faces.

        Args:
            image: uint8 [height, width, 3] RGB.
            tiled: Whether to search the tiles of a large image as well.

        Returns:
            The faces, highest score first.
        """
        found = self._search(image, margin=MARGIN)
        if tiled and max(image.shape[:2]) > TILED_FROM_PX:
            for tile in tiles(image.shape[1], image.shape[0]):
                found += self._search_tile(image, tile)
        return suppress(found)

    def find_in(self, image: Image, tile: Tile) -> list[Detection]:
        """Detect faces in one part of an image.

        Args:
            image: uint8 [height, width, 3] RGB.
            tile: The part.

        Returns:
            The faces, highest score first, without those cut by an edge of the tile inside the image.
        """
        return suppress(self._search_tile(image, tile))

    def find_faint(self, image: Image, *, margin: float) -> list[Detection]:
        """Detect faint faces, with a low threshold.

        Args:
            image: uint8 [height, width, 3] RGB.
            margin: The black border, one of ``FAINT_MARGINS``. A wide border makes faces smaller, which finds those
                that fill the image or are cut by its border.

        Returns:
            The most likely ``FAINT_CANDIDATES``, highest score first.
        """
        return suppress(self._search(image, margin=margin, threshold=FAINT_SCORE_THRESHOLD))[:FAINT_CANDIDATES]

    def _search(self, image: Image, *, margin: float, threshold: float = SCORE_THRESHOLD) -> list[Detection]:
        letter = letterbox(image, margin=margin)
        outputs = self._network.run(letter.tensor)
        corners, sizes, keypoints, scores = decode(
            outputs["reshaped_regressor_face_4"][0],
            outputs["reshaped_classifier_face_4"][0, :, 0],
            threshold=threshold,
        )
        corners = (corners - letter.offset) / letter.scale
        sizes = sizes / letter.scale
        keypoints = (keypoints - letter.offset) / letter.scale
        return [
            Detection(Box(*corner.tolist(), *size.tolist()), points, float(score))
            for corner, size, points, score in zip(corners, sizes, keypoints, scores, strict=True)
        ]

    def _search_tile(self, image: Image, tile: Tile) -> list[Detection]:
        view = image[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
        shift = np.array([tile.x, tile.y], dtype=np.float32)
        return [
            replace(
                found,
                box=replace(found.box, x=found.box.x + tile.x, y=found.box.y + tile.y),
                keypoints=found.keypoints + shift,
            )
            for found in self._search(view, margin=0)
            if not tile.cuts(found.box, image.shape[1], image.shape[0])
        ]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of an image, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def cuts(self, box: Box, image_width: int, image_height: int) -> bool:
        """Whether a box crosses an edge of the tile that is inside the image.

        Args:
            box: The box, in pixels from the tile's top left.
            image_width: The width of the image.
            image_height: The height of the image.

        Returns:
            Whether the tile shows only a part of the box.
        """
        return (
            (self.x > 0 and box.x < 0)
            or (self.y > 0 and box.y < 0)
            or (self.x + self.width < image_width and box.x + box.width > self.width)
            or (self.y + self.height < image_height and box.y + box.height > self.height)
        )


def tiles(width: int, height: int, *, until_px: int = TILED_FROM_PX) -> list[Tile]:
    """Divide a large image into tiles, each overlapping the next by a third or more.

    The tiles are squares of 0.6 of the longer side, or of the shorter side if that is less; and also, if those are
    larger than ``until_px``, squares of 0.36. Tiles are at least a tenth of the longer side, so that there are few.

    Args:
        width: The width of the image.
        height: The height of the image.
        until_px: Tiles up to this size are not divided further.

    Returns:
        The tiles.
    """
    found: list[Tile] = []
    for side in _sides(max(width, height), min(width, height), until_px):
        tile_width, tile_height = min(side, width), min(side, height)
        found += [
            Tile(x, y, tile_width, tile_height)
            for y in _starts(height, tile_height)
            for x in _starts(width, tile_width)
        ]
    return found


def _sides(longer: int, shorter: int, until_px: int) -> list[int]:
    sides: list[int] = []
    for share in TILE_SHARES:
        side = max(min(shorter, round(share * longer)), -(-longer // 10))
        if side not in sides:
            sides.append(side)
        if side <= until_px:
            break
    return sides


def _starts(length: int, side: int) -> list[int]:
    steps = -(-3 * (length - side) // (2 * side))
    return [round(start) for start in np.linspace(0, length - side, steps + 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Letterbox:
    """An image centered in the network's input, with a black border.

    A point of the image, times ``scale``, plus ``offset``, is a point of the input.

    Attributes:
        tensor: float32 [1, 192, 192, 3], -1 (black) to 1.
        scale: The scale from image to input.
        offset: float32 [2], px.
    """

    tensor: NDArray[np.float32]
    scale: float
    offset: NDArray[np.float32]


def letterbox(image: Image, *, margin: float) -> Letterbox:
    """Convert an image to the network's input.

    Args:
        image: uint8 [height, width, 3] RGB.
        margin: The border on each side, as a share of the longer side of the image.

    Returns:
        The input with the mapping from the image.
    """
    height, width = image.shape[:2]
    scale = INPUT_PX / (max(height, width) * (1 + 2 * margin))
    small_width, small_height = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (INPUT_PX - small_width) // 2, (INPUT_PX - small_height) // 2
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(image, (small_width, small_height), interpolation=method)
    tensor = np.full((1, INPUT_PX, INPUT_PX, 3), -1, dtype=np.float32)
    inside = tensor[0, top : top + small_height, left : left + small_width]
    np.multiply(small, np.float32(1 / 127.5), out=inside)
    inside -= 1
    return Letterbox(tensor, scale, np.array([left, top], dtype=np.float32))


def decode(
    regressors: NDArray[np.float32], logits: NDArray[np.float32], *, threshold: float = SCORE_THRESHOLD
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Decode the network's output, in pixels of its input.

    Args:
        regressors: float32 [2304, 16]: the center and size of the box, then six points. Center and points are relative
            to the center of the cell.
        logits: float32 [2304].
        threshold: The minimum score, 0..1.

    Returns:
        The top left corners [n, 2], sizes [n, 2], keypoints [n, 6, 2] and scores [n] of the cells with a face.
    """
    cells = np.flatnonzero(logits >= math.log(threshold / (1 - threshold)))
    centers = ((np.stack([cells % GRID, cells // GRID], axis=1) + 0.5) * (INPUT_PX / GRID)).astype(np.float32)
    rows = regressors[cells]
    sizes = rows[:, 2:4]
    corners = np.asarray(rows[:, 0:2] + centers - sizes / 2, dtype=np.float32)
    keypoints = rows[:, 4:].reshape(-1, KEYPOINT_COUNT, 2) + centers[:, None]
    scores = np.asarray(1 / (1 + np.exp(-logits[cells])), dtype=np.float32)
    return corners, sizes, keypoints, scores


def suppress(detections: list[Detection]) -> list[Detection]:
    """Non-maximum suppression: the detections, highest score first, without those that overlap a better one."""
    distinct: list[Detection] = []
    for candidate in sorted(detections, key=lambda detection: -detection.score):
        if all(overlap(candidate.box, better.box) < OVERLAP_THRESHOLD for better in distinct):
            distinct.append(candidate)
    return distinct


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one.area_px + other.area_px - common)
