"""Figures against values worked out by hand, and what must hold for any rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from mien.evaluation.metrics import (
    accuracy,
    accuracy_at_coverage,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    predicted_classes,
    reliability,
    risk_coverage,
    score,
    thirds,
    wilson_interval,
)

# Eight rows of three classes: of four 0s three are called right, of three 1s two, the single 2 is called 0.
TRUTH = np.array([0, 0, 0, 0, 1, 1, 1, 2])
PREDICTED = np.array([0, 0, 0, 1, 1, 1, 0, 0])


def test_confusion_has_true_classes_as_rows_and_predicted_ones_as_columns() -> None:
    assert confusion_matrix(TRUTH, PREDICTED, classes=3).tolist() == [[3, 1, 0], [1, 2, 0], [1, 0, 0]]
    assert confusion_matrix(TRUTH, PREDICTED).shape == (7, 7)


def test_accuracy_by_hand() -> None:
    assert accuracy(confusion_matrix(TRUTH, PREDICTED)) == 5 / 8


def test_macro_f1_by_hand() -> None:
    # 0: TP 3, FP 2, FN 1 -> 6/9; 1: TP 2, FP 1, FN 1 -> 4/6; 2: TP 0, FN 1 -> 0.
    assert macro_f1(confusion_matrix(TRUTH, PREDICTED)) == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


def test_macro_f1_leaves_out_absent_classes() -> None:
    # Class 1 is never true but was said once: it counts, with F1 0. Classes 2 to 6 do not.
    assert macro_f1(confusion_matrix(np.array([0, 0]), np.array([0, 1]))) == pytest.approx((2 / 3 + 0) / 2)
    assert macro_f1(confusion_matrix(np.array([0, 0]), np.array([0, 0]))) == 1


def test_calibration_error_by_hand() -> None:
    # Ten bins. (.7, .8]: .75 right, .77 wrong -> |1 - 1.52|; (.5, .6]: .6 right -> |1 - .6|; three rows.
    probabilities = np.array([[0.75, 0.25], [0.77, 0.23], [0.4, 0.6]])
    truth = np.array([0, 1, 1])
    assert expected_calibration_error(truth, probabilities, bins=10) == pytest.approx((0.52 + 0.4) / 3)


def test_calibration_bins_are_open_below_and_closed_above() -> None:
    # With two bins .5 belongs to the lower: it cannot cancel against the row at 1.
    probabilities = np.array([[0.5, 0.5], [0.0, 1.0]])
    assert expected_calibration_error(np.array([0, 0]), probabilities, bins=2) == pytest.approx((0.5 + 1) / 2)


# Five rows of two classes, all said to be class 0; right are the first, the second and the fourth in confidence.
CONFIDENCE = np.array([0.9, 0.8, 0.7, 0.65, 0.6])
RIGHT = np.array([True, True, False, True, False])


def rows_of(confidence: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.where(right, 0, 1), np.stack([confidence, 1 - confidence], axis=1)


def test_accuracy_at_coverage_by_hand() -> None:
    truth, probabilities = rows_of(CONFIDENCE, RIGHT)
    assert accuracy_at_coverage(truth, probabilities) == pytest.approx(3 / 4)  # 80 % of five rows are four
    assert accuracy_at_coverage(truth, probabilities, coverage=0.4) == 1
    assert accuracy_at_coverage(truth, probabilities, coverage=0.41) == pytest.approx(2 / 3)  # three: at least 41 %
    assert accuracy_at_coverage(truth, probabilities, coverage=1) == pytest.approx(3 / 5)
    assert accuracy_at_coverage(truth, probabilities, coverage=1e-9) == 1
    assert score(truth, probabilities).selective_accuracy == pytest.approx(3 / 4)


def test_risk_coverage_by_hand() -> None:
    curve = risk_coverage(*rows_of(CONFIDENCE, RIGHT))
    assert curve.coverage == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert curve.risk == pytest.approx([0, 0, 1 / 3, 1 / 4, 2 / 5])


def test_ties_in_confidence_are_averaged() -> None:
    # One sure and right row, then four alike of which one is wrong: keeping two of those costs half a mistake.
    truth, probabilities = rows_of(np.array([0.6, 0.6, 0.9, 0.6, 0.6]), np.array([True, False, True, True, True]))
    assert risk_coverage(truth, probabilities).risk == pytest.approx([0, 0.25 / 2, 0.5 / 3, 0.75 / 4, 1 / 5])
    flat = np.full((10, 7), 1 / 7)
    assert accuracy_at_coverage(np.array([0] * 3 + [1] * 7), flat) == pytest.approx(0.3)


def test_reliability_by_hand() -> None:
    rows = reliability(np.array([0, 1, 1]), np.array([[0.75, 0.25], [0.77, 0.23], [0.4, 0.6]]), bins=10)
    assert rows.count.tolist() == [0, 0, 0, 0, 0, 1, 0, 2, 0, 0]
    assert rows.right.tolist() == [0, 0, 0, 0, 0, 1, 0, 1, 0, 0]
    assert rows.confidence == pytest.approx([0, 0, 0, 0, 0, 0.6, 0, 1.52, 0, 0])


def test_thirds_by_hand() -> None:
    assert thirds(np.array([5.0, 1, 9, 2, 8, 6])).tolist() == [1, 0, 2, 0, 2, 1]
    assert thirds(np.array([1.0, 1, 1, 1, 2, 3])).tolist() == [0, 0, 0, 0, 2, 2]
    assert thirds(np.array([4.0])).tolist() == [0]


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        # Newcombe (1998, Statistics in Medicine 17:857), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_intervals_as_published(right: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(right, count) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("right", "count"), [(0, 0), (-1, 3), (4, 3)])
def test_intervals_of_invalid_counts_are_refused(right: int, count: int) -> None:
    with pytest.raises(ValueError, match="at least one row"):
        wilson_interval(right, count)


def test_a_sure_and_right_classifier_is_perfect() -> None:
    scores = score(np.arange(7), np.eye(7))
    assert (scores.count, scores.accuracy, scores.macro_f1, scores.calibration_error) == (7, 1, 1, 0)
    assert scores.confusion.tolist() == np.eye(7).tolist()


def test_a_tie_goes_to_the_first_class() -> None:
    assert predicted_classes(np.full((2, 7), 1 / 7)).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [([], []), ([0, 1], [0]), ([7], [0]), ([0], [7]), ([-1], [0]), ([[0]], [[0]])],
)
def test_invalid_rows_are_refused(truth: list[int], predicted: list[int]) -> None:
    with pytest.raises(ValueError, match="class"):
        confusion_matrix(np.array(truth), np.array(predicted))


def test_invalid_probabilities_are_refused() -> None:
    with pytest.raises(ValueError, match="must be"):
        score(np.array([0]), np.array([0.5]))
    with pytest.raises(ValueError, match="one true class per row"):
        expected_calibration_error(np.array([0, 1]), np.array([[1.0, 0.0]]))
    with pytest.raises(ValueError, match="one true class per row"):
        risk_coverage(np.array([], dtype=np.int64), np.zeros((0, 7)))
    with pytest.raises(ValueError, match="NaN"):
        score(np.array([0]), np.array([[np.nan, 1.0]]))
    for coverage in (0, -0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="coverage must be"):
            accuracy_at_coverage(np.array([0]), np.array([[1.0, 0.0]]), coverage=coverage)


@st.composite
def rows(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    count = draw(st.integers(1, 40))
    truth = draw(npst.arrays(np.int64, count, elements=st.integers(0, 6)))
    weights = draw(npst.arrays(np.float64, (count, 7), elements=st.floats(0.001, 1)))
    return truth, weights / weights.sum(axis=1, keepdims=True)


@given(rows())
def test_figures_stay_in_range_and_agree(case: tuple[np.ndarray, np.ndarray]) -> None:
    truth, probabilities = case
    scores = score(truth, probabilities)
    assert scores.confusion.sum() == scores.count == len(truth)
    assert scores.confusion.sum(axis=1).tolist() == np.bincount(truth, minlength=7).tolist()
    assert scores.accuracy == pytest.approx(np.mean(predicted_classes(probabilities) == truth))
    for value in (scores.accuracy, scores.macro_f1, scores.calibration_error, scores.selective_accuracy):
        assert 0 <= value <= 1
    # Calibration cannot be better than the overall gap between confidence and accuracy.
    assert scores.calibration_error >= abs(probabilities.max(axis=1).mean() - scores.accuracy) - 1e-9


@given(npst.arrays(np.int64, st.integers(1, 40), elements=st.integers(0, 6)), st.integers(0, 2**32 - 1))
def test_order_of_rows_and_names_of_classes_do_not_matter(truth: np.ndarray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(7), len(truth))  # no ties, which go by the order of the classes
    order, names = rng.permutation(len(truth)), rng.permutation(7)
    renamed = np.empty_like(probabilities)
    renamed[:, names] = probabilities
    before, after = score(truth, probabilities), score(names[truth][order], renamed[order])
    assert after.accuracy == pytest.approx(before.accuracy)
    assert after.macro_f1 == pytest.approx(before.macro_f1)
    assert after.calibration_error == pytest.approx(before.calibration_error)


@given(rows())
def test_one_bin_gives_the_overall_gap(case: tuple[np.ndarray, np.ndarray]) -> None:
    truth, probabilities = case
    gap = abs(probabilities.max(axis=1).mean() - np.mean(predicted_classes(probabilities) == truth))
    assert expected_calibration_error(truth, probabilities, bins=1) == pytest.approx(gap)


@given(rows(), st.integers(0, 2**32 - 1))
def test_the_curve_ends_at_the_error_and_does_not_ask_for_the_order(
    case: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    truth, probabilities = case
    probabilities = np.round(probabilities, 1)  # so that many rows tie
    curve = risk_coverage(truth, probabilities)
    assert curve.risk[-1] == pytest.approx(1 - np.mean(predicted_classes(probabilities) == truth))
    assert np.all(np.diff(curve.coverage) > 0)
    assert np.all((curve.risk >= 0) & (curve.risk <= 1))
    order = np.random.default_rng(seed).permutation(len(truth))
    assert risk_coverage(truth[order], probabilities[order]).risk == pytest.approx(curve.risk)


@given(rows())
def test_bins_lose_no_row(case: tuple[np.ndarray, np.ndarray]) -> None:
    truth, probabilities = case
    bins = reliability(truth, probabilities)
    assert bins.count.sum() == len(truth)
    assert bins.right.sum() == np.sum(predicted_classes(probabilities) == truth)
    assert bins.confidence.sum() == pytest.approx(probabilities.max(axis=1).sum())
    assert np.all(bins.right <= bins.count)


@given(st.integers(1, 5000), st.floats(0, 1))
def test_an_interval_holds_its_share_and_is_fair_to_right_and_wrong(count: int, share: float) -> None:
    right = round(share * count)
    low, high = wilson_interval(right, count)
    assert 0 <= low <= right / count + 1e-12
    assert right / count - 1e-12 <= high <= 1
    assert wilson_interval(count - right, count) == pytest.approx((1 - high, 1 - low))
