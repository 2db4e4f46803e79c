"""Logs each request and live connection: what was asked, what became of it, and how long it took."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

_MAX_PATH = 200


class AccessLog:
    """ASGI middleware that logs at the level info: the method, the path without its query, the status and the time.

    Queries and headers are left out, since they can hold tokens, and so are all bodies.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on to the application, and log it when it ends."""
        if not _log.isEnabledFor(logging.INFO) or scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began_s = time.monotonic()
        outcome = "no answer"

        async def send_and_note(message: Message) -> None:
            nonlocal outcome
            match message["type"]:
                case "http.response.start":
                    outcome = str(message["status"])
                case "websocket.accept":
                    outcome = "closed"
                case "websocket.close" if outcome != "closed":
                    outcome = "refused"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        finally:
            took_ms = (time.monotonic() - began_s) * 1000
            _log.info("%s %s: %s, %.0f ms", scope.get("method", "LIVE"), scope["path"][:_MAX_PATH], outcome, took_ms)
