"""Runs one of the third-party networks: finds its file, loads it, feeds it from any thread."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from threading import Lock

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from mien.errors import ModelError

_REMEDY = "reinstall mien with 'pip install --force-reinstall .'"


class Network:
    """A TensorFlow Lite network from ``mien/models/third_party``; see ``docs/decisions/0001-runtime.md``.

    Raises ``ModelError`` when its file is missing or damaged.
    """

    def __init__(self, file_name: str, *, threads: int) -> None:
        self._file_name = file_name
        self._first = _Copy(file_name, threads=threads)
        self._second: _Copy | None = None
        self._lock = Lock()

    def run(self, tensor: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        """Every output by its name, for one input with a leading axis of one.

        Any thread may call it. Where two do at once, the second runs a copy that keeps to one processor thread.
        """
        if self._first.free.acquire(blocking=False):
            try:
                return self._first.run(tensor)
            finally:
                self._first.free.release()
        with self._lock:
            if self._second is None:
                self._second = _Copy(self._file_name, threads=1)
        with self._second.free:
            return self._second.run(tensor)


class _Copy:
    """The network, loaded once: for one thread at a time, the one that holds ``free``."""

    def __init__(self, file_name: str, *, threads: int) -> None:
        self.free = Lock()
        self._interpreter = _load(file_name, threads)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = {item["name"]: item["index"] for item in self._interpreter.get_output_details()}

    def run(self, tensor: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}


def _load(file_name: str, threads: int) -> Interpreter:
    file = resources.files("mien.models") / "third_party" / file_name
    try:
        content = file.read_bytes()
        with _quiet_stderr():
            interpreter = Interpreter(model_content=content, num_threads=threads)
            interpreter.allocate_tensors()
    except FileNotFoundError as error:
        raise ModelError(f"the network {file_name} is missing; {_REMEDY}") from error
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"the network {file_name} is damaged; {_REMEDY}") from error
    return interpreter


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep LiteRT from announcing its delegate on every start: it has no switch for that, and no log level."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error, so there is nothing to keep quiet
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
