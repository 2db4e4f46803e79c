"""Answers every request that fails with a JSON object that describes the error: ``{"error": {...}}``."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from mien.errors import (
    MienError,
    NoMatchError,
    PlaylistError,
    RequestError,
    SlowSourceError,
    SourceError,
    TrackNotFoundError,
)
from mien.web.decoder import BadRequestError
from mien.web.responses import Json, error_json, message_json

NO_FILES_LEFT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""The errors of a process or a system that can open no more files and connections."""

Failure = int | type[Exception]
Handler = Callable[[Request, Exception], Awaitable[Response]]


def _message(status_code: int, kind: str, message: str = "") -> Handler:
    """A handler that answers with one sentence: ``message``, or the exception's own."""

    async def handle(_: Request, error: Exception) -> Response:
        return _response(message_json(kind, message or str(error)), status_code, error)

    return handle


def _error(status_code: int) -> Handler:
    """A handler that answers with the parts of a ``MienError``."""

    async def handle(_: Request, error: Exception) -> Response:
        described = error_json(error) if isinstance(error, MienError) else message_json("internal", str(error))
        return _response(described, status_code, error)

    return handle


async def _out_of_resources(_: Request, error: Exception) -> Response:
    """The answer to a request for which the system has no memory or no open files left; raises any other error."""
    if isinstance(error, MemoryError):
        message = "There is too little memory; close other programs, and try again."
    elif isinstance(error, OSError) and error.errno in NO_FILES_LEFT:
        message = "Too many files and connections are open; close other pages, and try again."
    else:
        raise error
    return _response(message_json("busy", message), 503, error)


def _response(described: Json, status_code: int, error: Exception) -> Response:
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"error": described}, status_code=status_code, headers=headers)


FAILURES: Mapping[Failure, Handler] = {
    404: _message(404, "not_found", "There is nothing at this address."),
    405: _message(405, "method_not_allowed", "This address does not support this method."),
    413: _message(413, "too_large", "The request is too large."),
    415: _message(415, "unsupported_media_type", "Send JSON, with the content type application/json."),
    BadRequestError: _message(400, "bad_request"),
    # Nobody reads this answer; it avoids a traceback in the terminal whenever a page is closed during a request.
    ClientDisconnect: _message(400, "bad_request", "The connection closed before the request was complete."),
    TrackNotFoundError: _error(404),
    RequestError: _error(400),
    NoMatchError: _error(404),
    PlaylistError: _error(404),
    # The error is a music server's, not mien's own.
    SourceError: _error(502),
    SlowSourceError: _error(504),
    MienError: _error(500),
    MemoryError: _out_of_resources,
    OSError: _out_of_resources,
    # Starlette logs an unexpected error with its traceback.
    Exception: _message(500, "internal", "mien could not answer; see the terminal that it runs in for the reason."),
}
"""Starlette's exception handlers, by status code or exception class; the closest class wins."""
