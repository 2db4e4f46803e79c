"""Remembers which music servers are out of reach, so that none of their tracks is chosen until they answer again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from mien.errors import SourceError
from mien.music.sources.source import RemoteSource

FIRST_WAIT_S = 30.0
"""The time from a failure until the server is asked again; it doubles with each further failure."""

LONGEST_WAIT_S = 600.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Outage:
    """A server that does not answer: when it is asked again, and how long to wait after that."""

    retry_at_s: float
    wait_s: float


class ServerOutages:
    """The servers that do not answer; safe to use from several threads. An outage and its end are logged once each."""

    def __init__(self) -> None:
        self._outages: dict[str, _Outage] = {}
        self._lock = Lock()

    def names(self) -> frozenset[str]:
        """The names of the servers that do not answer."""
        with self._lock:
            return frozenset(self._outages)

    def failed(self, name: str, error: SourceError, *, at_s: float) -> None:
        """Note that a server did not answer.

        Args:
            name: The server.
            error: How it failed.
            at_s: The present time, monotonic.
        """
        with self._lock:
            new = name not in self._outages
            if new:
                self._outages[name] = _Outage(at_s + FIRST_WAIT_S, FIRST_WAIT_S)
        if new:
            _log.warning("%s Its tracks are left out until it answers.", error)

    def retry(self, servers: Mapping[str, RemoteSource], *, at_s: float) -> None:
        """Sign in to each server that does not answer and whose time has come.

        Args:
            servers: The servers, by name; one that was removed is forgotten.
            at_s: The present time, monotonic.
        """
        with self._lock:
            due = [(name, outage) for name, outage in self._outages.items() if outage.retry_at_s <= at_s]
        for name, outage in due:
            server = servers.get(name)
            try:
                if server is not None:
                    server.sign_in()
            except SourceError:
                wait_s = min(2 * outage.wait_s, LONGEST_WAIT_S)
                with self._lock:
                    self._outages[name] = _Outage(at_s + wait_s, wait_s)
            else:
                with self._lock:
                    self._outages.pop(name, None)
                _log.warning("“%s” answers again.", name)
