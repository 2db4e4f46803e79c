"""Threads for requests that wait for a music server, apart from those that serve the page.

A slow server holds up its own requests only: those for its audio and those for its covers have a few threads each.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mien.music.location import ServerFile
from mien.session.session import Session

THREADS: Final = 4
"""How many requests may wait for one server at once, for audio and for covers each."""

IterateChunks = Callable[[Iterator[bytes]], AsyncIterator[bytes]]
"""Iterates over chunks in threads."""


class ServerThreads:
    """Runs what may wait for a music server; for use in one event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._limiters: dict[tuple[str, str], CapacityLimiter] = {}

    async def run(self, request: Request, track_id: str, work: Callable[[IterateChunks], Response]) -> Response:
        """Answer a request in a thread: one of those of the track's server, or of the page's if it has none.

        Args:
            request: The request; if its client left while it waited for a thread, nothing is run.
            track_id: What it is about.
            work: Answers it; gets what iterates over the chunks of the answer in the same threads.

        Raises:
            TrackNotFoundError: There is no such track.
        """
        location = await run_sync(self._session.library.location, track_id)
        if not isinstance(location, ServerFile):
            return await run_sync(work, partial(_iterate, limiter=None))
        kind = request.url.path.rpartition("/")[2]
        limiter = self._limiters.setdefault((location.server, kind), CapacityLimiter(THREADS))
        async with limiter:
            if await request.is_disconnected():
                raise ClientDisconnect
            return await run_sync(work, partial(_iterate, limiter=limiter), limiter=CapacityLimiter(1))


async def _iterate(chunks: Iterator[bytes], *, limiter: CapacityLimiter | None) -> AsyncIterator[bytes]:
    while (chunk := await run_sync(next, chunks, None, limiter=limiter)) is not None:
        yield chunk
