"""Analyses many sound files in worker processes, so that a decoder that crashes does not stop the others."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mien.errors import AudioError, Remedy, UndecodableError
from mien.music.analysis.decode import Excerpts, read_excerpts
from mien.music.analysis.estimate import estimate
from mien.music.cue import cue_part
from mien.types import AudioFeatures, MoodOrigin

TIMEOUT_S = 300.0
"""The longest time for one file; an ordinary file takes about one second."""

ONE_THREAD = MappingProxyType(dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1"))
"""Limits NumPy to one thread in a worker's environment: there is one worker per core already."""

_MIN_FILES_PER_WORKER = 8
_CHUNK_BYTES = 1 << 20
_LAST_WAIT_S = 5.0
_CRASHES = frozenset(
    -getattr(signal, name) for name in ("SIGSEGV", "SIGABRT", "SIGILL", "SIGFPE", "SIGTRAP") if hasattr(signal, name)
)
"""The exit codes of a worker that a file's content ended; others end a worker from outside, or for lack of memory."""


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """What the analysis of a file found, and how long the file plays."""

    features: AudioFeatures
    duration_s: float


def to_json(result: AnalysisResult | AudioError) -> str:
    """A result or an error in one line, without the error's subject."""
    if isinstance(result, AudioError):
        lasts = isinstance(result, UndecodableError)
        return json.dumps({"problem": result.problem, "remedy": result.remedy, "lasts": lasts})
    message = asdict(result)
    message["features"]["sound"] = b64encode(result.features.sound).decode("ascii")
    return json.dumps(message)


def from_json(line: str, path: Path) -> AnalysisResult | AudioError:
    """The result or the error about ``path`` that ``to_json`` wrote."""
    message: dict[str, Any] = json.loads(line)
    if "problem" in message:
        remedy = message["remedy"]
        error = UndecodableError if message.get("lasts") else AudioError
        return error(message["problem"], Remedy(remedy) if remedy in set(Remedy) else remedy, subject=path)
    features = message["features"]
    values = {
        **features,
        "tags": tuple(features["tags"]),
        "origin": MoodOrigin(features["origin"]),
        "sound": b64decode(features["sound"]),
    }
    return AnalysisResult(AudioFeatures(**values), message["duration_s"])


def analyse_file(path: Path) -> AnalysisResult | AudioError:
    """Analyse one file, or return the error that says why it cannot be used.

    Only a file that can be read to its end is an ``UndecodableError``: a decoder does not tell damaged data from a disk
    that was unplugged, or from a lack of file descriptors.
    """
    part = cue_part(path)
    file = path if part is None else part.path
    try:
        before = file.stat()
        excerpts = _read_excerpts(path, file)
        result = AnalysisResult(estimate(excerpts), excerpts.duration_s)
        after = file.stat()
    except AudioError as error:
        return error
    except MemoryError:
        return AudioError("needs more memory than there is", "end other programs, and scan again", subject=path)
    except FileNotFoundError:
        return AudioError("is gone", Remedy.SCAN, subject=path)
    except OSError as error:
        return AudioError(f"cannot be read ({error.strerror})", "check its permissions", subject=path)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return AudioError("changed while it was read; the next scan will analyse it", subject=path)
    return result


def _read_excerpts(path: Path, file: Path) -> Excerpts:
    """The excerpts of a piece; raises ``OSError`` rather than ``UndecodableError`` if its file cannot be read."""
    try:
        return read_excerpts(path)
    except UndecodableError:
        with file.open("rb") as opened:
            while opened.read(_CHUNK_BYTES):
                pass
        raise


def cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):  # not available on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_for(files: int, *, most: int | None = None) -> int:
    """The number of workers to use for this many files; 0 for a few, which this process analyses faster itself."""
    return min(most if most is not None else cores(), files // _MIN_FILES_PER_WORKER)


def analyse_files(
    paths: Sequence[Path], *, workers: int, timeout_s: float = TIMEOUT_S
) -> Generator[tuple[Path, AnalysisResult | AudioError]]:
    """Analyse files in worker processes and yield each result as soon as it is available.

    A file that ends its worker, or takes longer than ``timeout_s``, yields an error, and the next file gets a new
    worker. Closing the generator ends the workers.

    Args:
        paths: The files.
        workers: The number of worker processes; with 0 this process does the work.
        timeout_s: The longest that a worker may take for one file.
    """
    if not workers:
        yield from ((path, analyse_file(path)) for path in paths)
        return
    waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Path, AnalysisResult | AudioError]] = queue.SimpleQueue()
    for path in paths:
        waiting.put(path)
    crew = [_Worker(waiting, done, timeout_s) for _ in range(workers)]
    for worker in crew:
        worker.start()
    try:
        for _ in paths:
            yield done.get()
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """A thread that hands files to a process, and starts a new process if one ends."""

    def __init__(
        self,
        waiting: queue.SimpleQueue[Path],
        done: queue.SimpleQueue[tuple[Path, AnalysisResult | AudioError]],
        timeout_s: float,
    ) -> None:
        self._waiting, self._done, self._timeout_s = waiting, done, timeout_s
        self._process: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="mien-analysis", daemon=True)

    def start(self) -> None:
        """Begin with the first waiting file."""
        self._thread.start()

    def stop(self) -> None:
        """End at once and abandon the current file."""
        self._stopped.set()
        with self._lock:
            if self._process is not None:
                self._process.kill()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                path = self._waiting.get_nowait()
            except queue.Empty:
                break
            self._done.put((path, self._analyse(path)))
        _end(self._process)

    def _analyse(self, path: Path) -> AnalysisResult | AudioError:
        try:
            process = self._running()
        except OSError as error:
            problem = f"cannot be analysed, since no process could be started ({error.strerror})"
            return AudioError(problem, "end other programs, and scan again", subject=path)
        timer = threading.Timer(self._timeout_s, process.kill)
        timer.daemon = True
        timer.start()
        line = ""
        with suppress(OSError, ValueError):  # the process has ended or was killed
            assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
            print(json.dumps(str(path)), file=process.stdin, flush=True)
            line = process.stdout.readline()
        overdue = not timer.is_alive()
        timer.cancel()
        if line.endswith("\n"):
            return from_json(line, path)
        with suppress(subprocess.TimeoutExpired):  # it closed its output without ending
            process.wait(_LAST_WAIT_S)
        _end(process)
        if overdue:
            return AudioError(f"took more than {self._timeout_s:.0f} s to decode", "replace it", subject=path)
        if process.returncode in _CRASHES:
            return UndecodableError("makes the decoder crash", "replace or remove it", subject=path)
        return AudioError("was not analysed, since the process for it was ended", Remedy.SCAN, subject=path)

    def _running(self) -> subprocess.Popen[str]:
        """The process, or a new one; Ctrl-C reaches only the parent, which ends its workers."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                _end(self._process)
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "mien.music.analysis.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,
                    env=os.environ | ONE_THREAD,
                )
                if self._stopped.is_set():
                    self._process.kill()
            return self._process


def _end(process: subprocess.Popen[str] | None) -> None:
    if process is None:
        return
    process.kill()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
    process.wait()
