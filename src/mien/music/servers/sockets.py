"""The connections to one server: none of them waits for longer than it may, and all can be cut at once."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final

from mien.errors import SourceClosedError, SourceError

Addresses = list[tuple[socket.AddressFamily, object]]
"""The socket families and addresses that a name resolves to."""

_WAIT_S: Final = 0.05


class SocketsCutError(OSError):
    """The connections were cut, because the program ends."""


class ServerSockets:
    """Opens sockets, and cuts those that are open. Thread-safe.

    Attributes:
        cut: Whether they were cut; no new one is opened then.
    """

    def __init__(self) -> None:
        self.cut = False
        self._open: set[socket.socket] = set()
        self._lock = Lock()

    @contextlib.contextmanager
    def connect(self, host: str, port: int, *, timeout_s: float) -> Iterator[socket.socket]:
        """Connect over TCP; the connection is closed at the end of the block.

        Args:
            host: A name or an address.
            port: The port.
            timeout_s: How long resolving the name, connecting, and later each operation may take, in seconds.

        Raises:
            OSError: The name is unknown, nothing answers, or the sockets were cut.
        """
        failure: OSError | None = None
        for family, address in self._resolve(host, port, timeout_s=timeout_s):
            with contextlib.ExitStack() as stack:
                try:
                    opened = stack.enter_context(self._opened(family, address, timeout_s=timeout_s))
                except OSError as error:
                    failure = error
                    continue
                yield opened
                return
        raise failure or OSError("the name has no address")

    @contextlib.contextmanager
    def connect_local(self, path: str, *, timeout_s: float) -> Iterator[socket.socket]:
        """Connect to a socket of this computer, by its path, as ``connect`` does."""
        with self._opened(socket.AF_UNIX, path, timeout_s=timeout_s) as opened:
            yield opened

    def shut_down(self) -> None:
        """Cut every connection, in whichever thread it waits, and open no more."""
        with self._lock:
            self.cut = True
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def translate_cut(self, server: str) -> Iterator[None]:
        """Convert whatever a cut connection raises as ``SourceError`` into ``SourceClosedError``."""
        try:
            yield
        except SourceError as error:
            if self.cut and not isinstance(error, SourceClosedError):
                raise SourceClosedError("was disconnected, because mien ends", subject=server) from None
            raise

    @contextlib.contextmanager
    def _opened(self, family: socket.AddressFamily, address: object, *, timeout_s: float) -> Iterator[socket.socket]:
        with socket.socket(family, socket.SOCK_STREAM) as opened, self._registered(opened):
            opened.settimeout(timeout_s)
            opened.connect(address)  # type: ignore[arg-type]
            if self.cut:  # between connecting and now
                raise SocketsCutError
            if family != getattr(socket, "AF_UNIX", None):
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield opened

    @contextlib.contextmanager
    def _registered(self, opened: socket.socket) -> Iterator[None]:
        # A duplicate, because TLS takes over the socket itself.
        with opened.dup() as duplicate:
            with self._lock:
                if self.cut:
                    raise SocketsCutError
                self._open.add(duplicate)
            try:
                yield
            finally:
                with self._lock:
                    self._open.discard(duplicate)

    def _resolve(self, host: str, port: int, *, timeout_s: float) -> Addresses:
        """Resolve a name in a thread of its own, because the system's resolver cannot be interrupted."""
        answer: SimpleQueue[Addresses | Exception] = SimpleQueue()

        def resolve() -> None:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                answer.put([(family, address) for family, _, _, _, address in found])
            except Exception as error:
                answer.put(error)

        Thread(target=resolve, name="mien-resolve", daemon=True).start()
        left_s = timeout_s
        while left_s > 0 and not self.cut:
            with contextlib.suppress(Empty):
                found = answer.get(timeout=min(_WAIT_S, left_s))
                if isinstance(found, Exception):
                    raise found
                return found
            left_s -= _WAIT_S
        raise SocketsCutError if self.cut else TimeoutError
