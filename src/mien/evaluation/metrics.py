"""Metrics of classifiers: pure functions of true classes and probabilities.

Classes are numbers, 0 .. k - 1, in the order of ``Emotion``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion

Classes = NDArray[np.int64]
"""One class per row: integers [n], 0 .. k - 1."""

Probabilities = NDArray[np.float64]
"""Probabilities per row: float [n, k], each row summing to 1."""

CALIBRATION_BINS: Final = 15

SELECTIVE_COVERAGE: Final = 0.8
"""The share of rows that are still classified if the least confident fifth is left out."""

_NORMAL_95: Final = 1.959964
"""95 % of a normal distribution are within this many standard deviations of its mean."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """All metrics: ``count`` rows, shares 0..1, ``confusion`` int64 [k, k] (row: true class, column: predicted).

    ``selective_accuracy`` is the accuracy at a coverage of 80 %.
    """

    count: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    selective_accuracy: float
    confusion: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Rows by confidence, in bins of equal width from 0 to 1.

    Attributes:
        count: Rows per bin, int64 [bins].
        right: Correct rows per bin, int64 [bins].
        confidence: The sum of the rows' confidences per bin, float64 [bins].
    """

    count: NDArray[np.int64]
    right: NDArray[np.int64]
    confidence: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """The error rate ``risk`` of the most confident rows, for each share ``coverage`` of all rows; float64 [n], 0..1.

    Entry i is about the i + 1 most confident rows.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]


def score(truth: Classes, probabilities: Probabilities) -> Scores:
    """Score a classifier that predicts the likeliest class; ``ValueError`` if there is no row or shapes differ."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2:
        raise ValueError(f"probabilities must be [n, k], not {list(probabilities.shape)}")
    confusion = confusion_matrix(truth, predicted_classes(probabilities), classes=probabilities.shape[1])
    return Scores(
        count=len(probabilities),
        accuracy=accuracy(confusion),
        macro_f1=macro_f1(confusion),
        calibration_error=expected_calibration_error(truth, probabilities),
        selective_accuracy=accuracy_at_coverage(truth, probabilities),
        confusion=confusion,
    )


def predicted_classes(probabilities: Probabilities) -> Classes:
    """The likeliest class of each row, int64 [n]; the first one of a tie."""
    return np.asarray(np.argmax(probabilities, axis=1), dtype=np.int64)


def confusion_matrix(truth: Classes, predicted: Classes, *, classes: int = len(Emotion)) -> NDArray[np.int64]:
    """Count the rows of each true and predicted class.

    Args:
        truth: True classes, int64 [n].
        predicted: Predicted classes, int64 [n].
        classes: How many classes there are.

    Returns:
        int64 [classes, classes]; the entry i, j counts the rows of class i that were predicted as j.

    Raises:
        ValueError: If lengths differ, there is no row, or a class is not in 0 .. classes - 1.
    """
    truth, predicted = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if truth.shape != predicted.shape or truth.ndim != 1 or truth.size == 0:
        raise ValueError(f"needs one true class per row and at least one row, not {truth.shape} and {predicted.shape}")
    for name, values in (("true", truth), ("predicted", predicted)):
        if values.min() < 0 or values.max() >= classes:
            raise ValueError(f"{name} classes must be in 0 .. {classes - 1}")
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def accuracy(confusion: NDArray[np.int64]) -> float:
    """The share of correct rows, 0..1: the trace over the sum."""
    return float(np.trace(confusion) / confusion.sum())


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """The mean of the classes' F1 = 2 TP / (2 TP + FP + FN), with equal weights, 0..1.

    F1 is van Rijsbergen's (Information Retrieval, 1979); the mean of F1s, not the F1 of means, as Opitz and Burst
    (Macro F1 and Macro F1, arXiv:1911.03347) advise. Classes that neither occur nor were predicted are left out.
    """
    doubled_hits = 2 * np.diagonal(confusion)
    occurrences = confusion.sum(axis=0) + confusion.sum(axis=1)
    present = occurrences > 0
    return float(np.mean(doubled_hits[present] / occurrences[present]))


def reliability(truth: Classes, probabilities: Probabilities, *, bins: int = CALIBRATION_BINS) -> Reliability:
    """Sort rows into bins ((m - 1)/M, m/M] by their highest probability, for a reliability diagram.

    Within a bin, accuracy should equal confidence (Guo et al. 2017, arXiv:1706.04599, section 2). ``ValueError`` if
    there is no row or lengths differ.

    Args:
        truth: True classes, int64 [n].
        probabilities: float [n, k].
        bins: How many bins of equal width.
    """
    confidence, right = _confidence_and_correct(truth, probabilities)
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return Reliability(
        count=np.bincount(place, minlength=bins),
        right=np.bincount(place[right], minlength=bins),
        confidence=np.asarray(np.bincount(place, weights=confidence, minlength=bins), dtype=np.float64),
    )


