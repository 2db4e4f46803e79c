"""Uvicorn's WebSocket protocol with bounded memory for clients that send and never read.

``WebSocketsSansIOProtocol`` is not part of uvicorn's public interface, which has no hook for pings. pyproject.toml
therefore bounds uvicorn's version, and ``tests/web/test_stalled.py`` checks the behaviour.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """Ignores pings while earlier output waits to be sent, and aborts connections that do not answer pings.

    Messages need no bound: uvicorn receives the next one only after the last was handled, and waits before it sends.
    Its answers to pings accumulated without limit: half a gigabyte after three million pings.
    """

    def handle_ping(self) -> None:
        """Answer a ping, unless earlier answers still wait: the last of several is enough (RFC 6455, 5.5.3)."""
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pong)

    def keepalive_timeout(self) -> None:
        """Abort the connection without waiting for output that the client does not read."""
        super().keepalive_timeout()
        self.transport.abort()
