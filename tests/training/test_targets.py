"""Soft training targets. Requires PyTorch: ``make test-training``."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.data import Rows  # noqa: E402
from training.targets import label_targets, labels_given_votes, vote_targets  # noqa: E402

HAPPY, SAD, NEUTRAL = 3, 4, 6
VOTED_NEUTRAL, VOTED_HAPPINESS = 0, 1


def rows(labels: list[int], votes: list[list[int]]) -> Rows:
    count = len(labels)
    return Rows(
        np.zeros((count, 48, 48), np.uint8), np.array(labels), np.array(votes, dtype=np.uint8), np.arange(count)
    )


def voting(**counts: int) -> list[int]:
    names = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf")
    return [counts.get(name, 0) for name in names]


def test_votes_are_converted_to_label_distributions() -> None:
    """Two thirds of the rows voted neutral are labelled sad, so a neutral vote means sad with probability 2/3."""
    voted_neutral, voted_happy = voting(neutral=10), voting(happiness=10)
    given = labels_given_votes(rows([SAD, SAD, NEUTRAL] * 20 + [HAPPY] * 40, [voted_neutral] * 60 + [voted_happy] * 40))
    assert float(given[0, SAD]) == pytest.approx(2 / 3, abs=0.03)
    assert float(given[0, NEUTRAL]) == pytest.approx(1 / 3, abs=0.03)
    assert float(given[99, HAPPY]) > 0.95


def test_rows_without_votes_use_the_label_alone() -> None:
    targets = label_targets(rows([HAPPY, SAD], [voting(), voting()]), vote_weight=0.5, smoothing=0.07)
    assert targets.sum(dim=1).tolist() == pytest.approx([1, 1])
    assert float(targets[0, HAPPY]) == pytest.approx(0.94)
    assert float(targets[1, HAPPY]) == pytest.approx(0.01)


def test_single_votes_are_ignored_and_unknown_faces_have_no_target() -> None:
    votes, has_target = vote_targets(
        rows([0, 0, 0], [voting(neutral=6, sadness=3, fear=1), voting(unknown=6, anger=4), voting()])
    )
    assert has_target.tolist() == [True, False, False]
    assert votes[0].tolist() == pytest.approx([6 / 9, 0, 0, 3 / 9, 0, 0, 0, 0])
