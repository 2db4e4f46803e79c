"""Sends the sound and the cover of a track: only types that a browser plays or shows, and nothing that it would run."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from mien.errors import TrackNotFoundError
from mien.session import Session

AUDIO_TYPES = {
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "audio/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
}
"""Which endings of files are served, and as what."""

COVER_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""Which pictures are served; SVG is not, for it can hold scripts."""

# A person's own music stays in their own browser's cache; it asks each time whether it is still the same.
_KEPT = {"Cache-Control": "private, no-cache"}


def audio_response(session: Session, track_id: str) -> Response:
    """A track's file, in parts where the browser asks for a range; raises ``TrackNotFoundError``."""
    path = session.library.audio_path(track_id)
    media_type = AUDIO_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise TrackNotFoundError(f"Browsers do not play {path.suffix or 'such'} files; convert it to m4a, mp3 or flac.")
    return FileResponse(path, media_type=media_type, headers=_KEPT, stat_result=_readable(path))


def cover_response(session: Session, track_id: str, request: Request) -> Response:
    """A track's cover picture; raises ``TrackNotFoundError``."""
    cover = session.library.cover(track_id)
    if cover is None or cover.media_type not in COVER_TYPES:
        raise TrackNotFoundError("This track has no cover picture.")
    etag = f'"{hashlib.sha256(cover.data).hexdigest()[:32]}"'
    headers = {**_KEPT, "ETag": etag}
    known = request.headers.get("if-none-match", "")
    if etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(cover.data, media_type=cover.media_type, headers=headers)


def _readable(path: Path) -> os.stat_result:
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno())
    except OSError as error:
        raise TrackNotFoundError(f"{path.name} is gone or cannot be read; look at its folder.") from error
