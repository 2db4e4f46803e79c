"""Keeps a library's folders up to date while a server runs, by scanning them from time to time.

Music servers that did not answer are asked again then.

It polls sizes and times of change instead of using the system's notifications: those miss changes on network drives,
are limited in number for large libraries, and would need another package. ``python -m benchmarks.scan`` prints what a
scan costs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from mien.errors import MienError
from mien.music.library.library import Library
from mien.music.library.scan import ScanReport
from mien.music.location import LocalFile, Location
from mien.music.sources.source import SourceItem

PERIOD_S = 30.0
"""The time between two scans."""

SETTLED_S = 5.0
"""A file that was changed less than this long ago may still be being copied, and is left for the next scan."""

LONGEST_RETRY_S = 600.0
"""A file that fails, but not by itself, is tried again at the next scan, and then after up to so long."""

_STOP_TIMEOUT_S = 5.0

_log = logging.getLogger(__name__)


class _Retry(NamedTuple):
    """When a file that failed is tried again, and how long to wait after that."""

    at_ns: int
    wait_s: float


class FolderWatch:
    """A thread that scans a library's folders periodically; ``start`` and ``stop`` it once each.

    New files are analysed by a single process, so that the server keeps the other cores.

    Args:
        library: The library.
        period_s: The time between two scans.
        workers: The number of processes that analyse new files; 0 for the thread itself.
        now_ns: The clock that files are dated with, in nanoseconds since 1970.
    """

    def __init__(
        self,
        library: Library,
        *,
        period_s: float = PERIOD_S,
        workers: int = 1,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._library = library
        self._workers = workers
        self._period_s = period_s
        self._now_ns = now_ns
        self._stopped = threading.Event()
        self._problems: dict[Location | None, str] = {}
        self._retries: dict[SourceItem, _Retry] = {}
        self._away: frozenset[Location] = frozenset()
        self._thread = threading.Thread(target=self._run, name="mien-watch", daemon=True)

    def start(self) -> None:
        """Start the thread; the first scan begins a period later, when the server has started."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; a file that is being analysed is left for the next scan."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_STOP_TIMEOUT_S)

    def scan(self) -> int:
        """Scan every folder once.

        A folder that is away, such as one on an unplugged disk, keeps its tracks; that it is away, and that it is back,
        is logged once. A folder that cannot be scanned is tried again the next time.

        Returns:
            How many tracks were added, changed or removed, or are back.
        """
        count = 0
        now_ns = self._now_ns()
        for folder in self._library.roots():
            if not isinstance(folder.name, LocalFile):
                continue
            try:
                report = self._library.add(
                    folder.name.path,
                    progress=self._check_stopped,
                    workers=self._workers,
                    leave=partial(self._is_left, now_ns=now_ns),
                )
            except MienError as error:
                if self._log_problem(folder.location, str(error)):
                    self._retries.clear()  # what failed may have failed because of that
                continue
            if self._problems.pop(folder.location, None) is not None or report.returned:
                self._retries.clear()  # what failed may succeed now
            self._note_retries(report, now_ns=now_ns)
            count += report.added + report.changed + report.removed + report.returned
        self._note_away()
        return count

    def _run(self) -> None:
        self._attempt(self._library.check_away)
        while not self._stopped.wait(self._period_s):
            self._attempt(lambda: self._library.retry_servers(at_s=time.monotonic()))
            self._attempt(self.scan)

    def _attempt(self, work: Callable[[], object]) -> None:
        """Do a part of the work; one that fails is done again the next time, and does not end the thread."""
        try:
            work()
        except _StoppedError:
            return
        except (MienError, OSError) as error:
            self._log_problem(None, str(error))
        except Exception:
            _log.exception("The library's folders could not be scanned; the next scan tries again.")

    def _is_left(self, item: SourceItem, *, now_ns: int) -> bool:
        """Whether a file may still be being written, or failed too recently to be tried again.

        Files dated later than now are not left: their clock is wrong, and it may be long until ours reaches it.
        """
        if now_ns - int(SETTLED_S * 1e9) < item.changed_ns <= now_ns:
            return True
        retry = self._retries.get(item)
        return retry is not None and now_ns < retry.at_ns

    def _note_retries(self, report: ScanReport, *, now_ns: int) -> None:
        """Wait longer after each failure of a file, so that a slow one does not hold up the others at every scan."""
        for item in report.retried:
            earlier = self._retries.get(item)
            wait_s = self._period_s / 2 if earlier is None else min(2 * earlier.wait_s, LONGEST_RETRY_S)
            self._retries[item] = _Retry(now_ns + int(wait_s * 1e9), max(wait_s, self._period_s))

    def _log_problem(self, location: Location | None, problem: str) -> bool:
        """Log a problem unless it is the last one that was logged of that folder; returns whether it is new."""
        is_new = self._problems.get(location) != problem
        if is_new:
            _log.warning("%s", problem)
        self._problems[location] = problem
        return is_new

    def _note_away(self) -> None:
        """Log what is away or back since the last scan; if anything is, what failed may have failed because of that."""
        away = {one.location: one.track_count for one in self._library.away()}
        for location, count in away.items():
            if location not in self._away and location not in self._problems:
                _log.warning("%s is away with %d of the tracks, which stay until it is back.", location, count)
        for location in self._away - away.keys():
            _log.warning("%s is back.", location)
        if self._away != away.keys():
            self._retries.clear()
        self._away = frozenset(away)

    def _check_stopped(self, _progress: object) -> None:
        if self._stopped.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Ends a scan from its progress callback."""
