"""Runs the web page's server: takes the port, says where the page is, and ends at once when asked to."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import webbrowser
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Self

import click
import uvicorn

from mien.config import Settings
from mien.errors import ServerError
from mien.session import Session
from mien.types import Reading
from mien.web.app import create_app
from mien.web.channel import BoundedWebSocket
from mien.web.live import MAX_MESSAGE_BYTES
from mien.web.security import loopback_hosts

_CLOSING_TIME_S = 0.4


class Server:
    """A session's server, listening from the moment it is made; raises ``ServerError`` where it cannot.

    ``run`` serves in this thread until Ctrl-C; as a context manager it serves in another one until the block ends.
    ``port`` 0 takes any free port: see ``url``. A live connection is asked every ``silence_s`` whether its client is
    still there, and has as long to answer.
    """

    def __init__(self, session: Session, *, host: str = "127.0.0.1", port: int = 0, silence_s: float = 20.0) -> None:
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"
        config = uvicorn.Config(
            create_app(session, hosts=loopback_hosts(self.port, host=host)),
            # Named, so that what else is installed changes nothing.
            loop="asyncio",
            http="h11",
            ws=BoundedWebSocket,
            ws_ping_interval=silence_s,
            ws_ping_timeout=silence_s,
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            # There is no proxy in front, so nobody may say that a request came from elsewhere.
            proxy_headers=False,
        )
        self._uvicorn = _PromptServer(config)
        self._thread = Thread(target=self.run, name="mien-server")

    def run(self) -> None:
        """Serve until Ctrl-C, or until the context manager's block ends."""
        with suppress(KeyboardInterrupt):
            self._uvicorn.run(sockets=[self._socket])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._uvicorn.should_exit = True
        self._thread.join()


def serve(settings: Settings, *, open_browser: bool, announce: Callable[[str], None] = click.echo) -> None:
    """Serve the page until Ctrl-C; raises ``ServerError``, ``ModelError`` or ``LibraryError`` when it cannot start."""
    with Session.open(settings) as session:
        server = Server(session, host=settings.host, port=settings.port)
        announce(f"mien is at {server.url} (Ctrl-C ends it)")
        session.warm().add_done_callback(lambda warmed: _announce_failure(warmed, announce))
        if open_browser:
            # Some browsers keep the caller waiting until they are closed.
            Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
        server.run()


def _announce_failure(warmed: Future[list[Reading]], announce: Callable[[str], None]) -> None:
    error = None if warmed.cancelled() else warmed.exception()
    if error is not None:
        announce(f"Faces cannot be read: {error}")


class _PromptServer(uvicorn.Server):
    """A server that ends at once: a player that stands still holds its download open, and would hold the server."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        overdue = loop.call_later(_CLOSING_TIME_S, self._drop_connections)
        await super().shutdown(sockets)
        overdue.cancel()

    def _drop_connections(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        # A port that was served a moment ago is free at once; on Windows the same option would steal one in use.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ServerError(_remedy(host, port, error)) from error
    return listener


def _remedy(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return f"port {port} is taken; stop the other program or choose another: mien serve --port {other}"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {port} is not yours to take; choose another: mien serve --port 8765"
    return (
        f"mien cannot listen on {host} ({error.strerror or error}); choose another address: mien serve --host 127.0.0.1"
    )
