"""Hears many files, on several cores, and outlives what a damaged file does to a decoder."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mien.errors import AudioError
from mien.music.analysis.decode import read_excerpts
from mien.music.analysis.estimate import estimate
from mien.types import AudioFeatures, MoodOrigin

LONGEST_S = 300.0
"""A file that takes longer to hear is given up: an ordinary one takes a second."""

ONE_THREAD = MappingProxyType(dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1"))
"""What a worker's environment says to NumPy: there is a worker for each core, so threads would only wait in turns."""

_FILES_WORTH_A_WORKER = 8
_LEFT_OVER = "it changed while it was read; it is heard at the next scan."


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """What was heard in a file, and how long it plays."""

    features: AudioFeatures
    duration_s: float


def to_json(found: AnalysisResult | str) -> str:
    """One line that says what was heard, or why nothing was."""
    return json.dumps({"reason": found} if isinstance(found, str) else asdict(found))


def from_json(line: str) -> AnalysisResult | str:
    """What ``to_json`` said."""
    sent: dict[str, Any] = json.loads(line)
    if "reason" in sent:
        return str(sent["reason"])
    features = sent["features"]
    known = {**features, "tags": tuple(features["tags"]), "origin": MoodOrigin(features["origin"])}
    return AnalysisResult(AudioFeatures(**known), sent["duration_s"])


def hear_file(path: Path) -> AnalysisResult | str:
    """Hear one file, or say why it cannot be used, in words that are text though the file's name may be none."""
    try:
        before = path.stat()
        excerpts = read_excerpts(path)
        heard = AnalysisResult(estimate(excerpts), excerpts.duration_s)
        after = path.stat()
    except AudioError as error:
        return str(error).encode("utf-8", "replace").decode("utf-8")
    except FileNotFoundError:
        return "it is gone; run the scan again."
    except OSError as error:
        return f"it cannot be read ({error.strerror}); check its permissions."
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return _LEFT_OVER
    return heard


def cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):  # not every system can say
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_for(files: int, *, most: int | None = None) -> int:
    """How many workers that many files are worth; 0 for a handful, which are sooner heard right here."""
    return min(most if most is not None else cores(), files // _FILES_WORTH_A_WORKER)


def hear_files(
    paths: Sequence[Path], *, workers: int, longest_s: float = LONGEST_S
) -> Generator[tuple[Path, AnalysisResult | str]]:
    """Hear files with so many workers, each a process of its own, and yield them as they are done.

    With 0 workers they are heard in this very process. A file that ends its worker, or holds it for longer than
    ``longest_s``, is answered with a reason, and the next one gets a new worker. Closing the iterator ends the workers.
    """
    if not workers:
        yield from ((path, hear_file(path)) for path in paths)
        return
    waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Path, AnalysisResult | str]] = queue.SimpleQueue()
    for path in paths:
        waiting.put(path)
    crew = [_Worker(waiting, done, longest_s) for _ in range(workers)]
    for worker in crew:
        worker.start()
    try:
        for _ in paths:
            yield done.get()
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """A thread that hands files to a process, and starts another process where one ends."""

    def __init__(
        self,
        waiting: queue.SimpleQueue[Path],
        done: queue.SimpleQueue[tuple[Path, AnalysisResult | str]],
        longest_s: float,
    ) -> None:
        self._waiting, self._done, self._longest_s = waiting, done, longest_s
        self._process: subprocess.Popen[str] | None = None
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="mien-hearing", daemon=True)

    def start(self) -> None:
        """Start the thread; the process is started with the first file."""
        self._thread.start()

    def stop(self) -> None:
        """End at once; the file in hand is left."""
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
            self._done.put((path, self._hear(path)))
        _end(self._process)

    def _hear(self, path: Path) -> AnalysisResult | str:
        try:
            process = self._running()
        except OSError as error:
            return f"no process could be started to hear it ({error.strerror}); end other programs, and scan again."
        late = threading.Timer(self._longest_s, process.kill)
        late.daemon = True
        late.start()
        line = ""
        with suppress(OSError, ValueError):  # the process has ended, or was ended
            assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
            print(json.dumps(str(path)), file=process.stdin, flush=True)
            line = process.stdout.readline()
        overdue = not late.is_alive()
        late.cancel()
        if line.endswith("\n"):
            return from_json(line)
        _end(process)
        return (
            f"it took more than {self._longest_s:.0f} s to decode, so it was given up; replace it."
            if overdue
            else "it makes the decoder crash; replace or remove it."
        )

    def _running(self) -> subprocess.Popen[str]:
        """The process, or a new one. Ctrl-C is not for it: it belongs to whoever started this, and ends with them."""
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
