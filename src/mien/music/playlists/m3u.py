"""Reads and writes M3U8, which every music player knows: a file's path a line, in UTF-8."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from mien.errors import PlaylistError
from mien.music.location import LocalFile
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.text import clean_text

BYTES_MOST = 50_000_000
"""The largest playlist that is read."""

ENTRIES_MOST = 100_000
"""The longest playlist that is read."""

_SECONDS_MOST = 10**7
_PATH_BYTES_MOST = 32_768
_SHOWN_LETTERS = 200

_OTHER_FORMAT = re.compile(rb'\s*(<\?xml|<playlist|<asx|<smil|<!doctype|<html|\[playlist\]|\{\s*")', re.IGNORECASE)


def read_m3u(data: bytes, *, name: str, folder: Path) -> tuple[Playlist, list[str]]:
    """The files that a playlist names, and the lines that name none: addresses, and what cannot be a path.

    Paths are as they stand, relative ones from ``folder``; none is opened, and none need exist. Where another way to
    read one leads to a file and the plain one does not, that is taken: percent signs, Windows's backslashes, names in
    Latin-1. Names that are not in UTF-8 otherwise keep their bytes, by which the system knows them. Raises
    ``PlaylistError`` for what is no playlist, or too large.
    """
    if len(data) > BYTES_MOST:
        raise PlaylistError(f"{name} is larger than {BYTES_MOST // 10**6} MB, which no playlist is; check the file.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data[:1000] or _OTHER_FORMAT.match(data[:200]):
        raise PlaylistError(f"{name} is no playlist that mien can read; save it as M3U8.")
    entries: list[PlaylistEntry] = []
    odd: list[str] = []
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
            if len(entries) + len(odd) == ENTRIES_MOST:
                raise PlaylistError(f"{name} has more than {ENTRIES_MOST} pieces; split it.")
            path = _path(text, folder)
            if path is None:
                odd.append(_words(text[:_SHOWN_LETTERS]))
            else:
                entries.append(replace(about, location=LocalFile(path)))
            about = PlaylistEntry(LocalFile(Path()))
    return Playlist(name, tuple(entries)), odd


def write_m3u(playlist: Playlist) -> tuple[bytes, list[PlaylistEntry]]:
    """A playlist in extended M3U, with absolute paths, and the entries that it cannot name.

    Those lie on a server, whose address would hold a password, or have a line break in their names.
    """
    lines, left_out = ["#EXTM3U", f"#PLAYLIST:{_line(playlist.name)}"], []
    for entry in playlist.entries:
        if not isinstance(entry.location, LocalFile) or len(str(entry.location).splitlines()) != 1:
            left_out.append(entry)
            continue
        words = " - ".join(_line(text) for text in (entry.artist, entry.title) if text)
        lines += [f"#EXTINF:{round(entry.duration_s) or -1},{words}", str(entry.location.path.absolute())]
    return os.fsencode("\n".join(lines) + "\n"), left_out


def _about(text: bytes) -> PlaylistEntry:
    """What a line before a path says of it: ``seconds,artist - title``."""
    seconds, _, words = _words(text).partition(",")
    number = seconds.strip().split(" ")[0]
    artist, dash, title = words.strip().partition(" - ")
    return PlaylistEntry(
        LocalFile(Path()),
        title=title.strip() if dash else artist.strip(),
        artist=artist.strip() if dash else "",
        duration_s=_seconds(number),
    )


def _seconds(number: str) -> float:
    try:
        seconds = float(number)
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < _SECONDS_MOST else 0.0


def _path(text: bytes, folder: Path) -> Path | None:
    """The file that a line names, None for an address, and for what can be no path."""
    if text[:5].lower() == b"file:":
        try:
            text = unquote_to_bytes(urlsplit(text).path)
        except ValueError:
            return None
    elif b"://" in text[:32]:
        return None
    if b"\0" in text or len(text) > _PATH_BYTES_MOST:
        return None
    plain, *others = [folder / os.fsdecode(spelling) for spelling in _spellings(text)]
    if not others or os.path.lexists(plain):
        return plain
    return next((path for path in others if os.path.lexists(path)), folder / os.fsdecode(_with_slashes(text)))


def _spellings(text: bytes) -> Iterator[bytes]:
    """A path as it stands, and what programs elsewhere may have meant by it."""
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
    """A relative path, or one that begins with a drive or a server, as it is written elsewhere than on Windows."""
    return text if text.startswith(b"/") else text.replace(b"\\", b"/")


def _words(text: bytes) -> str:
    try:
        return clean_text(text.decode("utf-8"))
    except UnicodeDecodeError:
        return clean_text(text.decode("cp1252", "replace"))


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())
