"""Our expression network: its settings, and errors for unusable files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from mien.errors import ModelError
from mien.face.align import align
from mien.face.classifiers.onnx import OnnxClassifier, default_classifier
from mien.face.reader import FaceReader
from mien.types import Emotion, Image

CROPS = np.random.default_rng(2).integers(0, 256, (6, 48, 48)).astype(np.uint8)

Installed = Callable[..., OnnxClassifier]


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A copy of the network that comes with mien, with its settings."""
    for name in ("expression.onnx", "expression.json"):
        shutil.copy(str(resources.files("mien.models") / name), tmp_path / name)
    return tmp_path / "expression.onnx"


def set_up(network: Path, **changes: object) -> OnnxClassifier:
    settings = json.loads(network.with_suffix(".json").read_text())
    network.with_suffix(".json").write_text(json.dumps(settings | changes))
    return OnnxClassifier(network)


def test_a_smiling_person_is_happy(smiling_person: Image, reader: FaceReader) -> None:
    crop = align(smiling_person, reader.read(smiling_person)[0].face.landmarks)
    (expression,) = default_classifier().classify(crop[None])
    assert expression.top is Emotion.HAPPY
    assert expression.confident


def test_its_name_comes_from_its_settings(network: Path) -> None:
    classifier = set_up(network, name="another")
    assert classifier.name == "another"
    assert {expression.model for expression in classifier.classify(CROPS)} == {"another"}


def test_the_temperature_divides_the_logits(network: Path) -> None:
    def logs(temperature: float) -> np.ndarray:
        found = set_up(network, temperature=temperature).classify(CROPS)
        logarithms = np.log([[expression.probabilities[emotion] for emotion in Emotion] for expression in found])
        return np.asarray(logarithms - logarithms.mean(axis=1, keepdims=True))

    np.testing.assert_allclose(logs(1.0), 2.5 * logs(2.5), atol=1e-4)


@pytest.mark.parametrize(("threshold", "expected"), [(0.0, True), (1.1, False)])
def test_below_the_threshold_it_is_not_confident(network: Path, threshold: float, expected: bool) -> None:
    found = set_up(network, confidence_threshold=threshold).classify(CROPS)
    assert [expression.confident for expression in found] == [expected] * len(CROPS)


@pytest.mark.parametrize("suffix", [".onnx", ".json"])
def test_a_missing_file_is_named(network: Path, suffix: str) -> None:
    network.with_suffix(suffix).unlink()
    with pytest.raises(ModelError, match=rf"expression{suffix}.* missing; reinstall mien"):
        OnnxClassifier(network)


@pytest.mark.parametrize("suffix", [".onnx", ".json"])
@pytest.mark.parametrize("keep", [0, 30])
def test_a_damaged_file_is_named(network: Path, suffix: str, keep: int) -> None:
    path = network.with_suffix(suffix)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match=rf"expression{suffix}.*damaged.*reinstall mien"):
        OnnxClassifier(network)


@pytest.mark.parametrize("text", ["[]", "{}", '{"name": "x", "temperature": "warm", "confidence_threshold": 0.5}'])
def test_settings_that_lack_something_are_refused(network: Path, text: str) -> None:
    network.with_suffix(".json").write_text(text)
    with pytest.raises(ModelError, match=r"expression\.json is damaged"):
        OnnxClassifier(network)


def test_telemetry_is_disabled(tmp_path: Path) -> None:
    # onnxruntime writes a log into the user's cache before it sends it; without a log nothing is sent.
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "TMPDIR"), str(tmp_path))
    environ = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | places
    code = "from mien.face.classifiers.onnx import default_classifier; default_classifier()"
    subprocess.run([sys.executable, "-B", "-c", code], env=environ, check=True)
    assert list(tmp_path.rglob("*")) == []
