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

from mien.errors import MienError
from mien.music.library.library import Library
from mien.music.location import LocalFile

PERIOD_S = 30.0
"""The time between two scans."""

SETTLED_S = 5.0
"""A file that was changed less than this long ago may still be being copied, and is left for the next scan."""

_STOP_TIMEOUT_S = 5.0

_log = logging.getLogger(__name__)


class FolderWatch:
    """A thread that scans a library's folders periodically; ``start`` and ``stop`` it once each.

    New files are analysed by a single process, so that the server keeps the other cores.

    Args:
        library: The library.
        period_s: The time between two scans.
        now_ns: The clock that files are dated with, in nanoseconds since 1970.
    """

    def __init__(
        self, library: Library, *, period_s: float = PERIOD_S, now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._library = library
        self._period_s = period_s
        self._now_ns = now_ns
        self._stopped = threading.Event()
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

        A folder that is missing, such as one on an unplugged disk, keeps its tracks. One that cannot be scanned is
        logged and tried again the next time.

        Returns:
            How many tracks were added, changed or removed.
        """
        count = 0
        newest_ns = self._now_ns() - int(SETTLED_S * 1e9)
        for folder in self._library.roots():
            location = folder.location
            if not isinstance(location, LocalFile) or not location.path.is_dir():
                continue
            try:
                report = self._library.add(location.path, progress=self._check_stopped, workers=1, newest_ns=newest_ns)
            except MienError as error:
                _log.warning("%s", error)
                continue
            count += report.added + report.changed + report.removed
        return count

    def _run(self) -> None:
        while not self._stopped.wait(self._period_s):
            try:
                self._library.retry_servers(at_s=time.monotonic())
                self.scan()
            except _StoppedError:
                return

    def _check_stopped(self, _progress: object) -> None:
        if self._stopped.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """Ends a scan from its progress callback."""
