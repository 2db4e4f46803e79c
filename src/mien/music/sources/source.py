"""What every source of music offers, and how sources are found.

A new source is one file with a class like ``Source`` and one line in the entry-point group ``mien.sources``::

    [project.entry-points."mien.sources"]
    folder = "mien.music.sources.folder:FolderSource"

What lies on a server is opened like a file: only the parts that are read come over the network.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

from mien.errors import AudioError, LibraryError
from mien.plugins import load_plugin
from mien.types import Cover, Track

ENTRY_POINT_GROUP = "mien.sources"

_PATH_MOST = 2000


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A piece that a source has, as cheap to list as a directory entry.

    ``key`` is letters, digits, ``-`` and ``_``, and stays the same from scan to scan; ``path`` is its audio file, or
    its place on a server (``place_on_server``); the piece counts as unchanged while ``size_bytes`` and ``changed_ns``
    stay the same, which are 0 where the source does not know them.
    """

    key: str
    path: Path
    size_bytes: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file or folder that cannot be used, and why, in words for a person."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server is, for people, such as "navidrome 0.62.0"; ``warning`` is a sentence that they should know.

    ``extensions`` are the names of what it can do besides.
    """

    words: str
    warning: str = ""
    extensions: tuple[str, ...] = ()


class Source(Protocol):
    """A place where music lies. ``name`` stands before the colon in the ids of its tracks."""

    name: str

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List every piece, and what could not be listed; opens no audio file and never raises for one piece.

        Raises ``SourceError`` when a server cannot be asked: what it had is then not gone, only out of reach.
        """
        ...

    def read(self, item: SourceItem) -> Track:
        """Read what is known of a piece, under the id ``name:key``.

        ``features`` is None and ``duration_s`` 0 where they are not known before the piece is heard. Raises
        ``AudioError`` when the piece is gone or unreadable, ``SourceError`` when the server cannot be asked.
        """
        ...

    def cover(self, item: SourceItem) -> Cover | None:
        """Read the piece's picture, or None where it has none; never raises."""
        ...

    def open(self, item: SourceItem, *, bytes_most: int | None = None) -> BinaryIO:
        """The piece's audio file, to read and to seek in; close it.

        Of a file on a server no more than ``bytes_most`` bytes in all are fetched: reading on raises ``AudioError``.
        Raises ``AudioError`` when the piece is gone, or cannot be opened; ``SourceError``, as reading does, when the
        server cannot be asked.
        """
        ...


class RemoteSource(Source, Protocol):
    """A source that is a server."""

    def greet(self) -> ServerInfo:
        """Sign in, and say what the server is; raises ``SourceError`` when it cannot be asked, or says no."""
        ...


def open_file(path: Path) -> BinaryIO:
    """A file on this machine, for ``Source.open``; raises ``AudioError`` when it is gone, unreadable or no file."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise AudioError(f"{path} is not a file; bring the library up to date.")
        return path.open("rb")
    except OSError as error:
        raise AudioError(f"{path} cannot be opened ({error.strerror}); bring the library up to date.") from error


def place_on_server(source_name: str, path: str) -> Path | None:
    """Where a piece lies on a server: a path that begins with the source's name and a colon, and is no file here.

    None for a path that would lead out of the server's own folders, or is none.
    """
    parts = PurePosixPath(path.replace("\\", "/").strip("/")).parts
    if not parts or ".." in parts or not path.isprintable() or len(path) > _PATH_MOST:
        return None
    return Path(f"{source_name}:", *parts)


def is_on_server(path: Path) -> bool:
    """Whether a piece's path is a place on a server, not a file on this machine."""
    return not path.is_absolute() and bool(path.parts) and path.parts[0].endswith(":")


def find_source(name: str) -> Callable[..., Source]:
    """The class of the source with this name; raises ``LibraryError`` if none is installed."""
    return cast(Callable[..., Source], load_plugin(ENTRY_POINT_GROUP, name, kind="music source", error=LibraryError))
