"""What every classifier promises, tried on each one that is installed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from benchmarks.stand_in import make_stand_in
from mien.errors import ModelError
from mien.face.classifiers.classifier import Classifier, classifier_names, find_classifier
from mien.face.reader import FaceReader
from mien.types import Emotion, Image

CROPS = np.random.default_rng(1).integers(0, 256, (5, 48, 48)).astype(np.uint8)

PREPARED: dict[str, Callable[[pytest.MonkeyPatch, pytest.TempPathFactory], object]] = {
    "mien": lambda _monkeypatch, _folders: None,
    "deepface": lambda monkeypatch, folders: deepface_with_a_stand_in_network(monkeypatch, folders),
}
"""What each classifier needs before it is made: a new one adds its line here, and is tested."""


def deepface_with_a_stand_in_network(monkeypatch: pytest.MonkeyPatch, folders: pytest.TempPathFactory) -> None:
    home = folders.mktemp("deepface")
    make_stand_in(home)
    monkeypatch.setenv("DEEPFACE_HOME", str(home))


def words_for(name: str) -> str:
    return "deepface with a stand-in network" if name == "deepface" else name


@pytest.fixture(scope="module", params=classifier_names(), ids=words_for)
def classifier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Classifier]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        PREPARED[request.param](monkeypatch, tmp_path_factory)
        yield find_classifier(request.param)(threads=2)


def test_built_in_classifiers_are_installed() -> None:
    assert {"mien", "deepface"} <= set(classifier_names())


def test_an_unknown_classifier_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(ModelError, match=r"no classifier called “oracle”; choose one of .*deepface, .*mien"):
        find_classifier("oracle")


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
        assert isinstance(expression.confident, bool)


def test_a_crop_is_read_alike_alone_and_among_others(classifier: Classifier) -> None:
    together = classifier.classify(CROPS)
    for crop, expected in zip(CROPS, together, strict=True):
        (alone,) = classifier.classify(crop[None])
        assert dict(alone.probabilities) == pytest.approx(dict(expected.probabilities), abs=1e-4)


def test_different_crops_are_read_differently(classifier: Classifier) -> None:
    assert len({expression.probabilities[Emotion.HAPPY] for expression in classifier.classify(CROPS)}) == len(CROPS)


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_a_crop_without_contrast_is_no_trouble(classifier: Classifier, value: int) -> None:
    (expression,) = classifier.classify(np.full((1, 48, 48), value, dtype=np.uint8))
    assert all(math.isfinite(p) for p in expression.probabilities.values())


def test_crops_are_left_as_they_were(classifier: Classifier) -> None:
    before = CROPS.copy()
    classifier.classify(CROPS)
    np.testing.assert_array_equal(CROPS, before)


def test_views_are_as_good_as_copies(classifier: Classifier) -> None:
    wide = np.repeat(CROPS, 2, axis=2)
    wide.flags.writeable = False
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
        pytest.param(np.zeros((1, 0, 0), np.uint8), "uint8 [1, 0, 0]", id="no pixel"),
        pytest.param(np.zeros((1, 1, 1), np.uint8), "uint8 [1, 1, 1]", id="one pixel"),
        pytest.param(np.full((2, 48, 48), np.nan, np.float32), "float32 [2, 48, 48]", id="not a number"),
        pytest.param(np.zeros((2, 48, 48, 3), np.uint8), "uint8 [2, 48, 48, 3]", id="three channels"),
        pytest.param(np.zeros((2, 48, 48, 1), np.uint8), "uint8 [2, 48, 48, 1]", id="one channel too explicit"),
        pytest.param(np.zeros((48, 48), np.uint8), "uint8 [48, 48]", id="no batch"),
        pytest.param(np.zeros((0, 48, 48), np.uint8), "uint8 [0, 48, 48]", id="empty batch"),
        pytest.param([[[0] * 48] * 48], "list", id="no array"),
    ],
)
def test_anything_else_is_refused_by_dtype_and_shape(classifier: Classifier, crops: np.ndarray, found: str) -> None:
    with pytest.raises(ValueError, match=re.escape(found)):
        classifier.classify(crops)


@settings(max_examples=50)
@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.int8, np.uint16, np.float16, np.float32, np.float64, np.bool_, np.complex64]),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=49),
    )
)
def test_any_array_is_read_or_refused(classifier: Classifier, crops: NDArray[np.uint8]) -> None:
    if crops.dtype == np.uint8 and crops.ndim == 3 and crops.shape[1:] == (48, 48) and len(crops):
        assert len(classifier.classify(crops)) == len(crops)
        return
    with pytest.raises(ValueError, match=re.escape(f"{crops.dtype} {list(crops.shape)}")):
        classifier.classify(crops)


def test_a_reader_with_it_reads_one_face_and_none_where_there_is_none(
    classifier: Classifier, smiling_person: Image
) -> None:
    reader = FaceReader(classifier=classifier)
    (reading,) = reader.read(smiling_person)
    assert reading.expression.model == f"{classifier.name}-everyday", "a reader expects an ordinary day"
    assert reader.read(np.full_like(smiling_person, 128)) == []
