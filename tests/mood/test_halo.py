"""The halo holds the share of the next corrections that it promises."""

from __future__ import annotations

import numpy as np
import pytest

from mien.mood.halo import HALO_COVERAGE, halo_radius


def test_a_few_corrections_tell_nothing() -> None:
    assert halo_radius([]) is None
    assert halo_radius([0.1] * 4) is None
    assert halo_radius([0.1] * 5) == 0.1


def test_the_share_inside_is_as_promised() -> None:
    rng = np.random.default_rng(0)
    inside = []
    for _ in range(2000):
        *before, last = rng.rayleigh(0.2, 16).tolist()
        radius = halo_radius(before)
        assert radius is not None
        inside.append(last <= radius)
    assert HALO_COVERAGE - 0.02 < np.mean(inside) < HALO_COVERAGE + 0.12


def test_it_narrows_when_the_point_is_moved_less_and_less() -> None:
    wide = halo_radius([0.5] * 8)
    assert wide == 0.5
    assert halo_radius([0.5] * 8 + [0.1] * 20) == pytest.approx(0.1)
