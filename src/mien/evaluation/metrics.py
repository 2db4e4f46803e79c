"""How good a classifier is: pure functions from true classes and probabilities to figures.

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
"""A class a row: integers [n], 0 .. k - 1."""

Probabilities = NDArray[np.float64]
"""Probabilities a row: float [n, k], each row summing to 1."""

CALIBRATION_BINS: Final = 15

SELECTIVE_COVERAGE: Final = 0.8
"""The share of rows that are still judged when the least confident fifth is left open."""

_NORMAL_95: Final = 1.959964
"""How many standard deviations either way hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Every figure at once: ``count`` rows, shares 0..1, ``confusion`` int64 [k, k] (row: true, column: said).

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
    """Rows by confidence, in equal intervals of 0..1.

    ``count`` int64 [bins] rows, of which ``right`` int64 [bins] are right; ``confidence`` float64 [bins] is the sum of
    their confidences.
    """

    count: NDArray[np.int64]
    right: NDArray[np.int64]
    confidence: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """What is wrong among the most confident rows: float64 [n] ``risk`` 0..1 where ``coverage`` 0..1 of all is judged.

    Entry i is about the i + 1 most confident rows.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]


def score(truth: Classes, probabilities: Probabilities) -> Scores:
    """Score a classifier that says its likeliest class; ``ValueError`` when there is no row or shapes disagree."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2:
        raise ValueError(f"probabilities must be [n, k], not {list(probabilities.shape)}")
    confusion = confusion_matrix(truth, said(probabilities), classes=probabilities.shape[1])
    return Scores(
        count=len(probabilities),
        accuracy=accuracy(confusion),
        macro_f1=macro_f1(confusion),
        calibration_error=expected_calibration_error(truth, probabilities),
        selective_accuracy=accuracy_at_coverage(truth, probabilities),
        confusion=confusion,
    )


def said(probabilities: Probabilities) -> Classes:
    """The likeliest class of each row, int64 [n]; the first of several that tie."""
    return np.asarray(np.argmax(probabilities, axis=1), dtype=np.int64)


def confusion_matrix(truth: Classes, predicted: Classes, *, classes: int = len(Emotion)) -> NDArray[np.int64]:
    """Count the rows of true class i that were called j: int64 [classes, classes].

    ``ValueError`` when the two lengths differ, there is no row, or a class lies outside 0 .. classes - 1.
    """
    truth, predicted = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if truth.shape != predicted.shape or truth.ndim != 1 or truth.size == 0:
        raise ValueError(f"need as many true as predicted classes, and one at least: {truth.shape}, {predicted.shape}")
    for name, values in (("true", truth), ("predicted", predicted)):
        if values.min() < 0 or values.max() >= classes:
            raise ValueError(f"{name} classes must lie in 0 .. {classes - 1}")
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def accuracy(confusion: NDArray[np.int64]) -> float:
    """The share of rows that were called right, 0..1: the trace over the sum."""
    return float(np.trace(confusion) / confusion.sum())


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """The mean of the classes' F1 = 2 TP / (2 TP + FP + FN), each class counting the same, 0..1.

    F1 is van Rijsbergen's (Information Retrieval, 1979); the mean of F1s, not the F1 of means, as Opitz and Burst
    (Macro F1 and Macro F1, arXiv:1911.03347) advise. Classes that neither occur nor were said are left out.
    """
    doubled_hits = 2 * np.diagonal(confusion)
    occurrences = confusion.sum(axis=0) + confusion.sum(axis=1)
    present = occurrences > 0
    return float(np.mean(doubled_hits[present] / occurrences[present]))


def reliability(truth: Classes, probabilities: Probabilities, *, bins: int = CALIBRATION_BINS) -> Reliability:
    """The rows in ``bins`` equal intervals ((m - 1)/M, m/M] of their highest probability.

    What a reliability diagram shows: within a bin, accuracy should be what the confidence promises (Guo et al. 2017,
    arXiv:1706.04599, section 2). ``ValueError`` when there is no row or lengths disagree.
    """
    confidence, right = _judged(truth, probabilities)
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return Reliability(
        count=np.bincount(place, minlength=bins),
        right=np.bincount(place[right], minlength=bins),
        confidence=np.asarray(np.bincount(place, weights=confidence, minlength=bins), dtype=np.float64),
    )


