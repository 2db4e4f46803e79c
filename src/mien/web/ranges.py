"""Sends bytes that are made as they are sent, whole or in the part that a browser asked for (RFC 9110, 14)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from mien.errors import SourceError

_log = logging.getLogger(__name__)

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

ReadPart = Callable[[int, int], Iterator[bytes]]
"""Gives the bytes from a place to before another, in pieces."""


def ranged_response(
    request: Request, read: ReadPart, *, size_bytes: int, media_type: str, etag: str, headers: Mapping[str, str]
) -> Response:
    """What a browser asked for of something ``size_bytes`` long: all of it, a part, or 416 for a part beyond its end.

    Several parts at once are answered with the whole, as is a part of an earlier version (``If-Range``).
    """
    known = {**headers, "Accept-Ranges": "bytes", "ETag": etag}
    part = None if request.headers.get("if-range", etag) != etag else _RANGE.fullmatch(request.headers.get("range", ""))
    if part is None or part[0] == "bytes=-":
        start, stop, status = 0, size_bytes, 200
    else:
        start, stop = _span(part[1], part[2], size_bytes)
        if start >= stop:
            return Response(status_code=416, headers={**known, "Content-Range": f"bytes */{size_bytes}"})
        known["Content-Range"] = f"bytes {start}-{stop - 1}/{size_bytes}"
        status = 206
    known["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=known, media_type=media_type)
    return _Stream(read(start, stop), status_code=status, headers=known, media_type=media_type)


class _Stream(StreamingResponse):
    """Sends bytes, and breaks off where their server does: what was promised cannot be taken back any longer."""

    async def stream_response(self, send: Send) -> None:
        """Send what there is; a connection that is closed before the promised end tells the browser to ask again."""
        try:
            await super().stream_response(send)
        except SourceError as error:
            _log.warning("%s", error)


def _span(first: str, last: str, size_bytes: int) -> tuple[int, int]:
    """Where a part begins, and the place after its end."""
    if not first:
        return max(0, size_bytes - int(last)), size_bytes
    return int(first), min(int(last) + 1, size_bytes) if last else size_bytes
