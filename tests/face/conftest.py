"""Fixtures of the face tests: networks loaded once, and rooms with and without a person."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mien.face.reader import FaceReader
from mien.types import Image
from tests.face.pictures import HEIGHT_PX, WIDTH_PX, placed


@pytest.fixture(scope="session")
def reader() -> FaceReader:
    return FaceReader()


@pytest.fixture(scope="session")
def webcam_picture(smiling_person: Image) -> Image:
    """A person in front of a webcam."""
    return placed(smiling_person)


@pytest.fixture(scope="session")
def empty_room() -> Image:
    """A room with light, shadow and texture, without a person."""
    rng = np.random.default_rng(5)
    noise = cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3)).astype(np.uint8), (0, 0), 6)
    slope = np.linspace(0, 80, WIDTH_PX)[None, :, None]
    return np.clip(noise + slope, 0, 255).astype(np.uint8)
