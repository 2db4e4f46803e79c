"""The live channel: one WebSocket on which frames of faces go in and readings come out.

A client keeps one frame in flight. One that sends faster is not queued for: of the frames that arrive while another is
read, only the newest is read next and the others are dropped without an answer. Every answer carries the ``index`` of
its frame, the connection's binary messages counted from 0, so a client knows which were left out: those below it.

Clients take turns where there are many (``mien.web.pace``). An answer whose ``wait`` is true says that the next frame
is asked for later, by ``{"type": "next"}``: the client then takes it fresh from its camera. What is sent before lies
until its turn comes; if it has grown old by then, ``{"type": "next"}`` says that it was dropped and another is wanted.

A text message is a wish, such as ``{"type": "select", "face": 3}`` (see ``mien.web.commands.parse_wish``): it is heeded
from the next frame on, and answered only where it means nothing, by an error whose ``index`` is null.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from mien.errors import MienError
from mien.mood.smooth import Steadiness
from mien.session import READERS, LiveFeed, LiveReading, Session
from mien.web.commands import LearnNeutral, SelectFace, SetSteadiness, StopLearning, Wish, parse_wish
from mien.web.pace import PATIENCE_S, FramePacer
from mien.web.wire import BadRequestError, error_message, next_message, reading_message, text_of

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""The largest message on the live channel; a larger one ends the connection (WebSocket code 1009)."""

_UNREADABLE = "This frame could not be read; the terminal that mien runs in says why."

_log = logging.getLogger(__name__)


class LatestFrameSlot:
    """Room for one frame between a connection and the reader: a newer one takes the place of one that waits."""

    def __init__(self) -> None:
        self._frame: tuple[int, bytes] | None = None
        self._came = asyncio.Event()
        self._came_s = 0.0

    def put(self, index: int, jpeg: bytes, *, at_s: float) -> None:
        """Leave a frame; the one that was there is lost."""
        self._frame = index, jpeg
        self._came_s = at_s
        self._came.set()

    async def wait(self) -> None:
        """Return once a frame is there."""
        await self._came.wait()

    def take(self) -> tuple[int, bytes]:
        """Take the frame that is there away; raises ``LookupError`` where there is none."""
        if self._frame is None:
            raise LookupError("there is no frame")
        frame, self._frame = self._frame, None
        self._came.clear()
        return frame

    def keep_fresh(self, *, now_s: float) -> bool:
        """Whether a frame is there that is worth reading; one that has waited for long is lost."""
        if self._frame is not None and now_s - self._came_s > PATIENCE_S:
            self.take()
        return self._frame is not None


def make_pace() -> FramePacer:
    """What all connections of one server share; they are served by one event loop."""
    return FramePacer(
        readers=READERS,
        clock=time.monotonic,
        later=lambda delay_s, call: asyncio.get_running_loop().call_later(delay_s, call),
    )


async def serve_live(websocket: WebSocket, session: Session, pace: FramePacer) -> None:
    """Answer one connection's frames until it ends; what it sent is forgotten with it."""
    await websocket.accept()
    newest, feed = LatestFrameSlot(), session.live()
    answering = asyncio.create_task(_answer(websocket, feed, newest, pace))
    try:
        await _receive(websocket, feed, newest)
    finally:
        answering.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect):
            await answering


async def _receive(websocket: WebSocket, feed: LiveFeed, newest: LatestFrameSlot) -> None:
    index = 0
    with suppress(WebSocketDisconnect):
        while (message := await websocket.receive())["type"] == "websocket.receive":
            jpeg = message.get("bytes")
            if jpeg is not None:
                newest.put(index, jpeg, at_s=time.monotonic())
                index += 1
                continue
            try:
                _heed(parse_wish(message["text"]), feed)
            except BadRequestError as error:
                await websocket.send_text(text_of(error_message(str(error))))


def _heed(track_filter: Wish, feed: LiveFeed) -> None:
    match track_filter:
        case SelectFace(face):
            feed.select(face)
        case SetSteadiness(value):
            feed.steadiness = Steadiness(value)
        case LearnNeutral():
            feed.learn_neutral()
        case StopLearning():
            feed.stop_learning()


async def _answer(websocket: WebSocket, feed: LiveFeed, newest: LatestFrameSlot, pace: FramePacer) -> None:
    told = asyncio.Event()
    seat = pace.join(told.set)
    try:
        while True:
            await newest.wait()
            told.clear()
            if pace.begin(seat):
                index, jpeg = newest.take()
                found = await _read(feed, jpeg, index)
                pace.end(seat, took_s=found.read_ms / 1000 if isinstance(found, LiveReading) else None)
                pace.wait(seat)
                wait = not told.is_set()
                await websocket.send_text(_text(found, index, wait=wait))
                if not wait:
                    continue
            else:
                pace.wait(seat)
            await told.wait()
            if not newest.keep_fresh(now_s=time.monotonic()):
                await websocket.send_text(text_of(next_message()))
    finally:
        pace.leave(seat)


async def _read(feed: LiveFeed, jpeg: bytes, index: int) -> LiveReading | str:
    """What a frame says, or a sentence on why it says nothing."""
    try:
        return await asyncio.wrap_future(feed.submit(jpeg))
    except MienError as error:
        return str(error)
    except Exception:
        # One frame that breaks the reader must not end the stream; the next is read as if it had not been.
        _log.exception("Frame %d could not be read", index)
        return _UNREADABLE


def _text(found: LiveReading | str, index: int, *, wait: bool) -> str:
    if isinstance(found, LiveReading):
        try:
            return text_of(reading_message(found, index=index, wait=wait))
        except Exception:
            _log.exception("The reading of frame %d could not be written", index)
            found = _UNREADABLE
    return text_of(error_message(found, index=index, wait=wait))
