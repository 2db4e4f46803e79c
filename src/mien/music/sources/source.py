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
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from mien.errors import AudioError, LibraryError
from mien.music.location import LocalFile, Location, ServerFile
from mien.plugins import load_plugin
from mien.types import Cover, Track

ENTRY_POINT_GROUP = "mien.sources"


@dataclass(frozen=True, slots=True)
class SourceItem:
    """A piece that a source has, as cheap to list as a directory entry.

    Attributes:
        key: Letters, digits, ``-`` and ``_``; the same from scan to scan.
        location: The audio file: a ``LocalFile``, or a ``ServerFile`` whose ``server`` is the source's name.
        size_bytes: The file's size, 0 if unknown. A piece counts as unchanged while size and time stay the same.
        changed_ns: When the file was last changed, in nanoseconds since 1970, 0 if unknown.
    """

    key: str
    location: Location
    size_bytes: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file or folder that cannot be used, and why, in words for a person."""

    location: Location
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


def local_path(item: SourceItem) -> Path:
    """The path of a piece on this computer; raises ``AudioError`` if it lies on a server."""
    match item.location:
        case LocalFile(path):
            return path
        case ServerFile():
            raise AudioError("lies on a server, not in a file here", subject=str(item.location))


def find_source(name: str) -> Callable[..., Source]:
    """The class of the source with this name; raises ``LibraryError`` if none is installed."""
    return cast(Callable[..., Source], load_plugin(ENTRY_POINT_GROUP, name, kind="music source", error=LibraryError))
