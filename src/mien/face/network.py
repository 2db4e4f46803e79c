"""Runs one of the third-party networks: finds its file, loads it, feeds it from any thread."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from threading import BoundedSemaphore, Lock
from typing import Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from mien.errors import ModelError

MOST_AT_ONCE: Final = 4
"""So many callers run one network at the same time; each has a copy in memory, up to 15 MB."""

_stderr = Lock()

_REMEDY = "reinstall mien with 'pip install --force-reinstall .'"


class TfliteNetwork:
    """A TensorFlow Lite network from ``mien/models/third_party``; see ``docs/decisions/0001-runtime.md``.

    Raises ``ModelError`` when its file is missing or damaged.
    """

    def __init__(self, file_name: str, *, threads: int) -> None:
        self._file_name = file_name
        self._whole = _Copy(file_name, threads=threads)
        self._singles: list[_Copy] = []  # those that are free
        self._running = 0
        self._lock = Lock()
        self._places = BoundedSemaphore(MOST_AT_ONCE)

    @property
    def free_copies(self) -> int:
        """The number of single-threaded copies that nobody is running."""
        return len(self._singles)

    @property
    def running(self) -> int:
        """The number of callers that are running the network now."""
        return self._running

    def expect(self, callers: int) -> None:
        """Load now what so many callers at once will need, for it takes as long as several frames."""
        with self._lock:
            while self._running + len(self._singles) < min(callers, MOST_AT_ONCE):
                self._singles.append(_Copy(self._file_name, threads=1))

    def run(self, tensor: NDArray[np.float32], *, alone: bool = True) -> Mapping[str, NDArray[np.float32]]:
        """Every output by its name, for one input with a leading axis of one.

        Any thread may call it; more than ``MOST_AT_ONCE`` wait for one another. Who runs it ``alone`` has all of its
        processor threads. Beside others, known before or met on the way, everybody has a copy of one thread: two such
        copies on two cores take four fifths of the time that both take one after the other, and threads that they
        shared would wait for one another.
        """
        with self._places:
            copy = self._take(alone)
            try:
                return copy.run(tensor)
            finally:
                self._give_back(copy)

    def _take(self, alone: bool) -> _Copy:
        with self._lock:
            if alone and self._running == 0:
                copy = self._whole
            else:
                copy = self._singles.pop() if self._singles else _Copy(self._file_name, threads=1)
            self._running += 1
            return copy

    def _give_back(self, copy: _Copy) -> None:
        with self._lock:
            self._running -= 1
            if copy is not self._whole:
                self._singles.append(copy)


class _Copy:
    """The network, loaded once, for one caller at a time."""

    def __init__(self, file_name: str, *, threads: int) -> None:
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
    with _stderr:  # two at once would each keep what the other had put in its place
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
