"""The live channel: a WebSocket that takes JPEG frames and returns a reading of each.

A client keeps one frame in flight. Frames of a client that sends faster are not queued: of those that arrive while one
is being read, only the newest is read next, and the others are dropped without an answer. Every answer has the
``index`` of its frame, which counts the connection's binary messages from 0; lower indices without an answer were
dropped.

Many clients take turns (``mien.web.pace``). If an answer's ``wait`` is true, the client sends its next frame when the
server asks for it with ``{"type": "next"}``, and takes it fresh from the camera. A frame that is sent earlier waits for
its turn; if it has become too old by then, ``{"type": "next"}`` says that it was dropped and another is wanted.

A text message is a command, such as ``{"type": "select", "face": 3}`` (see ``mien.web.commands``). It applies from the
next frame on. It is answered only if it is invalid, by an error whose ``index`` is null.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from mien.errors import MienError
from mien.session.live_feed import FrameResult, LiveFeed
from mien.session.session import READERS, Session
from mien.web.commands import apply, parse_command
from mien.web.decoder import BadRequestError
from mien.web.pace import MAX_FRAME_AGE_S, FramePacer
from mien.web.responses import Json, error_json, error_message, message_json, next_message, reading_message, text_of

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""The largest message on the live channel; a larger one closes the connection (WebSocket code 1009)."""

_UNREADABLE = message_json(
    "internal", "This frame could not be read; see the terminal that mien runs in for the reason."
)
_NO_MEMORY = message_json("busy", "There is too little memory to read this frame; close other programs.")

_log = logging.getLogger(__name__)


class LatestFrameSlot:
    """Holds one frame between a connection and the reader; a newer frame replaces one that waits."""

    def __init__(self) -> None:
        self._frame: tuple[int, bytes] | None = None
        self._filled = asyncio.Event()
        self._put_s = 0.0

    def put(self, index: int, jpeg: bytes, *, at_s: float) -> None:
        """Store a frame in place of the one that is there.

        Args:
            index: The frame's number on its connection.
            jpeg: The frame.
            at_s: The monotonic time of its arrival, in seconds.
        """
        self._frame = index, jpeg
        self._put_s = at_s
        self._filled.set()

    async def wait(self) -> None:
        """Return once there is a frame."""
        await self._filled.wait()

    def take(self) -> tuple[int, bytes]:
        """Remove the frame and return its index and JPEG.

        Raises:
            LookupError: There is no frame.
        """
        if self._frame is None:
            raise LookupError("there is no frame")
        frame, self._frame = self._frame, None
        self._filled.clear()
        return frame

    def drop_stale(self, *, now_s: float) -> bool:
        """Drop the frame if it is older than ``MAX_FRAME_AGE_S``; whether there is a frame after that."""
        if self._frame is not None and now_s - self._put_s > MAX_FRAME_AGE_S:
            self.take()
        return self._frame is not None


def make_pacer() -> FramePacer:
    """The pacer that all connections of one server share; they run in one event loop."""
    return FramePacer(
        readers=READERS,
        clock=time.monotonic,
        call_later=lambda delay_s, call: asyncio.get_running_loop().call_later(delay_s, call),
    )


async def serve_live(websocket: WebSocket, session: Session, pacer: FramePacer) -> None:
    """Serve one connection until it closes.

    Args:
        websocket: The connection, not yet accepted.
        session: What reads its frames.
        pacer: Shared with all other connections, from ``make_pacer``.
    """
    await websocket.accept()
    slot, feed = LatestFrameSlot(), session.live()
    answering = asyncio.create_task(_answer(websocket, feed, slot, pacer))
    try:
        await _receive(websocket, feed, slot)
    finally:
        answering.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect):
            await answering


async def _receive(websocket: WebSocket, feed: LiveFeed, slot: LatestFrameSlot) -> None:
    index = 0
    with suppress(WebSocketDisconnect):
        while (message := await websocket.receive())["type"] == "websocket.receive":
            jpeg = message.get("bytes")
            if jpeg is not None:
                slot.put(index, jpeg, at_s=time.monotonic())
                index += 1
                continue
            try:
                apply(parse_command(message["text"]), feed)
            except BadRequestError as error:
                await websocket.send_text(text_of(error_message(message_json("bad_request", str(error)))))


async def _answer(websocket: WebSocket, feed: LiveFeed, slot: LatestFrameSlot, pacer: FramePacer) -> None:
    has_turn = asyncio.Event()
    client = pacer.join(has_turn.set)
    try:
        while True:
            await slot.wait()
            has_turn.clear()
            if pacer.begin(client):
                index, jpeg = slot.take()
                began_s = time.monotonic()
                result = await _read(feed, jpeg, index)
                was_read = isinstance(result, FrameResult)
                took_s = result.read_ms / 1000 if isinstance(result, FrameResult) else time.monotonic() - began_s
                pacer.end(client, took_s=took_s, was_read=was_read)
                pacer.wait(client)
                wait = not has_turn.is_set()
                await websocket.send_text(_text(result, index, wait=wait))
                if not wait:
                    continue
            else:
                pacer.wait(client)
            await has_turn.wait()
            if not slot.drop_stale(now_s=time.monotonic()):
                await websocket.send_text(text_of(next_message()))
    finally:
        pacer.leave(client)


async def _read(feed: LiveFeed, jpeg: bytes, index: int) -> FrameResult | Json:
    """A frame's reading, or the description of the error if it cannot be read."""
    try:
        return await asyncio.wrap_future(feed.submit(jpeg))
    except MienError as error:
        return error_json(error)
    except MemoryError:
        return _NO_MEMORY  # not logged: the next frames have none either
    except Exception:
        # One frame that breaks the reader must not end the stream.
        _log.exception("Frame %d could not be read", index)
        return _UNREADABLE


def _text(result: FrameResult | Json, index: int, *, wait: bool) -> str:
    if isinstance(result, FrameResult):
        try:
            return text_of(reading_message(result, index=index, wait=wait))
        except Exception:
            _log.exception("The reading of frame %d could not be encoded", index)
            result = _UNREADABLE
    return text_of(error_message(result, index=index, wait=wait))
