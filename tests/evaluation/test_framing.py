"""Framing: a crop stands in the middle of a webcam's frame, and points find their way back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.evaluation.framing import CROP_PX, FACE_PX, GRAY, HEIGHT_PX, LEFT_PX, TOP_PX, WIDTH_PX, framed


@pytest.fixture
def noise() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (CROP_PX, CROP_PX)).astype(np.uint8)


def test_the_crop_is_enlarged_in_the_middle_of_plain_gray(noise: NDArray[np.uint8]) -> None:
    frame = framed(noise)
    assert (frame.shape, frame.dtype) == ((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    assert np.ptp(frame.astype(int), axis=2).max() == 0, "gray"
    inside = frame[TOP_PX : TOP_PX + FACE_PX, LEFT_PX : LEFT_PX + FACE_PX, 0].copy()
    assert (LEFT_PX + FACE_PX, TOP_PX + FACE_PX) == (WIDTH_PX - LEFT_PX, HEIGHT_PX - TOP_PX)
    small = cv2.resize(inside, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), noise.ravel())[0, 1] > 0.95
    frame[TOP_PX : TOP_PX + FACE_PX, LEFT_PX : LEFT_PX + FACE_PX] = GRAY
    assert np.all(frame == GRAY)


def test_points_of_the_frame_find_their_place_in_the_crop() -> None:
    """A bright pixel of the crop is a bright spot in the frame, where the enlarged pixel has its center."""
    crop = np.zeros((CROP_PX, CROP_PX), dtype=np.uint8)
    crop[30, 11] = 255
    frame = framed(crop)[..., 0].astype(float)
    frame[frame == GRAY] = 0
    rows, columns = np.indices(frame.shape)
    spot = np.array([(columns * frame).sum(), (rows * frame).sum()]) / frame.sum()
    pixel = (spot - (LEFT_PX, TOP_PX) + 0.5) * (CROP_PX / FACE_PX) - 0.5
    np.testing.assert_allclose(pixel, [11, 30], atol=0.05)


@pytest.mark.parametrize(
    "crop", [np.zeros((48, 47), np.uint8), np.zeros((48, 48, 3), np.uint8), np.zeros((48, 48)), [[0]]]
)
def test_another_array_is_refused(crop: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"gray uint8 \[48, 48\]"):
        framed(crop)
