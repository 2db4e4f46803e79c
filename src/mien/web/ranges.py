"""Range requests (RFC 9110, section 14) for content that is produced while it is sent."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from mien.errors import AudioError, SourceClosedError, SourceError

_log = logging.getLogger(__name__)

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

ReadPart = Callable[[int, int], AsyncIterator[bytes]]
"""Yields the bytes from a start to before a stop, in chunks."""


def ranged_response(
    request: Request, read: ReadPart, *, size_bytes: int, media_type: str, etag: str, headers: Mapping[str, str]
) -> Response:
    """The response to a request with or without a Range header: 200, 206, or 416 for a range beyond the end.

    A request for several ranges is answered with the whole content, as is one for an earlier version (``If-Range``).

    Args:
        request: The request.
        read: Produces the content.
        size_bytes: The length of the whole content.
        media_type: The Content-Type.
        etag: The ETag, with its quotation marks.
        headers: Further headers.
    """
    all_headers = {**headers, "Accept-Ranges": "bytes", "ETag": etag}
    part = None if request.headers.get("if-range", etag) != etag else _RANGE.fullmatch(request.headers.get("range", ""))
    if part is None or part[0] == "bytes=-":
        start, stop, status = 0, size_bytes, 200
    else:
        start, stop = _span(part[1], part[2], size_bytes)
        if start >= stop:
            return Response(status_code=416, headers={**all_headers, "Content-Range": f"bytes */{size_bytes}"})
        all_headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size_bytes}"
        status = 206
    all_headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=all_headers, media_type=media_type)
    return _Stream(read(start, stop), status_code=status, headers=all_headers, media_type=media_type)


class _Stream(StreamingResponse):
    """Streams content, and ends early if its server or its file fails: by then the headers are sent."""

    async def stream_response(self, send: Send) -> None:
        """Send the content; closing the connection early makes the browser retry."""
        try:
            await super().stream_response(send)
        except SourceClosedError:
            pass  # mien ends
        except (AudioError, SourceError) as error:
            _log.warning("%s", error)


def _span(first: str, last: str, size_bytes: int) -> tuple[int, int]:
    """The start and the exclusive stop of a range."""
    if not first:
        return max(0, size_bytes - int(last)), size_bytes
    return int(first), min(int(last) + 1, size_bytes) if last else size_bytes
