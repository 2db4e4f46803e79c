"""Cutting squares out of images: any square of any image, near its border and far from it."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.mesh import RotatedSquare
from mien.face.warp import cut
from mien.types import Image


def texture(height: int, width: int) -> Image:
    rng = np.random.default_rng(3)
    return np.asarray(cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3)).astype(np.uint8), (0, 0), 2))


PICTURE = texture(120, 160)

squares = st.builds(
    RotatedSquare,
    st.floats(-200, 360),
    st.floats(-200, 320),
    st.floats(20, 500),
    st.floats(-math.pi, math.pi),
)


@given(squares, st.booleans())
def test_only_the_surroundings_of_the_square_matter(square: RotatedSquare, repeat_edge: bool) -> None:
    """The square is cut from a small part of the image; it must equal the one cut from the whole image."""
    transform = square.transform(32)
    factor = max(1, round(square.side_px / 32))
    enlarged = transform.astype(np.float64) * factor
    enlarged[:, 2] += (factor - 1) / 2
    border = cv2.BORDER_REPLICATE if repeat_edge else cv2.BORDER_CONSTANT
    whole = cv2.warpAffine(PICTURE, enlarged, (32 * factor, 32 * factor), flags=cv2.INTER_LINEAR, borderMode=border)
    whole = cv2.resize(whole, (32, 32), interpolation=cv2.INTER_AREA) if factor > 1 else whole
    found = cut(PICTURE, transform, 32, repeat_edge=repeat_edge)
    assert np.abs(found.astype(int) - whole).max() <= 2


def test_an_upright_square_of_the_same_size_is_a_copy() -> None:
    found = cut(PICTURE, RotatedSquare(59.5, 49.5, 40, 0).transform(40), 40, repeat_edge=True)
    np.testing.assert_array_equal(found, PICTURE[30:70, 40:80])


def test_a_quarter_turn_is_exact() -> None:
    found = cut(PICTURE, RotatedSquare(59.5, 49.5, 40, math.pi / 2).transform(40), 40, repeat_edge=True)
    np.testing.assert_array_equal(found, np.rot90(PICTURE[30:70, 40:80]))


def test_shrinking_by_a_whole_number_is_the_mean() -> None:
    found = cut(PICTURE, RotatedSquare(59.5, 49.5, 40, 0).transform(10), 10, repeat_edge=True)
    means = PICTURE[30:70, 40:80].reshape(10, 4, 10, 4, 3).mean(axis=(1, 3))
    assert np.abs(found - means).max() <= 1


def test_beyond_the_border_the_edge_is_repeated_or_all_is_black() -> None:
    transform = RotatedSquare(-500, 60, 20, 0).transform(20)
    assert np.all(cut(PICTURE, transform, 20, repeat_edge=False) == 0)
    repeated = cut(PICTURE, transform, 20, repeat_edge=True)
    np.testing.assert_array_equal(repeated[:, 0], repeated[:, -1])
    assert repeated.max() > 0


@pytest.mark.parametrize("shape", [(10, 40_000, 3), (40_000, 10, 3)])
def test_a_strip_longer_than_opencv_can_warp_is_cut(shape: tuple[int, int, int]) -> None:
    strip = np.zeros(shape, dtype=np.uint8)
    strip[-5:, -5:] = 200
    found = cut(strip, RotatedSquare(shape[1] - 3, shape[0] - 3, 5, 0).transform(5), 5, repeat_edge=True)
    assert found.mean() > 190


def test_a_view_gives_the_same_result_as_a_copy() -> None:
    view = PICTURE[::2, ::-1]
    transform = RotatedSquare(30, 30, 20, 0.3).transform(16)
    np.testing.assert_array_equal(
        cut(view, transform, 16, repeat_edge=True), cut(view.copy(), transform, 16, repeat_edge=True)
    )
