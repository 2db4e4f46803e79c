"""Scores of an ordinary day."""

from __future__ import annotations

import numpy as np
import pytest

from mien.evaluation.everyday import class_weights, everyday_scores
from mien.mood.prior import Prior
from mien.types import Emotion

HAPPY, NEUTRAL = list(Emotion).index(Emotion.HAPPY), list(Emotion).index(Emotion.NEUTRAL)


def votes(*rows: tuple[int, int]) -> np.ndarray:
    """One row for each (expression, how many of ten chose it)."""
    counts = np.zeros((len(rows), 7))
    for row, (place, count) in enumerate(rows):
        counts[row, place] = count
    return counts


def sure(*places: int) -> np.ndarray:
    return np.eye(7)[list(places)]


def test_rows_without_agreement_do_not_count() -> None:
    scores = everyday_scores(votes((HAPPY, 8), (HAPPY, 7)), sure(HAPPY, NEUTRAL), agreement=8)
    assert (scores.count, scores.accuracy) == (1, 1.0)
    assert everyday_scores(votes((HAPPY, 8), (HAPPY, 7)), sure(HAPPY, NEUTRAL), agreement=6).accuracy == 0.5


def test_classes_weigh_as_on_an_ordinary_day_however_many_rows_they_have() -> None:
    truth = votes((HAPPY, 9), *[(NEUTRAL, 9)] * 9)
    scores = everyday_scores(truth, sure(HAPPY, *[HAPPY] * 9), agreement=8)
    happy, neutral = Prior.EVERYDAY.probabilities[[HAPPY, NEUTRAL]]
    assert scores.accuracy == pytest.approx(happy / (happy + neutral))
    assert scores.recalls[HAPPY] == 1
    assert scores.recalls[NEUTRAL] == 0
    assert np.isnan(scores.recalls[0])
    assert scores.rows.sum() == 10


def test_weights_of_all_rows_sum_to_one() -> None:
    rows = np.array([3, 0, 1, 50, 7, 2, 9])
    assert (class_weights(rows) * rows).sum() == pytest.approx(1)


def test_calibration_counts_the_same_weights() -> None:
    probabilities = np.full((2, 7), 0.05)
    probabilities[:, HAPPY] = 0.7
    right = everyday_scores(votes((HAPPY, 10), (HAPPY, 10)), probabilities, agreement=8)
    assert right.calibration_error == pytest.approx(0.3)
    wrong = everyday_scores(votes((NEUTRAL, 10), (NEUTRAL, 10)), probabilities, agreement=8)
    assert wrong.calibration_error == pytest.approx(0.7)


@pytest.mark.parametrize("shape", [(2, 7), (3, 6)])
def test_shapes_that_disagree_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="one shape"):
        everyday_scores(np.full((3, 7), 1.0), np.full(shape, 1 / 7), agreement=6)


def test_no_row_with_agreement_is_said() -> None:
    with pytest.raises(ValueError, match="no row has 8 votes"):
        everyday_scores(votes((HAPPY, 4)), sure(HAPPY), agreement=8)
