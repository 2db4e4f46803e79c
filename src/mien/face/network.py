"""Runs one of the third-party networks: finds its file, loads it, feeds it from any thread."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from threading import Lock

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from mien.errors import ModelError


class Network:
    """A TensorFlow Lite network from ``mien/models/third_party``; see ``docs/decisions/0001-runtime.md``.

    Raises ``ModelError`` when its file is missing or damaged.
    """

    def __init__(self, file_name: str, *, threads: int) -> None:
        self._interpreter = _load(file_name, threads)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = {item["name"]: item["index"] for item in self._interpreter.get_output_details()}
        self._lock = Lock()

    def run(self, tensor: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        """Every output by its name, for one input with a leading axis of one; one thread at a time."""
        with self._lock:
            self._interpreter.set_tensor(self._input, tensor)
            self._interpreter.invoke()
            return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}


def _load(file_name: str, threads: int) -> Interpreter:
    file = resources.files("mien.models") / "third_party" / file_name
    try:
        interpreter = Interpreter(model_content=file.read_bytes(), num_threads=threads)
        interpreter.allocate_tensors()
    except FileNotFoundError as error:
        raise ModelError(
            f"the network {file_name} is missing; reinstall mien with 'pip install --force-reinstall .'"
        ) from error
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"the network {file_name} is damaged; reinstall mien with 'pip install --force-reinstall .'"
        ) from error
    return interpreter