def expected_calibration_error(truth: Classes, probabilities: Probabilities, *, bins: int = CALIBRATION_BINS) -> float:
    """How far confidence lies from accuracy, 0..1; 0 is perfect calibration.

    The sum over the bins of ``reliability`` of (rows in bin / n) |accuracy - mean confidence|: equation 3 of Guo et al.
    (On Calibration of Modern Neural Networks, ICML 2017, arXiv:1706.04599).
    """
    rows = reliability(truth, probabilities, bins=bins)
    # Within a bin, |accuracy - confidence| times its rows is the absolute sum of what the rows are off by.
    return float(np.abs(rows.right - rows.confidence).sum() / rows.count.sum())


def risk_coverage(truth: Classes, probabilities: Probabilities) -> RiskCoverage:
    """The share of mistakes among the most confident rows, for every share of rows that can be kept.

    Confidence is the highest probability (El-Yaniv and Wiener 2010, JMLR 11; for networks Geifman and El-Yaniv 2017,
    arXiv:1705.08500). Rows of equal confidence have no order: where some of them are kept, the risk is what keeping
    any of them at random gives on average. ``ValueError`` when there is no row or lengths disagree.
    """
    confidence, right = _judged(truth, probabilities)
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    kept = np.arange(1, len(order) + 1)
    last_of_tie = np.append(np.flatnonzero(np.diff(confidence[order])), len(order) - 1)
    # Between the ends of two ties the expected count of mistakes rises in a straight line.
    expected = np.interp(kept, np.append(0, kept[last_of_tie]), np.append(0, wrong[last_of_tie]))
    return RiskCoverage(coverage=kept / len(order), risk=expected / kept)


def accuracy_at_coverage(
    truth: Classes, probabilities: Probabilities, *, coverage: float = SELECTIVE_COVERAGE
) -> float:
    """The accuracy, 0..1, when only the most confident rows are judged: at least ``coverage`` of all, as few as can be.

    Ties are treated as in ``risk_coverage``. ``ValueError`` unless ``coverage`` is above 0 and at most 1.
    """
    if not 0 < coverage <= 1:
        raise ValueError(f"coverage must lie above 0 and not above 1, not at {coverage}")
    risk = risk_coverage(truth, probabilities).risk
    kept = max(1, math.ceil(round(coverage * len(risk), 6)))  # 0.55 of 100 rows is 55, whatever 0.55 is in binary
    return float(1 - risk[kept - 1])


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Between which shares, 0..1, the true one lies with 95 % confidence, when ``right`` of ``count`` rows were right.

    The score interval of Wilson (1927, JASA 22:158), which stays sensible for few rows and for shares near 0 and 1.
    ``ValueError`` unless 0 <= right <= count and count is at least 1.
    """
    if not 0 <= right <= count or count < 1:
        raise ValueError(f"need 0 <= right <= count and one row at least, not {right} of {count}")
    share, doubt = right / count, _NORMAL_95**2 / count
    middle = (share + doubt / 2) / (1 + doubt)
    reach = _NORMAL_95 * math.sqrt(share * (1 - share) / count + doubt / (4 * count)) / (1 + doubt)
    return max(0.0, middle - reach), min(1.0, middle + reach)


LIGHTING: Final = {"brightness": ("dark", "medium", "bright"), "contrast": ("flat", "medium", "strong")}
"""What the ``thirds`` of crops by mean gray value, and by its standard deviation, are called."""


def thirds(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which third each of ``values`` [n] belongs to, int64 [n]: 0 the lowest, 1, 2 the highest.

    Equal values stay together, in the lower of their thirds, so that thirds may be uneven, or empty.
    """
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    return np.asarray((values > low).astype(np.int64) + (values > high))


def _judged(truth: Classes, probabilities: Probabilities) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How confident each row is, float64 [n], and whether it is right, bool [n]."""
    truth, probabilities = np.asarray(truth, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2 or truth.shape != probabilities.shape[:1] or truth.size == 0:
        raise ValueError(f"need a true class a row, and one at least: {truth.shape}, {probabilities.shape}")
    if not np.isfinite(probabilities).all():
        raise ValueError("probabilities must be numbers, and some are not (NaN or infinite)")
    return probabilities.max(axis=1), said(probabilities) == truth
