"""The halo holds the share of the next corrections that it promises, and is no wider than that needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.mood.halo import HALO_COVERAGE, MIN_DISTANCES, halo_radius

distances = st.lists(st.floats(0, 2.9), min_size=MIN_DISTANCES, max_size=80)


def share_inside(series: list[float]) -> float:
    radii = [halo_radius(series[:count]) for count in range(len(series))]
    inside = [distance <= radius for distance, radius in zip(series, radii, strict=True) if radius is not None]
    return float(np.mean(inside))


def test_a_few_corrections_tell_nothing() -> None:
    assert halo_radius([]) is None
    assert halo_radius([0.1] * (MIN_DISTANCES - 1)) is None
    assert halo_radius([0.1] * MIN_DISTANCES) == pytest.approx(0.1)


@given(distances)
def test_it_reaches_no_farther_than_any_correction(series: list[float]) -> None:
    radius = halo_radius(series)
    assert radius is not None
    assert min(series) - 1e-9 <= radius <= max(series) + 1e-9


@pytest.mark.parametrize("half_life", [6, 15, 1000])
def test_the_share_inside_is_as_promised_also_while_mien_learns(half_life: int) -> None:
    rng = np.random.default_rng(0)
    scales = 0.05 + 0.4 * 0.5 ** (np.arange(40) / half_life)
    shares = [share_inside(rng.rayleigh(scales).tolist()) for _ in range(60)]
    assert np.mean(shares) == pytest.approx(HALO_COVERAGE, abs=0.03)


def test_it_widens_again_when_the_point_is_off_more_than_before() -> None:
    rng = np.random.default_rng(1)
    series = [*rng.rayleigh(0.05, 30).tolist(), *rng.rayleigh(0.4, 30).tolist()]
    assert share_inside(series[30:]) == pytest.approx(HALO_COVERAGE, abs=0.12)
    before, after = halo_radius(series[:30]), halo_radius(series)
    assert before is not None
    assert after is not None
    assert after > 3 * before


def test_it_narrows_when_the_point_is_moved_less_and_less() -> None:
    assert halo_radius([0.5] * 8) == pytest.approx(0.5)
    assert halo_radius([0.5] * 8 + [0.1] * 20) == pytest.approx(0.1)
