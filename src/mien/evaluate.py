"""How good a classifier is: pure functions from true classes and probabilities to figures.

Classes are numbers, 0 .. k - 1, in the order of ``Emotion``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion

Classes = NDArray[np.int64]
"""A class a row: integers [n], 0 .. k - 1."""

Probabilities = NDArray[np.float64]
"""Probabilities a row: float [n, k], each row summing to 1."""

CALIBRATION_BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Every figure at once: ``count`` rows, shares 0..1, ``confusion`` int64 [k, k] (row: true, column: said)."""

    count: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    confusion: NDArray[np.int64]


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


def expected_calibration_error(truth: Classes, probabilities: Probabilities, *, bins: int = CALIBRATION_BINS) -> float:
    """How far confidence lies from accuracy, 0..1; 0 is perfect calibration.

    Rows fall into ``bins`` equal intervals ((m - 1)/M, m/M] of their highest probability; the result is the sum over
    bins of (rows in bin / n) |accuracy - mean confidence|: equation 3 of Guo et al. (On Calibration of Modern Neural
    Networks, ICML 2017, arXiv:1706.04599).
    """
    truth, probabilities = np.asarray(truth, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if truth.shape != probabilities.shape[:1] or truth.size == 0:
        raise ValueError(f"need a true class a row, and one at least: {truth.shape}, {probabilities.shape}")
    confidence = probabilities.max(axis=1)
    right = said(probabilities) == truth
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    # Within a bin, |accuracy - confidence| times its rows is the absolute sum of what the rows are off by.
    gaps = np.bincount(place, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / truth.size)
