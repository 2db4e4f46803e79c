"""Priors, and the correction of probabilities for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.config import PRIORS
from mien.mood.prior import NEUTRAL_SHARE, Prior, change_prior
from mien.types import Emotion

shares = st.lists(st.floats(0.01, 1), min_size=7, max_size=7).map(lambda values: np.array(values) / sum(values))


@pytest.mark.parametrize("prior", list(Prior))
def test_a_prior_is_a_distribution_without_zeros(prior: Prior) -> None:
    assert prior.probabilities.shape == (len(Emotion),)
    assert prior.probabilities.sum() == pytest.approx(1)
    assert (prior.probabilities > 0).all()


def test_an_ordinary_day_is_mostly_neutral_then_happy() -> None:
    ranked = [list(Emotion)[index] for index in np.argsort(-Prior.EVERYDAY.probabilities)]
    assert ranked == ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear"]
    assert Prior.EVERYDAY.probabilities[list(Emotion).index(Emotion.NEUTRAL)] == NEUTRAL_SHARE
    happy, surprise = (Prior.EVERYDAY.probabilities[list(Emotion).index(e)] for e in (Emotion.HAPPY, Emotion.SURPRISE))
    assert happy / surprise == pytest.approx(31 / 11.3)


def test_the_settings_know_every_prior() -> None:
    assert tuple(Prior) == PRIORS


@given(read=shares, trained=shares, wanted=shares)
def test_changing_a_prior_and_back_changes_nothing(read: np.ndarray, trained: np.ndarray, wanted: np.ndarray) -> None:
    there = change_prior(read[None], trained=trained, wanted=wanted)
    assert there.sum() == pytest.approx(1)
    np.testing.assert_allclose(change_prior(there, trained=wanted, wanted=trained)[0], read, atol=1e-9)


@given(trained=shares, wanted=shares)
def test_a_reading_that_says_nothing_becomes_the_prior(trained: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(change_prior(trained[None], trained=trained, wanted=wanted)[0], wanted, atol=1e-9)
