"""Reads and writes M3U8, which every music player knows: a file's path a line, in UTF-8."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from mien.errors import PlaylistError
from mien.music.playlists.playlist import Entry, Playlist
from mien.music.sources.source import is_on_server
from mien.music.tags import clean_text

BYTES_MOST = 16_000_000
"""The largest playlist that is read."""

_SECONDS_MOST = 10**7


def read_m3u(data: bytes, *, name: str, folder: Path) -> tuple[Playlist, list[str]]:
    """The files that a playlist names, and the lines that name none: addresses, and what cannot be a path.

    Paths are as they stand, relative ones from ``folder``; none is opened, and none need exist. Names that are not in
    UTF-8 keep their bytes, by which the system knows them. Raises ``PlaylistError`` for what is no playlist.
    """
    if len(data) > BYTES_MOST or b"\0" in data[:1000]:
        raise PlaylistError(f"{name} is no playlist that mien can read; save it as M3U8.")
    entries: list[Entry] = []
    odd: list[str] = []
    about = Entry(Path())
    for line in data.removeprefix(b"\xef\xbb\xbf").splitlines():
        text = line.strip()
        if text.startswith(b"#EXTINF:"):
            about = _about(text[8:])
        elif text.startswith(b"#EXTALB:"):
            about = replace(about, album=_words(text[8:]))
        elif text and not text.startswith(b"#"):
            path = _path(text, folder)
            if path is None:
                odd.append(_words(text))
            else:
                entries.append(replace(about, path=path))
            about = Entry(Path())
    return Playlist(name, tuple(entries)), odd


def write_m3u(playlist: Playlist) -> tuple[bytes, list[Entry]]:
    """A playlist in extended M3U, with absolute paths, and the entries that it cannot name.

    Those lie on a server, whose address would hold a password, or have a line break in their names.
    """
    lines, left_out = ["#EXTM3U", f"#PLAYLIST:{_line(playlist.name)}"], []
    for entry in playlist.entries:
        if is_on_server(entry.path) or len(str(entry.path).splitlines()) != 1:
            left_out.append(entry)
            continue
        words = " - ".join(_line(text) for text in (entry.artist, entry.title) if text)
        lines += [f"#EXTINF:{round(entry.duration_s) or -1},{words}", str(entry.path.absolute())]
    return os.fsencode("\n".join(lines) + "\n"), left_out


def _about(text: bytes) -> Entry:
    """What a line before a path says of it: ``seconds,artist - title``."""
    seconds, _, words = _words(text).partition(",")
    number = seconds.split(" ")[0]
    artist, dash, title = words.strip().partition(" - ")
    return Entry(
        Path(),
        title=title.strip() if dash else artist.strip(),
        artist=artist.strip() if dash else "",
        duration_s=float(number) if number.isdecimal() and int(number) < _SECONDS_MOST else 0.0,
    )


def _path(text: bytes, folder: Path) -> Path | None:
    if text.lower().startswith(b"file:"):
        text = unquote_to_bytes(urlsplit(text).path)
    elif b"://" in text[:32]:
        return None
    path = Path(os.fsdecode(text))
    if "\\" in str(path) and not path.is_absolute() and not (folder / path).exists():
        path = Path(str(path).replace("\\", "/"))  # written on Windows
    return None if "\0" in str(path) else folder / path


def _words(text: bytes) -> str:
    try:
        return clean_text(text.decode("utf-8"))
    except UnicodeDecodeError:
        return clean_text(text.decode("cp1252", "replace"))


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())
