"""Keeps a library up to date while a server runs: looks at its folders now and then, and hears what has changed.

A look at sizes and times, rather than the system's notices of changes: those miss what happens on a network drive, are
limited in number on large libraries, and would need one more package; what a look costs, ``python -m benchmarks.scan``
prints.
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
"""How long a new file waits at most, but for its own time to settle and be heard."""

SETTLED_S = 5.0
"""A file that was changed less than this ago may still be copied, and waits for the next look."""

_LEAVE_S = 5.0

_log = logging.getLogger(__name__)


class FolderWatch:
    """A thread that brings a library's folders up to date; ``start`` and ``stop`` it once each.

    ``now_ns`` is the clock that files are dated with. What is new is heard by one process of its own, so that the
    server goes on as before.
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
        """Begin to look, the first time after a period: a server has other things to do when it starts."""
        self._thread.start()

    def stop(self) -> None:
        """End; a file in hand is left, and heard the next time."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_LEAVE_S)

    def look(self) -> int:
        """Look once at every folder, and say how many tracks were added, changed or removed.

        A folder that cannot be opened, a disk that is full, a library that is busy: each is logged and passed over, and
        looked at again the next time.
        """
        count = 0
        newest_ns = self._now_ns() - int(SETTLED_S * 1e9)
        for folder in self._library.folders():
            match folder.location:
                case LocalFile(path) if path.is_dir():
                    pass
                case _:
                    continue  # a server, or an unplugged disk, whose tracks are not forgotten
            try:
                report = self._library.add(path, progress=self._unless_stopped, workers=1, newest_ns=newest_ns)
            except MienError as error:
                _log.warning("%s", error)
                continue
            count += report.added + report.changed + report.removed
        return count

    def _run(self) -> None:
        while not self._stopped.wait(self._period_s):
            try:
                self.look()
            except _StopLookingError:
                return

    def _unless_stopped(self, _progress: object) -> None:
        if self._stopped.is_set():
            raise _StopLookingError


class _StopLookingError(Exception):
    """Leaves a scan from within, as Ctrl-C does."""
