"""Reads and writes M3U8, the common playlist format: one path per line, in UTF-8."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from mien.errors import PlaylistError
from mien.music.cue import is_track_path
from mien.music.location import LocalFile
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.spelling import path_on_disk
from mien.music.text import clean_text, decode_text

MAX_BYTES = 50_000_000
"""The largest playlist that is read."""

MAX_ENTRIES = 100_000
"""The longest playlist that is read."""

_MAX_DURATION_S = 10**7
_MAX_PATH_BYTES = 32_768
_MAX_SHOWN_CHARS = 200

_OTHER_FORMAT = re.compile(rb'\s*(<\?xml|<playlist|<asx|<smil|<!doctype|<html|\[playlist\]|\{\s*")', re.IGNORECASE)


def read_m3u(data: bytes, *, name: str, folder: Path) -> tuple[Playlist, list[str]]:
    """Parse a playlist. Files are not opened and need not exist.

    A path is taken literally if that file exists, else in another spelling if that exists: percent-encoded, with
    Windows' backslashes, or in Latin-1. Other names that are not valid UTF-8 keep their bytes.

    Args:
        data: The content of the file.
        name: The name of the playlist.
        folder: The folder that relative paths start from.

    Returns:
        The playlist, and the lines that do not name a file: addresses and invalid paths.

    Raises:
        PlaylistError: If it is too large, is not a playlist, or has more than ``MAX_ENTRIES`` entries.
    """
    check_size(data, name)
    data = _as_utf8(data).removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data[:1000] or _OTHER_FORMAT.match(data[:200]):
        raise PlaylistError("is not a playlist that mien can read", "save it as M3U8, XSPF or JSPF", subject=name)
    entries: list[PlaylistEntry] = []
    invalid: list[str] = []
    about = PlaylistEntry(LocalFile(Path()))
    for line in data.splitlines():
        text = line.strip()
        if text.startswith(b"#EXTINF:"):
            about = _about(text[8:])
        elif text.startswith(b"#EXTALB:"):
            about = replace(about, album=_words(text[8:]).strip())
        elif text.startswith(b"#EXTART:"):
            about = replace(about, artist=_words(text[8:]).strip())
        elif text and not text.startswith(b"#"):
            if len(entries) + len(invalid) == MAX_ENTRIES:
                raise PlaylistError(f"has more than {MAX_ENTRIES} pieces", "split it", subject=name)
            path = file_named(text, folder)
            if path is None:
                invalid.append(_words(text[:_MAX_SHOWN_CHARS]))
            else:
                entries.append(replace(about, location=LocalFile(path)))
            about = PlaylistEntry(LocalFile(Path()))
    return Playlist(name, tuple(entries)), invalid


def check_size(data: bytes, name: str) -> None:
    """Raise ``PlaylistError`` if a playlist has more than ``MAX_BYTES``."""
    if len(data) > MAX_BYTES:
        raise PlaylistError(f"is larger than {MAX_BYTES // 10**6} MB", "check that it is a playlist", subject=name)


def write_m3u(playlist: Playlist) -> tuple[bytes, list[PlaylistEntry]]:
    """A playlist in extended M3U with absolute paths, and the entries that it cannot express.

    Those are on a server, whose address would contain a password, are parts of a file, or have a line break in their
    names.
    """
    lines, left_out = ["#EXTM3U", f"#PLAYLIST:{_line(playlist.name)}"], []
    for entry in playlist.entries:
        location = entry.location
        if not isinstance(location, LocalFile) or is_track_path(location.path) or len(str(location).splitlines()) != 1:
            left_out.append(entry)
            continue
        words = " - ".join(_line(text) for text in (entry.artist, entry.title) if text)
        lines += [f"#EXTINF:{round(entry.duration_s) or -1},{words}", str(location.path.absolute())]
    return os.fsencode("\n".join(lines) + "\n"), left_out


def _about(text: bytes) -> PlaylistEntry:
    """Parse the line before a path: ``seconds,artist - title``."""
    seconds, _, words = _decoded(text).partition(",")
    number = seconds.strip().split(" ")[0]
    artist, dash, title = words.strip().partition(" - ")
    # Cleaned apart, as they were written: whether an encoding is certainly wrong depends on how much text there is.
    return PlaylistEntry(
        LocalFile(Path()),
        title=clean_text(title if dash else artist),
        artist=clean_text(artist) if dash else "",
        duration_s=_seconds(number),
    )


def _seconds(number: str) -> float:
    try:
        seconds = float(number)
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < _MAX_DURATION_S else 0.0


def _as_utf8(data: bytes) -> bytes:
    """The text in UTF-8 if it is in UTF-16, which has a zero in each plain letter; else as it is."""
    is_utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:4]
    return decode_text(data).encode("utf-8", "replace") if is_utf_16 else data


def file_named(text: bytes, folder: Path) -> Path | None:
    """The file that a path or a ``file:`` URI names; None for another address or an invalid path.

    Args:
        text: The path, in UTF-8 or another encoding.
        folder: The folder that a relative path starts from.
    """
    if text[:5].lower() == b"file:":
        try:
            text = unquote_to_bytes(urlsplit(text).path)
        except ValueError:
            return None
    elif b"://" in text[:32]:
        return None
    if b"\0" in text or len(text) > _MAX_PATH_BYTES:
        return None
    plain, *others = [folder / os.fsdecode(spelling) for spelling in _spellings(text)]
    if os.path.lexists(plain):
        return plain
    found = next((path for path in others if os.path.lexists(path)), None)
    return found or path_on_disk(folder / os.fsdecode(_with_slashes(text)))


def _spellings(text: bytes) -> Iterator[bytes]:
    """A path as it is written, and in the spellings of other systems."""
    yield text
    slashed = _with_slashes(text)
    if slashed != text:
        yield slashed
    if b"%" in slashed:
        yield unquote_to_bytes(slashed).replace(b"\0", b"")
    try:
        slashed.decode("utf-8")
    except UnicodeDecodeError:
        yield slashed.decode("cp1252", "replace").encode()


def _with_slashes(text: bytes) -> bytes:
    """Replace backslashes by slashes, unless the path is absolute on POSIX."""
    return text if text.startswith(b"/") else text.replace(b"\\", b"/")


def _words(text: bytes) -> str:
    return clean_text(_decoded(text))


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())
