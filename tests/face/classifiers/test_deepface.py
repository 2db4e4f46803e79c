"""The adapter of DeepFace, with the real package and a network that stands in for its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from benchmarks.stand_in import PLACE, make_stand_in, network
from mien.errors import ModelError
from mien.face.classifiers.deepface import DeepFaceClassifier
from mien.types import Emotion

CROPS = np.random.default_rng(3).integers(0, 256, (4, 48, 48)).astype(np.uint8)

ANALYSE = """
import json, sys, types
import numpy as np
# DeepFace 0.0.103 imports a class of werkzeug without declaring the dependency.
sys.modules["werkzeug"] = types.ModuleType("werkzeug")
sys.modules["werkzeug.datastructures"] = types.ModuleType("werkzeug.datastructures")
sys.modules["werkzeug.datastructures"].FileStorage = type("FileStorage", (), {})
from deepface import DeepFace
crops = np.load(sys.argv[1])
faces = [np.repeat(crop[..., None], 3, axis=2) for crop in crops]
found = [DeepFace.analyze(face, actions=["emotion"], detector_backend="skip", silent=True)[0] for face in faces]
print(json.dumps([{name: float(percent) for name, percent in one["emotion"].items()} for one in found]))
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for DeepFace."""
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Sends all traffic to a local proxy that closes connections; returns the requests."""
    asked: list[str] = []

    def refuse() -> None:
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                first = lines.readline().decode()
            if not first:
                return
            asked.append(first)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        thread = threading.Thread(target=refuse)
        thread.start()
        yield lambda: asked
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()


def test_the_stand_in_network_has_the_shape_of_deepfaces() -> None:
    graph = network().graph
    sides = [[side.dim_value for side in value.type.tensor_type.shape.dim] for value in (*graph.input, *graph.output)]
    assert sides == [[0, 48, 48, 1], [0, 7]]
    # The number of weights of the layers in deepface/models/demography/pytorch/Emotion.py.
    assert sum(int(np.prod(tensor.dims)) for tensor in graph.initializer) == 1_485_831


def test_with_a_stand_in_network_it_says_what_deepface_itself_says(home: Path, tmp_path: Path) -> None:
    make_stand_in(home)
    np.save(tmp_path / "crops.npy", CROPS)
    command = [sys.executable, "-c", ANALYSE, str(tmp_path / "crops.npy")]
    # A process of its own: DeepFace silences every warning of the one that imports it.
    environ = os.environ | {"ORT_DISABLE_TELEMETRY": "1"}
    said = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    expected = json.loads(said.splitlines()[-1])
    for expression, percentages in zip(DeepFaceClassifier().classify(CROPS), expected, strict=True):
        assert {str(emotion): 100 * p for emotion, p in expression.probabilities.items()} == pytest.approx(
            percentages, abs=1e-3
        )


def test_with_a_stand_in_network_it_is_confident_of_what_beats_all_others_together(home: Path) -> None:
    make_stand_in(home)
    found = DeepFaceClassifier().classify(np.concatenate([CROPS, np.zeros((1, 48, 48), np.uint8)]))
    assert {expression.confident for expression in found} == {True, False}
    for expression in found:
        assert expression.confident == (expression.probabilities[expression.top] > 0.5)
        assert list(expression.probabilities) == list(Emotion)


def test_with_a_stand_in_network_nothing_is_printed_and_nobody_is_told(home: Path) -> None:
    make_stand_in(home)
    # onnxruntime writes a log into the user's cache before it sends it; without a log nothing is sent.
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "TMPDIR"), str(home))
    environ = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | places
    code = "from mien.face.classifiers.deepface import DeepFaceClassifier; DeepFaceClassifier()"
    run = subprocess.run([sys.executable, "-B", "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")
    assert [path for path in home.rglob("*") if path.is_file()] == [home / PLACE]


def test_missing_deepface_network_names_its_path(
    home: Path, proxy: Callable[[], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelError) as error:
        DeepFaceClassifier()
    assert str((home / PLACE).parent) in str(error.value)
    assert PLACE.name in str(error.value)
    assert "https://github.com/serengil/deepface_models" in str(error.value)
    assert capsys.readouterr().out == ""
    assert not (home / PLACE).exists()
    assert any("github.com:443" in line for line in proxy()), "its own downloader was not asked"


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_a_damaged_network_is_named(home: Path, proxy: Callable[[], list[str]], content: bytes) -> None:
    (home / PLACE).parent.mkdir(parents=True)
    (home / PLACE).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read; delete it") as error:
        DeepFaceClassifier()
    assert str(home / PLACE) in str(error.value)
    assert proxy() == []


def test_another_network_under_its_name_is_named(home: Path) -> None:
    (home / PLACE).parent.mkdir(parents=True)
    with resources.as_file(resources.files("mien.models") / "expression.onnx") as ours:
        (home / PLACE).write_bytes(ours.read_bytes())
    with pytest.raises(ModelError, match=r"weights\.onnx is not DeepFace's network; delete it"):
        DeepFaceClassifier()


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()  # nothing can be put below a file, even by root
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelError, match=r"cannot store its network in .*file.*DEEPFACE_HOME"):
        DeepFaceClassifier()


def test_without_the_package_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "deepface").mkdir()
    (tmp_path / "deepface" / "__init__.py").touch()  # a deepface that lacks everything stands for one that is not there
    code = "from mien.face.classifiers.deepface import DeepFaceClassifier; DeepFaceClassifier()"
    environ = os.environ | {"PYTHONPATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-B", "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert "ModelError: DeepFace is not installed" in run.stderr
    assert "install mien with its extra deepface" in run.stderr
