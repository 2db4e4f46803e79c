"""Serves the audio and the cover of a track, restricted to types that a browser plays or shows and never executes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response

from mien.errors import AudioError, TrackNotFoundError
from mien.music.cue import is_track_path
from mien.music.location import ServerFile, open_file
from mien.music.wave import PLAYED_CODECS, OpenFile, WaveView, codec_of
from mien.session.session import Session
from mien.web.ranges import ranged_response
from mien.web.server_threads import IterateChunks

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
"""Media types of the files that are sent unchanged, by suffix."""

_CONTAINER_SUFFIXES = frozenset({".m4a", ".mp4", ".oga", ".ogg", ".wav", ".webm"})
"""Container formats whose codec varies: an m4a may hold AAC, or ALAC, which few browsers play."""

COVER_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""Media types of covers that are served; SVG is not among them, since it can contain scripts."""

_CHUNK_BYTES = 65_536

# The browser caches the music and revalidates it each time.
_CACHE_HEADERS = {"Cache-Control": "private, no-cache"}


def audio_response(session: Session, track_id: str, request: Request, iterate: IterateChunks) -> Response:
    """A track's audio, or the part that the request's Range header names.

    A file that browsers play is sent unchanged; any other, and a CUE sheet's track, is decoded to WAV while it is sent.
    The audio of a track on a music server is passed through. Raises ``TrackNotFoundError`` if there is no such track,
    or if its file is missing or cannot be decoded, and ``SourceError`` if the music server cannot be reached.

    Args:
        session: Whose library the track is in.
        track_id: The track.
        request: Its headers choose the part and revalidate the cache.
        iterate: Iterates over the chunks of the answer in threads.
    """
    location = session.library.location(track_id)
    if isinstance(location, ServerFile) or is_track_path(location.path):
        return _opened_audio_response(session, track_id, request, iterate)
    path = session.library.audio_path(track_id)
    status = _stat_readable(path)
    media_type = AUDIO_TYPES.get(path.suffix.lower())
    etag = _etag(f"{track_id}-{status.st_mtime_ns}-{status.st_size}".encode())
    if media_type is not None and _browsers_play(path.suffix.lower(), lambda: path.open("rb")):
        return ranged_response(
            request,
            lambda start, stop: iterate(_read_file(path, status, start, stop)),
            size_bytes=status.st_size,
            media_type=media_type,
            etag=etag,
            headers=_CACHE_HEADERS | {"Last-Modified": formatdate(status.st_mtime, usegmt=True)},
        )
    return _wave_response(lambda: path.open("rb"), path.suffix, request, etag, iterate)


def cover_response(session: Session, track_id: str, request: Request) -> Response:
    """A track's cover, or 304 if the browser has it already.

    Args:
        session: Whose library the track is in.
        track_id: The track.
        request: Its headers revalidate the cache.

    Raises:
        TrackNotFoundError: There is no such track, or it has no cover.
    """
    cover = session.library.cover(track_id)
    if cover is None or cover.media_type not in COVER_TYPES:
        raise TrackNotFoundError("This track has no cover.")
    etag = _etag(cover.data)
    headers = {**_CACHE_HEADERS, "ETag": etag}
    cached = request.headers.get("if-none-match", "")
    if etag in [tag.strip().removeprefix("W/") for tag in cached.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(cover.data, media_type=cover.media_type, headers=headers)


def _etag(version: bytes) -> str:
    return f'"{hashlib.sha256(version).hexdigest()[:32]}"'


def _browsers_play(suffix: str, open_file: OpenFile) -> bool:
    """Whether browsers decode a file's codec; an unknown one is left to them."""
    if suffix not in _CONTAINER_SUFFIXES:
        return True
    codec = codec_of(open_file)
    return not codec or codec in PLAYED_CODECS


def _opened_audio_response(session: Session, track_id: str, request: Request, iterate: IterateChunks) -> Response:
    def open_audio() -> BinaryIO:
        return session.library.open_audio(track_id)[0]

    def read(start: int, stop: int) -> Iterator[bytes]:
        with open_audio() as file:
            file.seek(start)
            while start < stop and (chunk := file.read(min(_CHUNK_BYTES, stop - start))):
                start += len(chunk)
                yield chunk

    file, suffix = session.library.open_audio(track_id)
    with file:
        size_bytes = file.seek(0, os.SEEK_END)
    media_type = AUDIO_TYPES.get(suffix)
    etag = _etag(f"{track_id}-{size_bytes}".encode())
    if media_type is not None and _browsers_play(suffix, open_audio):
        return ranged_response(
            request,
            lambda start, stop: iterate(read(start, stop)),
            size_bytes=size_bytes,
            media_type=media_type,
            etag=etag,
            headers=_CACHE_HEADERS,
        )
    return _wave_response(open_audio, suffix, request, etag, iterate)


def _wave_response(open_file: OpenFile, suffix: str, request: Request, etag: str, iterate: IterateChunks) -> Response:
    try:
        wave = WaveView(open_file)
    except (AudioError, OSError) as error:
        raise TrackNotFoundError(
            f"Browsers do not play {suffix or 'such'} files, and this one cannot be decoded",
            "convert it to mp3 or flac",
        ) from error
    return ranged_response(
        request,
        lambda start, stop: iterate(wave.read(start, stop)),
        size_bytes=wave.size_bytes,
        media_type=wave.media_type,
        etag=etag,
        headers=_CACHE_HEADERS,
    )


def _read_file(path: Path, before: os.stat_result, start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a file; raises ``AudioError`` once they are no longer those of the file as it was."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            while start < stop:
                now = os.fstat(file.fileno())
                if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
                    raise AudioError("changed while it was sent", "play it again", subject=path)
                chunk = file.read(min(_CHUNK_BYTES, stop - start))
                if not chunk:
                    raise AudioError("ended while it was sent", "play it again", subject=path)
                start += len(chunk)
                yield chunk
    except OSError as error:
        raise AudioError(f"cannot be read ({error.strerror})", "check its disk", subject=path) from error


def _stat_readable(path: Path) -> os.stat_result:
    try:
        with open_file(path) as file:
            return os.fstat(file.fileno())
    except AudioError as error:
        raise TrackNotFoundError("is gone or cannot be read", "check its folder", subject=path.name) from error
