"""Uvicorn's WebSocket, made to stand a client that sends and never reads: what waits for it stays small."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """Leaves pings unanswered while nobody reads, and ends a connection whose client does not answer ours.

    Messages need no bound: uvicorn takes the next only when the last was dealt with, and waits before it sends. To
    pings it wrote answers without end: half a gigabyte after three million.
    """

    def handle_ping(self) -> None:
        """Answer a ping, unless earlier answers still wait: of several only the last needs one (RFC 6455, 5.5.3)."""
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pong)

    def keepalive_timeout(self) -> None:
        """End a connection without waiting for what its client will not read."""
        super().keepalive_timeout()
        self.transport.abort()
