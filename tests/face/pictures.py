"""Makes pictures from one real face: placed, rotated, darkened."""

from __future__ import annotations

import cv2
import numpy as np

from mien.types import Image

WIDTH_PX, HEIGHT_PX = 640, 480
BACKGROUND = (90, 90, 90)


def placed(picture: Image, *, x: float = 80, y: float = 0, scale: float = HEIGHT_PX / 512) -> Image:
    """``picture``, scaled, on a gray background of 640 by 480 pixels, its top left corner at ``x`` and ``y``."""
    height, width = picture.shape[:2]
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    matrix = np.array([[1, 0, x], [0, 1, y]], dtype=np.float32)
    return np.asarray(cv2.warpAffine(small, matrix, (WIDTH_PX, HEIGHT_PX), borderValue=BACKGROUND), dtype=np.uint8)


def turned(picture: Image, angle_deg: float) -> Image:
    """``picture`` rotated clockwise about its center, on gray."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle_deg, 1)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderValue=BACKGROUND), dtype=np.uint8)


def darkened(picture: Image, brightness: float) -> Image:
    """``picture`` in low light: dimmed, with the noise that a webcam adds."""
    noise = np.random.default_rng(7).normal(0, 4, picture.shape)
    return np.clip(picture * brightness + noise, 0, 255).astype(np.uint8)
