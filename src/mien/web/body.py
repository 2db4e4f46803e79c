"""Reads the small JSON body of a request, and no more of it than that."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from mien.web.wire import parse_json

MAX_BODY_BYTES = 64 * 1024
"""The largest body that any request may have."""


async def read_json(request: Request) -> object:
    """The body's JSON value.

    Raises ``HTTPException`` 415 for another content type and 413 for a body that says it is too large or turns out to
    be, of which no more than the limit is kept; raises ``BadRequestError`` for what is not JSON.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise HTTPException(415)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise HTTPException(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413)
    return parse_json(bytes(body))
