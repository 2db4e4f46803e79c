"""The benchmark of corrections measures a gain if there is one, and harm if there is any."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.personal import PartResult, check_halo, measure, report
from benchmarks.simulated_people import Readings, SimulatedPerson, simulated_people
from mien.types import Emotion


@pytest.fixture(scope="module")
def readings() -> Readings:
    """Seven hundred readings that are clear, without blendshapes and pose."""
    rng = np.random.default_rng(2)
    labels = np.arange(700) % len(Emotion)
    logs = 4 * np.eye(len(Emotion))[labels] + rng.normal(0, 0.5, (700, len(Emotion)))
    shares = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    answers = np.hstack([logs, np.zeros((700, 8))])
    return Readings(shares, answers, np.zeros((700, 52)), np.zeros((700, 3)), labels)


def test_there_are_twenty_people_and_always_the_same(readings: Readings) -> None:
    people, again = (simulated_people(np.random.default_rng(20)) for _ in range(2))
    assert len({person.name for person in people}) == 20
    for one, other in zip(people, again, strict=True):
        assert np.array_equal(one.moods(readings), other.moods(readings))


def test_a_shift_is_learnt_and_a_person_without_one_is_not_hurt(readings: Readings) -> None:
    shifted = SimulatedPerson("shifted", lambda rows: rows.points + np.array([0.2, -0.3]), 0.05)
    unbiased = SimulatedPerson("unbiased", lambda rows: rows.points, 0.15)
    gain, none = (measure(person, readings, corrections=10, repeats=2) for person in (shifted, unbiased))
    assert gain.before == pytest.approx(0.36, abs=0.02)
    assert gain.after < 0.3 * gain.before
    assert none.before == 0
    assert 0 <= none.after < 0.02
    assert gain.moved == pytest.approx(0.5, abs=0.02)
    assert gain.after < gain.first < gain.before
    checks = check_halo([shifted], readings)
    low, high = checks.interval
    assert 0.6 < low < checks.share < high < 1
    table = report([PartResult("PublicTest", (gain, none), (gain,), checks)], corrections=10, repeats=2)
    assert f"| shifted | {gain.before:.3f} | {gain.after:.3f} | {gain.ratio:.0%} | 0.000 |" in table
    assert "1 of 1 with a bias at most 60%" in table


def test_what_is_learnt_from_one_correction_is_less_than_from_ten(readings: Readings) -> None:
    shifted = SimulatedPerson("shifted", lambda rows: rows.points - 0.3, 0.05)
    one, ten = (measure(shifted, readings, corrections=count, repeats=2).after for count in (1, 10))
    assert ten < one
