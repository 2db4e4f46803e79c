"""The fusion of labels and votes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.face.classifiers.fusion import VOTE_CLASSES, Fusion, votes_as_expressions
from mien.mood.prior import Prior
from mien.types import Emotion

UNIFORM = Prior.UNIFORM.probabilities
SETTINGS = {
    "label_weight": 0.5,
    "vote_weight": 1.5,
    "temperature": 0.8,
    "label_prior": UNIFORM.tolist(),
    "vote_prior": UNIFORM.tolist(),
    "confidence_threshold": 0.6,
}


def one_hot(place: int, count: int, *, certainty: float = 0.9) -> np.ndarray:
    shares = np.full((1, count), (1 - certainty) / (count - 1))
    shares[0, place] = certainty
    return shares


def test_each_vote_is_an_expression_and_contempt_is_neutral() -> None:
    found = [list(Emotion)[int(votes_as_expressions(np.eye(8)[None, row])[0].argmax())] for row in range(8)]
    assert found == ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "neutral"]
    assert VOTE_CLASSES[-1] == "contempt"
    assert votes_as_expressions(np.full((2, 8), 1 / 8)).sum(axis=1) == pytest.approx(1)


def test_a_weight_of_nothing_leaves_an_answer_out() -> None:
    fusion = Fusion(0.0, 1.0, 1.0, UNIFORM, UNIFORM, 0.5)
    votes = one_hot(VOTE_CLASSES.index("fear"), 8)
    for place in range(7):
        fused = fusion.fuse(one_hot(place, 7), votes, UNIFORM)
        np.testing.assert_allclose(fused, votes_as_expressions(votes), atol=1e-6)


def test_answers_that_agree_are_surer_than_either() -> None:
    fusion = Fusion(1.0, 1.0, 1.0, UNIFORM, UNIFORM, 0.5)
    fused = fusion.fuse(one_hot(3, 7, certainty=0.6), one_hot(1, 8, certainty=0.6), UNIFORM)
    assert fused[0].argmax() == 3
    assert fused[0, 3] > 0.8


def test_an_answer_that_only_repeats_its_prior_is_ruled_by_the_new_one() -> None:
    trained = Prior.FER2013.probabilities
    fusion = Fusion(1.0, 0.0, 1.0, trained, UNIFORM, 0.5)
    fused = fusion.fuse(trained[None], np.full((1, 8), 1 / 8), Prior.EVERYDAY.probabilities)
    np.testing.assert_allclose(fused[0], Prior.EVERYDAY.probabilities, atol=1e-6)


def test_a_temperature_changes_how_sure_the_answer_is_and_not_which_one_leads() -> None:
    plain = Fusion(0.7, 1.3, 1.0, UNIFORM, UNIFORM, 0.5)
    answers = one_hot(3, 7, certainty=0.4), one_hot(3, 8, certainty=0.5)
    cold, warm = (replace(plain, temperature=value).fuse(*answers, UNIFORM)[0] for value in (0.5, 2.0))
    assert list(np.argsort(cold)) == list(np.argsort(warm))
    assert cold.max() > plain.fuse(*answers, UNIFORM).max() > warm.max()


def test_impossible_answers_stay_finite() -> None:
    fusion = Fusion.from_settings(SETTINGS)
    fused = fusion.fuse(np.eye(7)[:1], np.eye(8)[2:3], UNIFORM)
    assert np.isfinite(fused).all()
    assert fused.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "damage",
    [
        {"label_prior": [0.5, 0.5]},
        {"vote_prior": [0.0] * 7},
        {"label_weight": -1},
        {"label_weight": 0, "vote_weight": 0},
        {"vote_weight": "much"},
        {"temperature": 0},
        {"label_prior": None},
    ],
)
def test_damaged_settings_are_refused(damage: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Fusion.from_settings(SETTINGS | damage)
