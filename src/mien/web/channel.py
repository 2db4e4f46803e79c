"""Uvicorn's WebSocket protocol with bounded memory and time for clients that send and never read, or send only pings.

``WebSocketsSansIOProtocol`` is not part of uvicorn's public interface, which has no hook for pings. pyproject.toml
therefore bounds uvicorn's version, and ``tests/web/test_stalled.py`` checks the behaviour.
"""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

MAX_EMPTY_FRAMES: Final = 100
"""How many pings, pongs and empty fragments a client may send within ``WINDOW_S``; browsers send almost none."""

WINDOW_S: Final = 10.0

_SLICE_BYTES: Final = 8192
_FAREWELL_S: Final = 0.5
_POLICY_VIOLATION: Final = 1008


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """Ends connections that send many frames without content, and ignores pings while earlier output waits to be sent.

    Messages need no bound: uvicorn receives the next one only after the last was handled, and waits before it sends.
    Frames without content cost it time and memory without limit: half a gigabyte after three million pings.
    """

    _window_start_s = 0.0
    _empty_frames = 0

    def data_received(self, data: bytes) -> None:
        """Handle data in slices, since a large block of tiny frames would hold up all other connections."""
        for start in range(0, len(data), _SLICE_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + _SLICE_BYTES])

    def handle_ping(self) -> None:
        """Answer a ping, unless earlier answers still wait: the last of several is enough (RFC 6455, 5.5.3)."""
        pong = b"".join(self.conn.data_to_send())
        if self._count_empty_frame() and self.writable.is_set():
            self.transport.write(pong)

    def handle_pong(self, event: Frame) -> None:
        """Note an answer to a ping, or one that was not asked for."""
        if self._count_empty_frame():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """Add a fragment to a message."""
        if event.data or event.fin or self._count_empty_frame():
            super().handle_cont(event)

    def keepalive_timeout(self) -> None:
        """Abort the connection without waiting for output that the client does not read."""
        super().keepalive_timeout()
        self.transport.abort()

    def _count_empty_frame(self) -> bool:
        """Count a frame without content, and end the connection if there are too many; whether it is still open."""
        if self.transport.is_closing():
            return False
        now_s = self.loop.time()
        if now_s - self._window_start_s > WINDOW_S:
            self._window_start_s, self._empty_frames = now_s, 0
        self._empty_frames += 1
        if self._empty_frames <= MAX_EMPTY_FRAMES:
            return True
        self.conn.fail(_POLICY_VIOLATION, "too many pings")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
        self.loop.call_later(_FAREWELL_S, self.transport.abort)  # the client may not read
        return False
