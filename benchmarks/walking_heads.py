"""Draws photographed heads onto a scene, for films of faces that walk past each other."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.face.reader import FaceReader
from mien.types import Image

HEAD_PX: Final = 192
"""The side of the square that a head is cut out in."""


def head_of(reader: FaceReader, picture: Image) -> Image:
    """The biggest face of a photo with some of its hair, in the middle of a square."""
    box = reader.read(picture)[0].face.box
    scale = HEAD_PX / (1.35 * max(box.width, box.height))
    left, top = box.x + box.width / 2 - HEAD_PX / 2 / scale, box.y + 0.45 * box.height - HEAD_PX / 2 / scale
    matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]], dtype=np.float32)
    square = cv2.warpAffine(picture, matrix, (HEAD_PX, HEAD_PX), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(square, dtype=np.uint8)


def draw_head(scene: NDArray[np.float64], head: Image, x: float, y: float, size_px: float) -> NDArray[np.float64]:
    """The scene with an oval head in front of it; its middle is at ``x``, ``y``, its width ``size_px``."""
    rows, columns = np.mgrid[-1 : 1 : 1j * HEAD_PX, -1 : 1 : 1j * HEAD_PX]
    oval = cv2.GaussianBlur(((columns / 0.75) ** 2 + (rows / 0.97) ** 2 < 1).astype(np.float64), (0, 0), 2)
    scale, size = size_px / HEAD_PX, scene.shape[1::-1]
    matrix = np.array([[scale, 0, x - size_px / 2], [0, scale, y - size_px / 2]], dtype=np.float32)
    cover = cv2.warpAffine(oval, matrix, size)[..., None]
    return np.asarray(scene * (1 - cover) + cv2.warpAffine(head, matrix, size) * cover)
