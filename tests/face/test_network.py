"""Loading and running the third-party networks."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mien.errors import ModelError
from mien.face.network import MAX_CONCURRENT, TfliteNetwork

FILE_NAMES = (
    "face_detection_full_range.tflite",
    "face_landmarks_detector.tflite",
    "face_blendshapes.tflite",
    "face_landmark.tflite",
)
SHAPES = ((1, 192, 192, 3), (1, 256, 256, 3), (1, 146, 2), (1, 192, 192, 3))


@pytest.mark.parametrize(("file_name", "shape"), list(zip(FILE_NAMES, SHAPES, strict=True)))
def test_every_network_loads_and_runs(file_name: str, shape: tuple[int, ...]) -> None:
    outputs = TfliteNetwork(file_name, threads=1).run(np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32))
    assert all(np.isfinite(values).all() for values in outputs.values())


def test_concurrent_calls_give_the_same_results_as_single_ones() -> None:
    network = TfliteNetwork(FILE_NAMES[1], threads=2)
    tensor = np.random.default_rng(0).uniform(0, 1, SHAPES[1]).astype(np.float32)
    beside = network.run(tensor, alone=False)
    for name, values in network.run(tensor).items():
        np.testing.assert_allclose(values, beside[name], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("place", "callers", "tolerance"), [(1, 2, 1e-3), (2, 4, 0)], ids=["mesh", "blendshapes"])
def test_threads_do_not_mix_their_results(place: int, callers: int, tolerance: float) -> None:
    network = TfliteNetwork(FILE_NAMES[place], threads=2)
    inputs = np.random.default_rng(0).uniform(0, 1, (20, *SHAPES[place])).astype(np.float32)
    expected = [network.run(tensor) for tensor in inputs]
    with ThreadPoolExecutor(callers) as pool:
        found = list(pool.map(network.run, inputs))
    for one, other in zip(expected, found, strict=True):
        for name, values in one.items():
            np.testing.assert_allclose(values, other[name], rtol=tolerance, atol=tolerance)


def test_interpreters_are_few_and_released_after_errors() -> None:
    network = TfliteNetwork(FILE_NAMES[2], threads=2)
    tensor = np.random.default_rng(0).uniform(0, 1, SHAPES[2]).astype(np.float32)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: network.run(tensor, alone=False), range(200)))
    assert network.free_copies <= MAX_CONCURRENT
    for _ in range(2 * MAX_CONCURRENT):
        with pytest.raises(ValueError, match="Cannot set tensor"):
            network.run(tensor[:, :5], alone=False)
    assert network.running == 0
    assert np.isfinite(next(iter(network.run(tensor).values()))).all()


def test_expected_interpreters_are_loaded_in_advance() -> None:
    network = TfliteNetwork(FILE_NAMES[2], threads=2)
    network.expect(2)
    network.expect(2)
    assert network.free_copies == 2
    network.run(np.zeros(SHAPES[2], np.float32), alone=False)
    assert network.free_copies == 2, "a third copy was loaded"


def test_a_missing_network_says_what_to_do() -> None:
    with pytest.raises(ModelError, match=r"nowhere\.tflite is missing; reinstall mien"):
        TfliteNetwork("nowhere.tflite", threads=1)


def test_a_file_that_is_no_network_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="is damaged; reinstall mien"):
        TfliteNetwork("../__init__.py", threads=1)


def test_outputs_outlive_the_next_call() -> None:
    network = TfliteNetwork(FILE_NAMES[2], threads=1)
    rng = np.random.default_rng(0)
    first = network.run(rng.uniform(0, 100, SHAPES[2]).astype(np.float32))
    kept = {name: values.copy() for name, values in first.items()}
    network.run(rng.uniform(0, 100, SHAPES[2]).astype(np.float32))
    for name, values in first.items():
        np.testing.assert_array_equal(values, kept[name])


@pytest.mark.parametrize("closing", ["", "import os; os.close(2);"])
def test_loading_prints_nothing_and_needs_no_standard_error(closing: str) -> None:
    load = f"from mien.face.network import TfliteNetwork; TfliteNetwork({FILE_NAMES[2]!r}, threads=1)"
    program = f"{closing}{load}; print('loaded')"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert result.stdout == "loaded\n"
    assert result.stderr == ""


def test_two_that_load_at_once_leave_standard_error_as_it_was() -> None:
    program = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from mien.face.network import TfliteNetwork
with ThreadPoolExecutor(4) as pool:
    list(pool.map(lambda _: TfliteNetwork({FILE_NAMES[2]!r}, threads=1), range(40)))
print("still here", file=sys.stderr)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert result.stderr == "still here\n"
