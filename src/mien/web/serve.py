"""Runs the web server: listens on the port, announces the address, and stops at once on Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import logging
import math
import os
import socket
import webbrowser
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Any, Self

import click
import uvicorn

from mien.config import Settings
from mien.errors import Remedy, WebServerError
from mien.session.session import Session
from mien.types import Reading
from mien.web.app import create_app
from mien.web.channel import BoundedWebSocket
from mien.web.failures import NO_FILES_LEFT
from mien.web.live import MAX_MESSAGE_BYTES
from mien.web.security import loopback_hosts

_SHUTDOWN_S = 0.4
_BACKLOG = 128
_REPEATED_LOG_S = 60.0

_log = logging.getLogger(__name__)


class WebServer:
    """A session's web server. It listens from its construction on; connections wait until it serves.

    ``run`` serves in the current thread until Ctrl-C; as a context manager it serves in a separate thread until the
    block ends.

    Args:
        session: What the server serves.
        host: The address to listen on.
        port: The port to listen on; 0 for any free port.
        ping_interval_s: How often a live connection is pinged, and how long its client has to answer.
        send_buffer_bytes: The size of the operating system's send buffer of each connection; None for its default.

    Attributes:
        port: The port that it listens on.
        url: The address of the page.

    Raises:
        WebServerError: The server cannot listen on this address and port.
    """

    def __init__(
        self,
        session: Session,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ping_interval_s: float = 20.0,
        send_buffer_bytes: int | None = None,
    ) -> None:
        self._socket = _listen(host, port, send_buffer_bytes)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"
        config = uvicorn.Config(
            create_app(session, hosts=loopback_hosts(self.port, host=host)),
            # Explicit, so that other installed packages do not change the choice.
            loop="asyncio",
            http="h11",
            ws=BoundedWebSocket,
            ws_ping_interval=ping_interval_s,
            ws_ping_timeout=ping_interval_s,
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            # How many connections the event loop accepts at once. If no files are left, Python 3.11 tries and logs as
            # often, and again for each try a second later.
            backlog=1,
            log_level="warning",
            access_log=False,
            server_header=False,
            # There is no proxy, so headers about the origin of a request are not trusted.
            proxy_headers=False,
        )
        self._uvicorn = _PromptServer(config, on_shutdown=session.disconnect)
        self._thread = Thread(target=self.run, name="mien-server")

    def run(self) -> None:
        """Serve until Ctrl-C, or until the context manager's block ends."""
        with suppress(KeyboardInterrupt):
            self._uvicorn.run(sockets=[self._socket])

    def unsent_bytes(self) -> list[int]:
        """How many bytes wait to be sent on each live connection, the smallest number first.

        For checks that they stay bounded.
        """
        connections = list(self._uvicorn.server_state.connections)
        channels = [connection for connection in connections if isinstance(connection, BoundedWebSocket)]
        return sorted(channel.transport.get_write_buffer_size() for channel in channels)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._uvicorn.should_exit = True
        self._thread.join()


def serve(settings: Settings, *, open_browser: bool, announce: Callable[[str], None] = click.echo) -> None:
    """Serve the page until Ctrl-C.

    Args:
        settings: The session's and the server's settings.
        open_browser: Whether to open the page in the default browser.
        announce: Prints a line.

    Raises:
        WebServerError: If the server cannot listen.
        ModelError: If a network is missing.
        LibraryError: If the library cannot be opened.
    """
    with Session.open(settings) as session:
        server = WebServer(session, host=settings.host, port=settings.port)
        announce(f"mien is at {server.url} (Ctrl-C to stop)")
        session.warm().add_done_callback(lambda warmed: _announce_failure(warmed, announce))
        if open_browser:
            # Some browsers block the caller until they are closed.
            Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
        server.run()


def _announce_failure(warmed: Future[list[Reading]], announce: Callable[[str], None]) -> None:
    error = None if warmed.cancelled() else warmed.exception()
    if error is not None:
        announce(f"Faces cannot be read: {error}")


class _PromptServer(uvicorn.Server):
    """A server that stops at once, even if a paused player keeps its download open, or a request waits.

    Args:
        config: See ``uvicorn.Server``.
        on_shutdown: Called first when the server stops; ends what its requests wait for.
    """

    def __init__(self, config: uvicorn.Config, *, on_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_shutdown = on_shutdown

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(_ErrorLog())
        await super().startup(sockets)
        for listener in sockets or []:
            listener.listen(_BACKLOG)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_shutdown()
        loop = asyncio.get_running_loop()
        drop = loop.call_later(_SHUTDOWN_S, self._drop_connections)
        await super().shutdown(sockets)
        drop.cancel()

    def _drop_connections(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


class _ErrorLog:
    """Logs the errors of the event loop; that no file can be opened, which repeats, in a sentence once a minute."""

    def __init__(self) -> None:
        self._logged_s = -math.inf

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in NO_FILES_LEFT:
            loop.default_exception_handler(context)
        elif loop.time() - self._logged_s > _REPEATED_LOG_S:
            self._logged_s = loop.time()
            _log.warning("Too many files and connections are open (%s); new ones wait.", error.strerror)


def _listen(host: str, port: int, send_buffer_bytes: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        # Lets a restarted server use the same port at once; on Windows the same option would take over a port in use.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if send_buffer_bytes is not None:
        # Accepted connections inherit it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _listen_error(host, port, error) from error
    return listener


def _listen_error(host: str, port: int, error: OSError) -> WebServerError:
    if error.errno == errno.EADDRINUSE:
        return WebServerError(f"Port {port} is already in use", Remedy.CHOOSE_PORT)
    if error.errno in {errno.EACCES, errno.EPERM}:
        return WebServerError(f"You may not use port {port} (permission denied)", Remedy.CHOOSE_PORT)
    return WebServerError(f"mien cannot listen on {host} ({error.strerror or error})", Remedy.CHOOSE_HOST)
