"""Estimates of a policy that was not followed hit what it would have earned."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mien.music.recommender.off_policy import evaluate_policy, mean

shares = hnp.arrays(np.float64, st.integers(2, 30), elements=st.floats(0, 1))


def log(rng, count):
    """Outcomes of one policy over three tracks, its propensities, those of another, and what the other would earn."""
    rewards, followed, other = np.array([0.2, 0.5, 0.9]), np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7])
    actions = rng.choice(3, count, p=followed)
    outcomes = (rng.random(count) < rewards[actions]).astype(float)
    return outcomes, followed[actions], other[actions], float(other @ rewards)


def test_intervals_cover_the_truth_95_percent_of_the_time():
    held = {"ips": 0, "snips": 0, "gain": 0}
    for seed in range(400):
        outcomes, propensities, wanted, value = log(np.random.default_rng(seed), 600)
        found = evaluate_policy(outcomes, propensities, wanted)
        held["ips"] += found.ips.low <= value <= found.ips.high
        held["snips"] += found.snips.low <= value <= found.snips.high
        held["gain"] += found.gain.low <= 0.6 * 0.2 + 0.3 * 0.5 + 0.1 * 0.9 - value <= found.gain.high
    assert all(0.91 <= count / 400 <= 0.98 for count in held.values()), held


@given(outcomes=shares)
def test_the_policy_that_was_followed_earns_the_mean(outcomes):
    propensities = np.full(outcomes.size, 0.3)
    found = evaluate_policy(outcomes, propensities, propensities)
    assert found.ips.value == pytest.approx(outcomes.mean())
    assert found.snips.value == pytest.approx(outcomes.mean())
    assert found.gain.value == found.gain.low == found.gain.high == 0
    assert found.effective_sample_size == pytest.approx(outcomes.size)


def test_no_outcomes_give_nan():
    assert np.isnan(mean(np.empty(0)).value)
    assert mean(np.array([0.5])).high == np.inf
    found = evaluate_policy(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.zeros(2))
    assert found.effective_sample_size == 0
    assert np.isnan(found.snips.value)
    with pytest.raises(ValueError, match="above 0"):
        evaluate_policy(np.array([1.0]), np.array([0.0]), np.array([0.5]))
