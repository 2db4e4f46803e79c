"""Corruptions do what their names say, more so with severity, and the same each time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from mien.evaluation.corruptions import SEVERITIES, Corruption, corrupt, corrupt_as_usual, lower_resolution
from mien.face.align import align
from mien.face.reader import FaceReader

CROPS = npst.arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60)))


@pytest.fixture(scope="module")
def face(smiling_person: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A real crop, gray uint8 [48, 48]."""
    (reading, *_) = FaceReader(threads=1).read(smiling_person)
    return align(smiling_person, reading.face.landmarks)


def seeded(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.sqrt(np.mean((one.astype(np.float64) - other) ** 2)))


@given(CROPS, st.sampled_from(Corruption), st.sampled_from(SEVERITIES), st.integers(0, 2**32 - 1))
def test_any_crop_gives_a_new_one_of_its_shape_and_the_same_one_again(
    crop: NDArray[np.uint8], corruption: Corruption, severity: int, seed: int
) -> None:
    before = crop.copy()
    made = corrupt(crop, corruption, severity=severity, rng=seeded(seed))
    assert (made.shape, made.dtype) == (crop.shape, np.uint8)
    assert not np.shares_memory(made, crop)
    assert np.array_equal(crop, before), "the crop itself stays as it was"
    assert np.array_equal(made, corrupt(crop, corruption, severity=severity, rng=seeded(seed)))


@pytest.mark.parametrize("corruption", Corruption)
def test_a_face_suffers_more_with_each_severity(face: NDArray[np.uint8], corruption: Corruption) -> None:
    # Over many draws, for where a square falls decides as much as how big it is.
    damage = [
        np.mean([distance(face, corrupt(face, corruption, severity=severity, rng=seeded(d))) for d in range(200)])
        for severity in SEVERITIES
    ]
    assert damage == sorted(damage)
    assert damage[0] > 1


def test_noise_has_the_deviation_it_says() -> None:
    gray = np.full((400, 400), 128, np.uint8)
    assert np.std(corrupt(gray, Corruption.NOISE, severity=1, rng=seeded())) == pytest.approx(0.04 * 255, rel=0.03)


def test_blur_is_as_wide_in_a_crop_twice_as_big() -> None:
    # A point becomes a bell whose deviation is 1 pixel of 64, whatever the size of the crop.
    for side, sigma in ((65, 65 / 64), (257, 257 / 64)):
        point = np.zeros((side, side), np.uint8)
        middle, half = side // 2, side // 32
        point[middle - half : middle + half + 1, middle - half : middle + half + 1] = 255
        profile = corrupt(point, Corruption.BLUR, severity=3, rng=seeded())[middle].astype(np.float64)
        places = np.arange(side) - middle
        box = (places[np.abs(places) <= half] ** 2).mean()
        variance = (profile * places**2).sum() / profile.sum()
        assert variance - box == pytest.approx(sigma**2, rel=0.1)


def test_low_light_takes_a_stop_each_severity_and_grains_the_dark_more() -> None:
    white = np.full((200, 200), 255, np.uint8)
    means, graininess = [], []
    for severity in SEVERITIES:
        photons = 1000 * (corrupt(white, Corruption.LOW_LIGHT, severity=severity, rng=seeded()) / 255) ** 2.2
        means.append(photons.mean())
        graininess.append(photons.std() / photons.mean())
    assert means == pytest.approx([500, 250, 125, 62.5, 31.25], rel=0.02)
    assert graininess == pytest.approx([value**-0.5 for value in (500, 250, 125, 62.5, 31.25)], rel=0.05)


def test_black_stays_black_in_low_light() -> None:
    black = np.zeros((48, 48), np.uint8)
    assert not corrupt(black, Corruption.LOW_LIGHT, severity=5, rng=seeded()).any()


def test_jpeg_leaves_a_plain_crop_plain() -> None:
    made = corrupt(np.full((48, 48), 90, np.uint8), Corruption.JPEG, severity=5, rng=seeded())
    assert np.ptp(made) == 0
    assert abs(int(made[0, 0]) - 90) <= 3


@given(st.integers(0, 2**32 - 1), st.sampled_from(SEVERITIES))
def test_one_square_of_one_gray_hides_the_share_it_says(seed: int, severity: int) -> None:
    crop = np.arange(48 * 48, dtype=np.uint32).reshape(48, 48)
    crop = (crop * 7919 % 251).astype(np.uint8)  # neighbours differ everywhere
    made = corrupt(crop, Corruption.OCCLUSION, severity=severity, rng=seeded(seed))
    rows, columns = np.nonzero(made != crop)
    side = (12, 15, 18, 21, 24)[severity - 1]
    assert max(np.ptp(rows), np.ptp(columns)) == side - 1
    hidden = made[rows.min() : rows.min() + side, columns.min() : columns.min() + side]
    assert len(np.unique(made[rows, columns])) == 1
    assert (hidden == made[rows[0], columns[0]]).mean() > 0.9


def test_low_resolution_keeps_the_light_and_loses_the_detail(face: NDArray[np.uint8]) -> None:
    losses = [distance(face, lower_resolution(face, side_px=side)) for side in (48, 32, 24, 16, 12, 1)]
    assert losses[0] == 0
    assert losses == sorted(losses)
    assert lower_resolution(face, side_px=12).mean() == pytest.approx(face.mean(), abs=2)
    assert np.array_equal(lower_resolution(face, side_px=1), np.full_like(face, round(face.mean())))
    assert np.array_equal(lower_resolution(face, side_px=500), face)


@pytest.mark.parametrize(
    ("crop", "found"),
    [
        (np.zeros((48, 48, 3), np.uint8), r"uint8 \[48, 48, 3\]"),
        (np.zeros((48, 48), np.float32), r"float32 \[48, 48\]"),
        (np.zeros((0, 48), np.uint8), r"uint8 \[0, 48\]"),
        ([[0]], "list"),
    ],
)
def test_another_array_is_refused_by_its_shape_and_type(crop: NDArray[np.uint8], found: str) -> None:
    with pytest.raises(ValueError, match=found):
        corrupt(crop, Corruption.BLUR, severity=1, rng=seeded())
    with pytest.raises(ValueError, match=found):
        lower_resolution(crop, side_px=24)


@given(CROPS, st.sampled_from(Corruption))
def test_the_usual_corruption_of_a_crop_is_fixed(crop: NDArray[np.uint8], corruption: Corruption) -> None:
    made = corrupt_as_usual(crop, corruption)
    elsewhere = np.full((crop.shape[0], 2 * crop.shape[1]), 7, np.uint8)
    elsewhere[:, ::2] = crop
    assert np.array_equal(corrupt_as_usual(elsewhere[:, ::2], corruption), made)


def test_the_usual_corruption_differs_between_crops(face: NDArray[np.uint8]) -> None:
    one, other = (corrupt_as_usual(crop, Corruption.NOISE).astype(int) - crop for crop in (face, face[:, ::-1].copy()))
    assert not np.array_equal(one, other)
    assert distance(face, corrupt_as_usual(face, Corruption.NOISE)) == pytest.approx(
        distance(face, corrupt(face, Corruption.NOISE, severity=3, rng=seeded())), rel=0.1
    )


@pytest.mark.parametrize("severity", [0, 6, -1, 2.5])
def test_severities_run_from_one_to_five(severity: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 5"):
        corrupt(np.zeros((48, 48), np.uint8), Corruption.BLUR, severity=severity, rng=seeded())


def test_a_face_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 pixel"):
        lower_resolution(np.zeros((48, 48), np.uint8), side_px=0)
