"""How well a reader does on an ordinary day: rows on which people agree, weighted by how often an expression occurs.

FER2013's labels are one person's and its classes are balanced as no day is. Here the truth is what most of FER+'s ten
voters chose (Barsoum et al. 2016, arXiv:1608.01041), rows are counted only where enough of them agree, and each class
weighs what ``Prior.EVERYDAY`` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.metrics import CALIBRATION_BINS, Probabilities, predicted_classes
from mien.mood.prior import Prior
from mien.types import Emotion

AGREEMENTS: Final = (8, 6)
"""How many of ten voters must agree for a row to count, in the order of the report."""


@dataclass(frozen=True, slots=True, eq=False)
class EverydayScores:
    """Figures over the rows on which at least ``agreement`` of ten people agree.

    Attributes:
        agreement: Votes out of ten that the commonest expression has, at least.
        count: Rows that count.
        accuracy: Mean of ``recalls``, weighted by the everyday prior over the classes that occur, 0..1.
        calibration_error: Expected calibration error in 15 bins with the same weights, 0..1.
        recalls: Share of each class that is read as such, float64 [7] in the order of ``Emotion``; NaN without rows.
        rows: Rows of each class, int64 [7].
    """

    agreement: int
    count: int
    accuracy: float
    calibration_error: float
    recalls: NDArray[np.float64]
    rows: NDArray[np.int64]


def everyday_scores(
    expression_votes: NDArray[np.float64], probabilities: Probabilities, *, agreement: int
) -> EverydayScores:
    """Score a reader on the rows on which people agree.

    Args:
        expression_votes: Votes for each expression out of ten, float64 [n, 7]; what is left of ten are votes for
            something else.
        probabilities: What the reader answers, float64 [n, 7], each row summing to 1.
        agreement: How many of the ten must have chosen the same expression, 1 to 10.

    Raises:
        ValueError: If no row has so much agreement, or shapes disagree.
    """
    if expression_votes.shape != probabilities.shape or probabilities.ndim != 2:
        raise ValueError(f"need votes and probabilities of one shape: {expression_votes.shape}, {probabilities.shape}")
    agreed = expression_votes.max(axis=1) >= agreement
    if not agreed.any():
        raise ValueError(f"no row has {agreement} votes for one expression")
    truth = expression_votes[agreed].argmax(axis=1)
    rows = np.bincount(truth, minlength=len(Emotion))
    said = predicted_classes(probabilities[agreed])
    right = np.bincount(truth[said == truth], minlength=len(Emotion))
    with np.errstate(invalid="ignore"):
        recalls = right / rows
    weights = class_weights(rows)
    return EverydayScores(
        agreement=agreement,
        count=int(agreed.sum()),
        accuracy=float((weights * rows * np.nan_to_num(recalls)).sum()),
        calibration_error=_calibration_error(truth, probabilities[agreed], weights[truth]),
        recalls=recalls,
        rows=rows,
    )


def class_weights(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What each row of a class weighs, float64 [7], given how many ``rows`` [7] there are; over all rows they sum to 1.

    The classes that occur share the weight as ``Prior.EVERYDAY`` says; the others weigh 0.
    """
    shares = np.where(rows > 0, Prior.EVERYDAY.probabilities, 0.0)
    return np.asarray(shares / shares.sum() / np.maximum(rows, 1))


def _calibration_error(truth: NDArray[np.int64], probabilities: Probabilities, weights: NDArray[np.float64]) -> float:
    """Expected calibration error (Guo et al. 2017, arXiv:1706.04599, equation 3) with weighted rows that sum to 1."""
    confidence, right = probabilities.max(axis=1), predicted_classes(probabilities) == truth
    place = np.clip(np.ceil(confidence * CALIBRATION_BINS).astype(np.int64) - 1, 0, CALIBRATION_BINS - 1)
    gaps = np.bincount(place, weights=weights * (right - confidence), minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum())
