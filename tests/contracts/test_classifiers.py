"""What every classifier promises; a new one is one line in ``CLASSIFIERS``."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mien.face.classify import Classifier, default_classifier
from mien.types import Emotion

CLASSIFIERS: dict[str, Callable[[], Classifier]] = {"the one that comes with mien": default_classifier}

CROPS = np.random.default_rng(1).integers(0, 256, (5, 48, 48)).astype(np.uint8)


@pytest.fixture(scope="module", params=CLASSIFIERS.values(), ids=CLASSIFIERS.keys())
def classifier(request: pytest.FixtureRequest) -> Classifier:
    made: Classifier = request.param()
    return made


def test_it_has_a_name_and_signs_with_it(classifier: Classifier) -> None:
    assert classifier.name
    assert {expression.model for expression in classifier.classify(CROPS)} == {classifier.name}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_it_gives_one_expression_a_crop(classifier: Classifier, count: int) -> None:
    found = classifier.classify(CROPS[:count])
    assert len(found) == count
    for expression in found:
        assert set(expression.probabilities) == set(Emotion)
        assert math.fsum(expression.probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert all(0 <= p <= 1 for p in expression.probabilities.values())


def test_a_crop_is_read_alike_alone_and_among_others(classifier: Classifier) -> None:
    together = classifier.classify(CROPS)
    for crop, expected in zip(CROPS, together, strict=True):
        (alone,) = classifier.classify(crop[None])
        assert dict(alone.probabilities) == pytest.approx(dict(expected.probabilities), abs=1e-4)


def test_different_crops_are_read_differently(classifier: Classifier) -> None:
    assert len({expression.probabilities[Emotion.HAPPY] for expression in classifier.classify(CROPS)}) == len(CROPS)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_crop_without_contrast_is_no_trouble(classifier: Classifier, value: int) -> None:
    (expression,) = classifier.classify(np.full((1, 48, 48), value, dtype=np.uint8))
    assert all(math.isfinite(p) for p in expression.probabilities.values())


def test_crops_are_left_as_they_were(classifier: Classifier) -> None:
    before = CROPS.copy()
    classifier.classify(CROPS)
    np.testing.assert_array_equal(CROPS, before)


def test_views_are_as_good_as_copies(classifier: Classifier) -> None:
    wide = np.repeat(CROPS, 2, axis=2)
    (from_view, *_), (from_copy, *_) = classifier.classify(wide[:, :, ::2]), classifier.classify(CROPS)
    assert dict(from_view.probabilities) == pytest.approx(dict(from_copy.probabilities))


def test_several_threads_may_ask_at_once(classifier: Classifier) -> None:
    expected = [dict(classifier.classify(crop[None])[0].probabilities) for crop in CROPS]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda index: classifier.classify(CROPS[index][None])[0], [0, 1, 2, 3, 4] * 4))
    for index, expression in enumerate(found):
        assert dict(expression.probabilities) == pytest.approx(expected[index % 5], abs=1e-5)


@pytest.mark.parametrize(
    ("crops", "found"),
    [
        (np.zeros((2, 48, 48), dtype=np.float32), r"float32 \[2, 48, 48\]"),
        (np.zeros((2, 48, 48), dtype=np.uint16), r"uint16 \[2, 48, 48\]"),
        (np.zeros((2, 64, 64), dtype=np.uint8), r"uint8 \[2, 64, 64\]"),
        (np.zeros((48, 48), dtype=np.uint8), r"uint8 \[48, 48\]"),
        (np.zeros((2, 48, 48, 3), dtype=np.uint8), r"uint8 \[2, 48, 48, 3\]"),
        (np.zeros((2, 0, 48), dtype=np.uint8), r"uint8 \[2, 0, 48\]"),
        (np.zeros((0, 48, 48), dtype=np.uint8), r"uint8 \[0, 48, 48\]"),
        ([[0] * 48] * 48, "list"),
    ],
)
def test_anything_else_is_refused_by_dtype_and_shape(classifier: Classifier, crops: np.ndarray, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        classifier.classify(crops)
