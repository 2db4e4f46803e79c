"""Invalid images and meshes are refused with a message that names dtype and shape."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from mien.face.align import CANONICAL_POINTS, MESH_POINTS, align
from mien.face.reader import FaceReader
from mien.types import Image

NO_PICTURES = [
    pytest.param(np.zeros((0, 0, 3), np.uint8), "uint8 [0, 0, 3]", id="no pixel"),
    pytest.param(np.zeros((0, 640, 3), np.uint8), "uint8 [0, 640, 3]", id="no row"),
    pytest.param(np.full((48, 48, 3), np.nan, np.float32), "float32 [48, 48, 3]", id="not a number"),
    pytest.param(np.zeros((48, 48, 3), np.uint16), "uint16 [48, 48, 3]", id="sixteen bits"),
    pytest.param(np.zeros((48, 48), np.uint8), "uint8 [48, 48]", id="gray"),
    pytest.param(np.zeros((48, 48, 1), np.uint8), "uint8 [48, 48, 1]", id="one channel"),
    pytest.param(np.zeros((48, 48, 4), np.uint8), "uint8 [48, 48, 4]", id="four channels"),
    pytest.param(np.zeros((1, 48, 48, 3), np.uint8), "uint8 [1, 48, 48, 3]", id="a batch"),
    pytest.param(np.zeros((0,), np.uint8), "uint8 [0]", id="empty batch"),
    pytest.param([[[0, 0, 0]]], "list", id="no array"),
]


@pytest.fixture
def landmarks() -> NDArray[np.float32]:
    """A mesh at the canonical position."""
    mesh = np.zeros((478, 3), np.float32)
    for indices, point in zip(MESH_POINTS, CANONICAL_POINTS, strict=True):
        mesh[list(indices), :2] = point
    return mesh


@pytest.mark.parametrize(("picture", "found"), NO_PICTURES)
def test_invalid_images_are_not_read(reader: FaceReader, picture: Image, found: str) -> None:
    with pytest.raises(ValueError, match=f"an image must .*{re.escape(found)}"):
        reader.read(picture)


@pytest.mark.parametrize(("picture", "found"), NO_PICTURES)
def test_invalid_images_are_not_aligned(landmarks: NDArray[np.float32], picture: Image, found: str) -> None:
    with pytest.raises(ValueError, match=f"an image must .*{re.escape(found)}"):
        align(picture, landmarks)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 640, 3), (640, 1, 3), (2, 2, 3)])
def test_the_smallest_pictures_have_no_face(reader: FaceReader, shape: tuple[int, ...]) -> None:
    assert reader.read(np.full(shape, 128, np.uint8)) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e12])
def test_a_mesh_with_nan_or_infinity_is_refused(landmarks: NDArray[np.float32], value: float) -> None:
    landmarks[33, 0] = value
    with pytest.raises(ValueError, match=r"float32 \[478, 3\]"):
        align(np.zeros((48, 48, 3), np.uint8), landmarks)


@pytest.mark.parametrize(
    ("mesh", "found"),
    [
        pytest.param(np.zeros((478, 2), np.float32), "float32 [478, 2]", id="flat"),
        pytest.param(np.zeros((0, 3), np.float32), "float32 [0, 3]", id="empty"),
        pytest.param(np.zeros((478, 3), np.int64), "int64 [478, 3]", id="whole numbers"),
        pytest.param([[0.0, 0.0, 0.0]], "list", id="no array"),
    ],
)
def test_invalid_meshes_are_not_aligned(mesh: NDArray[np.float32], found: str) -> None:
    with pytest.raises(ValueError, match=re.escape(found)):
        align(np.zeros((48, 48, 3), np.uint8), mesh)


def test_a_mesh_far_larger_than_its_image_is_cropped(landmarks: NDArray[np.float32]) -> None:
    gray = np.full((48, 64, 3), 77, np.uint8)
    assert (align(gray, landmarks / np.abs(landmarks).max() * 999_999) == 77).all()


def test_an_empty_crop_is_refused(landmarks: NDArray[np.float32]) -> None:
    assert align(np.zeros((48, 48, 3), np.uint8), landmarks, size_px=1).shape == (1, 1)
    with pytest.raises(ValueError, match="at least one pixel"):
        align(np.zeros((48, 48, 3), np.uint8), landmarks, size_px=0)


@settings(max_examples=50)
@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.int8, np.float32, np.float64, np.bool_]),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_any_array_is_read_or_refused(reader: FaceReader, picture: Image) -> None:
    if picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3 and picture.size:
        assert reader.read(picture) == []
        return
    with pytest.raises(ValueError, match=re.escape(f"{picture.dtype} {list(picture.shape)}")):
        reader.read(picture)
