"""Runs a third-party TensorFlow Lite network, from any thread."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from mien.errors import ModelError, Remedy, network_error

MAX_CONCURRENT: Final = 4
"""How many callers may run one network at the same time, each with its own interpreter of up to 15 MB."""

_stderr = Lock()


class TfliteNetwork:
    """A TensorFlow Lite network from ``mien/models/third_party``; see ``docs/decisions/0001-runtime.md``.

    Raises ``ModelError`` if its file is missing or damaged.
    """

    def __init__(self, file_name: str, *, threads: int) -> None:
        self._file_name = file_name
        self._shared = _Interpreter(file_name, threads=threads)
        self._free: list[_Interpreter] = []  # with one thread each
        self._running = 0
        self._lock = Lock()
        self._slots = BoundedSemaphore(MAX_CONCURRENT)

    @property
    def free_copies(self) -> int:
        """The number of single-threaded interpreters that are not in use; for checks that memory stays bounded."""
        return len(self._free)

    @property
    def running(self) -> int:
        """The number of callers that are running the network now."""
        return self._running

    def expect(self, callers: int) -> None:
        """Load the interpreters for this many concurrent callers now; loading takes as long as several frames."""
        with self._lock:
            while self._running + len(self._free) < min(callers, MAX_CONCURRENT):
                self._free.append(_Interpreter(self._file_name, threads=1))

    def run(self, tensor: NDArray[np.float32], *, alone: bool = True) -> Mapping[str, NDArray[np.float32]]:
        """Run the network on one input; thread-safe.

        At most ``MAX_CONCURRENT`` callers run at the same time. A caller that runs alone uses all threads of the
        network. Concurrent callers use one interpreter of one thread each: on two cores, two of them take four fifths
        of the time that they would take one after the other, while shared threads would wait for each other.

        Args:
            tensor: The input, with a leading axis of 1.
            alone: False if the caller knows that it runs several inputs at the same time.

        Returns:
            Every output by its name.
        """
        with self._slots:
            interpreter = self._acquire(alone)
            try:
                return interpreter.run(tensor)
            finally:
                self._release(interpreter)

    def _acquire(self, alone: bool) -> _Interpreter:
        with self._lock:
            if alone and self._running == 0:
                interpreter = self._shared
            else:
                interpreter = self._free.pop() if self._free else _Interpreter(self._file_name, threads=1)
            self._running += 1
            return interpreter

    def _release(self, interpreter: _Interpreter) -> None:
        with self._lock:
            self._running -= 1
            if interpreter is not self._shared:
                self._free.append(interpreter)


class _Interpreter:
    """One loaded copy of the network, for one caller at a time."""

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
        raise ModelError(f"the network {file_name} is missing", Remedy.REINSTALL) from error
    except (ValueError, RuntimeError, MemoryError) as error:
        raise network_error(error, subject=Path(file_name)) from error
    return interpreter


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Suppress the message about delegates that LiteRT prints at every start: it has no option for that."""
    with _stderr:  # two threads would restore each other's replacement
        try:
            saved = os.dup(2)
        except OSError:  # there is no standard error
            yield
            return
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        try:
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(null)
