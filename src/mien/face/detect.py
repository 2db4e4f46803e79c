"""Finds faces in a picture with BlazeFace (full range).

The network reads 192 by 192 pixels and says, for each cell of a 48 by 48 grid, whether a face is there, its box and
six keypoints, in pixels from the cell's middle. (Bazarevsky et al. 2019, "BlazeFace", arXiv:1907.05047; the grid is
that of MediaPipe's ``face_detection_full_range``.)
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

#: What may still be a face where nothing passes for one: cut tightly, turned away, veiled. Of such detections a second
#: network has to confirm each (``mien.face.presence``), for most of them are none.
FAINT_SCORE_THRESHOLD = 0.1
FAINT_MARGINS = (0.2, 0.6, 0.4)
FAINT_CANDIDATES = 2

#: Black round the picture, as a share of its longer side. With it 24 of 24 faces are found that leave a picture of 640
#: by 480 pixels sideways by 30 % of their width, without it 18; for that, 81 % instead of 90 % of faces of 40 pixels.
MARGIN = 0.05

#: A picture with a longer side than this is searched in tiles too, or small faces would vanish in 192 pixels.
TILED_FROM_PX = 960
TILE_SHARES = (0.6, 0.36)

#: Live video has time to look closer, one tile now and then: frames with a longer side than this, in tiles of about it.
LIVE_TILED_FROM_PX = 480


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
    """The network that finds faces; ``ModelError`` when its file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = TfliteNetwork("face_detection_full_range.tflite", threads=threads)

    def find(self, image: Image, *, tiled: bool = True) -> list[Detection]:
        """The faces in ``image``, best score first; ``tiled`` searches parts of a large picture as well."""
        found = self._search(image, margin=MARGIN)
        if tiled and max(image.shape[:2]) > TILED_FROM_PX:
            for tile in tiles(image.shape[1], image.shape[0]):
                found += self._search_tile(image, tile)
        return suppress(found)

    def find_in(self, image: Image, tile: Tile) -> list[Detection]:
        """The faces in one part of ``image``, best score first, but for those that its inner edges cut."""
        return suppress(self._search_tile(image, tile))

    def find_faint(self, image: Image, *, margin: float) -> list[Detection]:
        """What may be a face in ``image``, seen with a margin of ``FAINT_MARGINS``: the likeliest few, best first.

        A wide margin makes faces smaller, which finds those that fill the picture or are cut by its border.
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
    """A part of a picture, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def cuts(self, box: Box, picture_width: int, picture_height: int) -> bool:
        """Whether ``box``, in the tile's pixels, crosses an edge of the tile that lies inside the picture."""
        return (
            (self.x > 0 and box.x < 0)
            or (self.y > 0 and box.y < 0)
            or (self.x + self.width < picture_width and box.x + box.width > self.width)
            or (self.y + self.height < picture_height and box.y + box.height > self.height)
        )


def tiles(width: int, height: int, *, until_px: int = TILED_FROM_PX) -> list[Tile]:
    """Parts that cover a large picture, each overlapping the next by a third or more.

    First squares of 0.6 of the longer side, or of the shorter side where that is less, then, if those are larger than
    ``until_px``, squares of 0.36. Of a long strip they are tenths, so that there are never many.
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
    """A picture in the middle of the network's input [1, 192, 192, 3], black (-1) round it.

    A point of the picture, times ``scale``, plus ``offset`` float32 [2], is a point of the input.
    """

    tensor: NDArray[np.float32]
    scale: float
    offset: NDArray[np.float32]


def letterbox(image: Image, *, margin: float) -> Letterbox:
    """The picture as the network reads it, with a margin of that share of its longer side all round."""
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
    """The cells that see a face: top left corners [n, 2], sizes [n, 2], keypoints [n, 6, 2], scores [n].

    ``regressors`` [2304, 16]: the box's middle and size, then six points; ``logits`` [2304]. All in pixels of the
    input, the middle and the points counted from the middle of the cell. ``threshold`` is the least score, 0..1.
    """
    cells = np.flatnonzero(logits >= math.log(threshold / (1 - threshold)))
    middles = ((np.stack([cells % GRID, cells // GRID], axis=1) + 0.5) * (INPUT_PX / GRID)).astype(np.float32)
    rows = regressors[cells]
    sizes = rows[:, 2:4]
    corners = np.asarray(rows[:, 0:2] + middles - sizes / 2, dtype=np.float32)
    keypoints = rows[:, 4:].reshape(-1, KEYPOINT_COUNT, 2) + middles[:, None]
    scores = np.asarray(1 / (1 + np.exp(-logits[cells])), dtype=np.float32)
    return corners, sizes, keypoints, scores


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
