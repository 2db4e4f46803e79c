"""Turns every way that a request can fail into one sentence of JSON: ``{"error": "..."}``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from mien.errors import MienError, SlowSourceError, SourceError, TrackNotFoundError
from mien.web.wire import BadRequestError

Failure = int | type[Exception]
Handler = Callable[[Request, Exception], Awaitable[Response]]


def _sentence(status_code: int, sentence: str | None = None) -> Handler:
    """A handler that answers with ``sentence``, or else with the error's own."""

    async def handle(_: Request, error: Exception) -> Response:
        headers = error.headers if isinstance(error, HTTPException) else None
        return JSONResponse({"error": sentence or str(error)}, status_code=status_code, headers=headers)

    return handle


FAILURES: Mapping[Failure, Handler] = {
    404: _sentence(404, "There is nothing at this address."),
    405: _sentence(405, "This address cannot be asked that way."),
    413: _sentence(413, "The request is too large."),
    415: _sentence(415, "Send JSON, with the content type application/json."),
    BadRequestError: _sentence(400),
    # Nobody is left to read this; it keeps the terminal free of a traceback for each page that was closed in between.
    ClientDisconnect: _sentence(400, "The request ended before it was whole."),
    TrackNotFoundError: _sentence(404),
    # Another server is at fault, which mien asked on the page's behalf: the next track may lie elsewhere.
    SourceError: _sentence(502),
    SlowSourceError: _sentence(504),
    MienError: _sentence(500),
    # What nobody foresaw: Starlette logs it, with its traceback, and the person is told where to look.
    Exception: _sentence(500, "mien could not answer; the terminal that it runs in says why."),
}
"""What Starlette does with each; the closest class wins."""
