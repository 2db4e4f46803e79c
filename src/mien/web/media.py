"""Sends the sound and the cover of a track: only types that a browser plays or shows, and nothing that it would run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from mien.errors import AudioError, TrackNotFoundError
from mien.music.location import ServerFile
from mien.session import Session
from mien.web.ranges import ranged_response
from mien.web.transcode import PLAYED_CODECS, OpenFile, WaveView, codec_of

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
"""Which endings of files are sent as they are, and as what."""

_WRAPPERS = frozenset({".m4a", ".mp4", ".oga", ".ogg", ".wav", ".webm"})
"""Endings that say nothing of the codec inside: an m4a may hold AAC, or ALAC, which few browsers play."""

COVER_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""Which pictures are served; SVG is not, for it can hold scripts."""

_PIECE_BYTES = 65_536

# A person's own music stays in their own browser's cache; it asks each time whether it is still the same.
_KEPT = {"Cache-Control": "private, no-cache"}


def audio_response(session: Session, track_id: str, request: Request) -> Response:
    """A track's sound, in parts where the browser asks for a range; raises ``TrackNotFoundError``.

    A file that browsers play is sent as it is, any other as WAV, decoded as it is sent; what lies on a server passes
    through. Raises ``SourceError`` when that server cannot be asked.
    """
    if isinstance(session.library.location(track_id), ServerFile):
        return _from_server(session, track_id, request)
    path = session.library.audio_path(track_id)
    status = _readable(path)
    media_type = AUDIO_TYPES.get(path.suffix.lower())
    if media_type is not None and _browsers_play(path.suffix.lower(), lambda: path.open("rb")):
        return FileResponse(path, media_type=media_type, headers=_KEPT, stat_result=status)
    etag = _etag(f"{track_id}-{status.st_mtime_ns}-{status.st_size}".encode())
    return _as_wave(lambda: path.open("rb"), path.suffix, request, etag)


def cover_response(session: Session, track_id: str, request: Request) -> Response:
    """A track's cover picture; raises ``TrackNotFoundError``."""
    cover = session.library.cover(track_id)
    if cover is None or cover.media_type not in COVER_TYPES:
        raise TrackNotFoundError("This track has no cover picture.")
    etag = _etag(cover.data)
    headers = {**_KEPT, "ETag": etag}
    known = request.headers.get("if-none-match", "")
    if etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(cover.data, media_type=cover.media_type, headers=headers)


def _etag(version: bytes) -> str:
    return f'"{hashlib.sha256(version).hexdigest()[:32]}"'


def _browsers_play(suffix: str, open_file: OpenFile) -> bool:
    """Whether browsers decode what is in a file; one that cannot be looked into is left to them."""
    if suffix not in _WRAPPERS:
        return True
    codec = codec_of(open_file)
    return not codec or codec in PLAYED_CODECS


def _from_server(session: Session, track_id: str, request: Request) -> Response:
    def open_file() -> BinaryIO:
        return session.library.open_audio(track_id)[0]

    def read(start: int, stop: int) -> Iterator[bytes]:
        with open_file() as file:
            file.seek(start)
            while start < stop and (piece := file.read(min(_PIECE_BYTES, stop - start))):
                start += len(piece)
                yield piece

    file, suffix = session.library.open_audio(track_id)
    with file:
        size_bytes = file.seek(0, os.SEEK_END)
    media_type = AUDIO_TYPES.get(suffix)
    etag = _etag(f"{track_id}-{size_bytes}".encode())
    if media_type is not None and _browsers_play(suffix, open_file):
        return ranged_response(request, read, size_bytes=size_bytes, media_type=media_type, etag=etag, headers=_KEPT)
    return _as_wave(open_file, suffix, request, etag)


def _as_wave(open_file: OpenFile, suffix: str, request: Request, etag: str) -> Response:
    try:
        wave = WaveView(open_file)
    except (AudioError, OSError) as error:
        raise TrackNotFoundError(
            f"Browsers do not play {suffix or 'such'} files, and this one does not decode; convert it to mp3 or flac."
        ) from error
    return ranged_response(
        request, wave.read, size_bytes=wave.size_bytes, media_type=wave.media_type, etag=etag, headers=_KEPT
    )


def _readable(path: Path) -> os.stat_result:
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno())
    except OSError as error:
        raise TrackNotFoundError(f"{path.name} is gone or cannot be read; look at its folder.") from error
