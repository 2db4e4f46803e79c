"""Opens the mouth and closes the eyes of a photographed face by a given amount."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.types import Image

UPPER_LIP, LOWER_LIP, FOREHEAD, CHIN = 13, 14, 10, 152
MOUTH_CORNERS = (61, 291)
EYES = ((33, 133, 159, 145), (362, 263, 386, 374))
DARK = (40, 12, 12)

Landmarks = NDArray[np.float32]


def with_open_mouth(picture: Image, landmarks: Landmarks, amount: float) -> Image:
    """Open the mouth: the lower lip and everything below move down by ``amount`` (0..1) of a third of the face."""
    height, width = picture.shape[:2]
    gap_px = amount * 0.3 * float(landmarks[CHIN, 1] - landmarks[FOREHEAD, 1])
    lips = landmarks[[UPPER_LIP, LOWER_LIP]].mean(axis=0)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    source = np.where(rows > lips[1], np.maximum(lips[1], rows - gap_px), rows).astype(np.float32)
    opened = cv2.remap(picture, columns, source, cv2.INTER_LINEAR)
    if gap_px >= 1:
        half_width = 0.45 * float(np.ptp(landmarks[list(MOUTH_CORNERS), 0]))
        middle = (round(float(lips[0])), round(float(lips[1] + gap_px / 2)))
        cv2.ellipse(opened, middle, (round(half_width), round(gap_px / 2)), 0, 0, 360, DARK, -1, cv2.LINE_AA)
    return np.asarray(opened, dtype=np.uint8)


def with_shut_eyes(picture: Image, landmarks: Landmarks, amount: float) -> Image:
    """Close the eyes by ``amount`` (0..1); the skin above the eyes follows."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    source = rows.copy()
    for outer, inner, upper, lower in EYES:
        corners, lids = landmarks[[outer, inner], :2], landmarks[[upper, lower], 1]
        middle_x, half_width = corners[:, 0].mean(), 0.62 * np.ptp(corners[:, 0])
        curve = np.sqrt(np.clip(1 - ((columns - middle_x) / half_width) ** 2, 0, 1))
        opening = 1.5 * (lids[1] - lids[0])
        top = corners[:, 1].mean() - opening * curve
        sink = 0.9 * amount * opening * curve
        inside = (rows > top) & (rows < top + 2 * sink)
        source = np.where(inside, top + np.maximum(0, rows - top - sink), source)
    return np.asarray(cv2.remap(picture, columns, source.astype(np.float32), cv2.INTER_LINEAR), dtype=np.uint8)
