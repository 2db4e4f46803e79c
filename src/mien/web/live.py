"""The live channel: one WebSocket on which frames of faces go in and readings come out.

A client keeps one frame in flight. One that sends faster is not queued for: of the frames that arrive while another is
read, only the newest is read next and the others are dropped without an answer. Every answer carries the ``index`` of
its frame, the connection's binary messages counted from 0, so a client knows which were left out: those below it.

A text message is a wish, such as ``{"type": "select", "face": 3}`` (see ``mien.web.wishes.parse_wish``): it is heeded
from the next frame on, and answered only where it means nothing, by an error whose ``index`` is null.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from mien.errors import MienError
from mien.mood.smooth import Steadiness
from mien.session import LiveFeed, Session
from mien.web.wire import WireError, error_message, reading_message, text_of
from mien.web.wishes import LearnNeutral, Select, SetSteadiness, StopLearning, Wish, parse_wish

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""The largest message on the live channel; a larger one ends the connection (WebSocket code 1009)."""

_log = logging.getLogger(__name__)


class NewestFrame:
    """Room for one frame between a connection and the reader: a newer one takes the place of one that waits."""

    def __init__(self) -> None:
        self._room: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue(maxsize=1)

    def put(self, index: int, jpeg: bytes) -> None:
        """Leave a frame; the one that was there is lost."""
        if self._room.full():
            self._room.get_nowait()
        self._room.put_nowait((index, jpeg))

    async def take(self) -> tuple[int, bytes]:
        """Wait for a frame and take it away."""
        return await self._room.get()


async def serve_live(websocket: WebSocket, session: Session) -> None:
    """Answer one connection's frames until it ends; what it sent is forgotten with it."""
    await websocket.accept()
    newest, feed = NewestFrame(), session.live()
    answering = asyncio.create_task(_answer(websocket, feed, newest))
    try:
        await _receive(websocket, feed, newest)
    finally:
        answering.cancel()
        with suppress(asyncio.CancelledError, WebSocketDisconnect):
            await answering


async def _receive(websocket: WebSocket, feed: LiveFeed, newest: NewestFrame) -> None:
    index = 0
    with suppress(WebSocketDisconnect):
        while (message := await websocket.receive())["type"] == "websocket.receive":
            jpeg = message.get("bytes")
            if jpeg is not None:
                newest.put(index, jpeg)
                index += 1
                continue
            try:
                _heed(parse_wish(message["text"]), feed)
            except WireError as error:
                await websocket.send_text(text_of(error_message(str(error))))


def _heed(wish: Wish, feed: LiveFeed) -> None:
    match wish:
        case Select(face):
            feed.select(face)
        case SetSteadiness(value):
            feed.reader.steadiness = Steadiness(value)
        case LearnNeutral():
            feed.reader.learn_neutral()
        case StopLearning():
            feed.reader.stop_learning()


async def _answer(websocket: WebSocket, feed: LiveFeed, newest: NewestFrame) -> None:
    while True:
        index, jpeg = await newest.take()
        await websocket.send_text(await _read(feed, jpeg, index))


async def _read(feed: LiveFeed, jpeg: bytes, index: int) -> str:
    try:
        reading = await asyncio.wrap_future(feed.submit(jpeg))
        return text_of(reading_message(reading, index=index))
    except MienError as error:
        return text_of(error_message(str(error), index=index))
    except Exception:
        # One frame that breaks the reader must not end the stream; the next is read as if it had not been.
        _log.exception("Frame %d could not be read", index)
        sentence = "This frame could not be read; the terminal that mien runs in says why."
        return text_of(error_message(sentence, index=index))
