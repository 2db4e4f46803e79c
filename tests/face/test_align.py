"""Alignment: a known transform is recovered, and a face lands where the network expects it."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mien.face.align import CANONICAL_POINTS, CROP_PX, align, canonical_points, five_points, similarity
from mien.face.reader import FaceReader
from mien.types import Image

finite = st.floats(-500, 500)
whole = st.integers(-500, 500)
points = st.lists(st.tuples(whole, whole), min_size=2, max_size=8, unique=True).map(
    lambda rows: np.array(rows, dtype=np.float32)
)


def applied(transform: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(source.astype(np.float64) @ transform[:, :2].T + transform[:, 2])


def umeyama(source: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float64]:
    """Umeyama's own closed form, by singular value decomposition, equations 40 to 42."""
    a, b = source.astype(np.float64), target.astype(np.float64)
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    u, values, vt = np.linalg.svd((b - mean_b).T @ (a - mean_a) / len(a))
    signs = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ np.diag(signs) @ vt
    scale = (values * signs).sum() / ((a - mean_a) ** 2).sum(axis=1).mean()
    return np.column_stack([scale * rotation, mean_b - scale * rotation @ mean_a])


@given(
    st.floats(0.05, 20),
    st.floats(-math.pi, math.pi),
    finite,
    finite,
    st.permutations(range(5)),
)
def test_a_known_transform_is_recovered(scale: float, angle: float, x: float, y: float, order: list[int]) -> None:
    source = CANONICAL_POINTS[order] * 7 + 3
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    known = np.array([[cosine, -sine, x], [sine, cosine, y]])
    found = similarity(source, applied(known.astype(np.float32), source).astype(np.float32))
    np.testing.assert_allclose(found, known, atol=2e-3 * max(1.0, scale))


@given(st.integers(0, 2**32 - 1), st.integers(3, 30))
def test_the_complex_form_equals_umeyamas(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    source = rng.normal(0, 50, (count, 2)).astype(np.float32)
    target = rng.normal(0, 20, (count, 2)).astype(np.float32)
    np.testing.assert_allclose(similarity(source, target), umeyama(source, target), atol=1e-3)


@given(points, st.integers(0, 2**32 - 1))
def test_no_nearby_transform_fits_better(source: NDArray[np.float32], seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.normal(0, 30, source.shape).astype(np.float32)
    best = similarity(source, target)

    def error(transform: NDArray[np.float32]) -> float:
        return float(((applied(transform, source) - target) ** 2).sum())

    cosine, sine, x, y = best[0, 0], best[1, 0], best[0, 2], best[1, 2]
    for step in rng.normal(0, 0.01, (5, 4)):
        other = np.array(
            [[cosine + step[0], -(sine + step[1]), x + step[2]], [sine + step[1], cosine + step[0], y + step[3]]],
            dtype=np.float32,
        )
        assert error(best) <= error(other) + 1e-2 * max(1.0, error(best))


def test_points_that_coincide_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        similarity(np.full((5, 2), 3.0, dtype=np.float32), CANONICAL_POINTS)


def test_a_mesh_of_another_shape_is_refused(smiling_person: Image) -> None:
    with pytest.raises(ValueError, match=r"\[468, 3\]"):
        align(smiling_person, np.zeros((468, 3), dtype=np.float32))


def test_the_crop_is_gray_of_the_size_asked_for(smiling_person: Image, reader: FaceReader) -> None:
    landmarks = reader.read(smiling_person)[0].face.landmarks
    for size_px in (CROP_PX, 64, 96):
        crop = align(smiling_person, landmarks, size_px=size_px)
        assert crop.shape == (size_px, size_px)
        assert crop.dtype == np.uint8


def test_eyes_are_dark_where_the_network_expects_them(smiling_person: Image, reader: FaceReader) -> None:
    crop = align(smiling_person, reader.read(smiling_person)[0].face.landmarks)
    for x, y in CANONICAL_POINTS[:2]:
        eye = crop[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
        cheek = crop[round(y) + 8 : round(y) + 12, round(x) - 2 : round(x) + 3]
        assert eye.mean() < 0.7 * cheek.mean()


def test_a_turned_shifted_and_enlarged_picture_gives_the_same_crop(smiling_person: Image, reader: FaceReader) -> None:
    landmarks = reader.read(smiling_person)[0].face.landmarks
    change = np.array([[1.2, -0.7, 150], [0.7, 1.2, -30]], dtype=np.float32)
    other = np.asarray(cv2.warpAffine(smiling_person, change, (700, 700), flags=cv2.INTER_CUBIC), dtype=np.uint8)
    moved = landmarks.copy()
    moved[:, :2] = applied(change, landmarks[:, :2])
    difference = align(other, moved).astype(int) - align(smiling_person, landmarks)
    assert np.abs(difference).mean() < 2.5


def test_a_face_larger_than_the_crop_is_averaged_not_sampled() -> None:
    """Stripes of one pixel, black and white, must turn gray, not into stripes of another width."""
    stripes = np.zeros((480, 480, 3), dtype=np.uint8)
    stripes[:, ::2] = 255
    landmarks = np.zeros((478, 3), dtype=np.float32)
    large = (CANONICAL_POINTS + 0.5) * 10
    for indices, point in zip(((33, 133), (362, 263), (1,), (61,), (291,)), large, strict=True):
        landmarks[list(indices), :2] = point
    crop = align(stripes, landmarks)
    assert crop.std() < 2
    assert 120 < crop.mean() < 135


def test_the_nose_of_a_turning_head_does_not_move_the_crop(smiling_person: Image, reader: FaceReader) -> None:
    landmarks = reader.read(smiling_person)[0].face.landmarks
    turned_away = landmarks.copy()
    turned_away[1, :2] += (25, -5)
    np.testing.assert_array_equal(align(smiling_person, turned_away), align(smiling_person, landmarks))


def test_gray_is_the_luma_of_bt_601() -> None:
    landmarks = np.zeros((478, 3), dtype=np.float32)
    for indices, point in zip(((33, 133), (362, 263), (1,), (61,), (291,)), CANONICAL_POINTS, strict=True):
        landmarks[list(indices), :2] = point
    red = np.zeros((48, 48, 3), dtype=np.uint8)
    red[..., 0] = 200
    assert np.all(align(red, landmarks) == round(0.299 * 200))


def test_canonical_points_scale_about_pixel_centers() -> None:
    np.testing.assert_allclose((canonical_points(96) + 0.5) / 2, CANONICAL_POINTS + 0.5)
    np.testing.assert_allclose(canonical_points(CROP_PX), CANONICAL_POINTS, rtol=1e-6)


def test_five_points_are_means_of_corners() -> None:
    landmarks = np.arange(478 * 3, dtype=np.float32).reshape(478, 3)
    np.testing.assert_allclose(five_points(landmarks)[0], (landmarks[33, :2] + landmarks[133, :2]) / 2)
    np.testing.assert_allclose(five_points(landmarks)[2], landmarks[1, :2])