def expected_calibration_error(truth: Classes, probabilities: Probabilities, *, bins: int = CALIBRATION_BINS) -> float:
    """The difference between confidence and accuracy, 0..1; 0 is perfect calibration.

    The sum over the bins of ``reliability`` of (rows in bin / n) |accuracy - mean confidence|: equation 3 of Guo et al.
    (On Calibration of Modern Neural Networks, ICML 2017, arXiv:1706.04599).

    Args:
        truth: True classes, int64 [n].
        probabilities: float [n, k].
        bins: How many bins of equal width.
    """
    rows = reliability(truth, probabilities, bins=bins)
    # Within a bin, |accuracy - confidence| times its rows is |correct rows - sum of confidences|.
    return float(np.abs(rows.right - rows.confidence).sum() / rows.count.sum())


def risk_coverage(truth: Classes, probabilities: Probabilities) -> RiskCoverage:
    """The error rate among the most confident rows, for every share of rows.

    Confidence is the highest probability (El-Yaniv and Wiener 2010, JMLR 11; for networks Geifman and El-Yaniv 2017,
    arXiv:1705.08500). If only some rows of equal confidence are covered, the risk is the expectation over a random
    choice of them. ``ValueError`` if there is no row or lengths differ.
    """
    confidence, right = _confidence_and_correct(truth, probabilities)
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    covered = np.arange(1, len(order) + 1)
    last_of_tie = np.append(np.flatnonzero(np.diff(confidence[order])), len(order) - 1)
    # Within a tie the expected number of errors rises linearly.
    expected = np.interp(covered, np.append(0, covered[last_of_tie]), np.append(0, wrong[last_of_tie]))
    return RiskCoverage(coverage=covered / len(order), risk=expected / covered)


def accuracy_at_coverage(
    truth: Classes, probabilities: Probabilities, *, coverage: float = SELECTIVE_COVERAGE
) -> float:
    """The accuracy on the most confident rows, 0..1. Ties are treated as in ``risk_coverage``.

    Args:
        truth: True classes, int64 [n].
        probabilities: float [n, k].
        coverage: The least share of rows to count, above 0 and at most 1; ``ValueError`` otherwise.
    """
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage must be above 0 and at most 1, not {coverage}")
    risk = risk_coverage(truth, probabilities).risk
    covered = max(1, math.ceil(round(coverage * len(risk), 6)))  # 0.55 of 100 rows is 55, whatever 0.55 is in binary
    return float(1 - risk[covered - 1])


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share, 0..1, if ``right`` of ``count`` rows were correct.

    The score interval of Wilson (1927, JASA 22:209), which is valid for few rows and for shares near 0 and 1 too.
    ``ValueError`` unless 0 <= right <= count and count is at least 1.
    """
    if not 0 <= right <= count or count < 1:
        raise ValueError(f"needs 0 <= right <= count and at least one row, not {right} of {count}")
    share, doubt = right / count, _NORMAL_95**2 / count
    middle = (share + doubt / 2) / (1 + doubt)
    reach = _NORMAL_95 * math.sqrt(share * (1 - share) / count + doubt / (4 * count)) / (1 + doubt)
    return max(0.0, middle - reach), min(1.0, middle + reach)


LIGHTING: Final = {"brightness": ("dark", "medium", "bright"), "contrast": ("flat", "medium", "strong")}
"""Names for the ``thirds`` of crops by mean and by standard deviation of the gray values."""


def thirds(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The third that each of ``values`` [n] belongs to, int64 [n]: 0 for the lowest to 2 for the highest.

    Equal values are in the same third, the lower one, so thirds may be uneven or empty.
    """
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    return np.asarray((values > low).astype(np.int64) + (values > high))


def _confidence_and_correct(
    truth: Classes, probabilities: Probabilities
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The confidence of each row, float64 [n], and whether it is correct, bool [n]."""
    truth, probabilities = np.asarray(truth, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2 or truth.shape != probabilities.shape[:1] or truth.size == 0:
        raise ValueError(
            f"needs one true class per row and at least one row, not {truth.shape} and {probabilities.shape}"
        )
    if not np.isfinite(probabilities).all():
        raise ValueError("probabilities must be numbers, and some are not (NaN or infinite)")
    return probabilities.max(axis=1), predicted_classes(probabilities) == truth
