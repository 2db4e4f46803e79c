"""What every source of music offers, and how sources are found by their entry points.

A new source is one file with a class like ``RemoteSource`` and one line in the entry-point group ``mien.sources``::

    [project.entry-points."mien.sources"]
    subsonic = "mien.music.sources.subsonic:SubsonicSource"

``docs/plugins.md`` has a complete example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast, runtime_checkable

from mien.errors import AudioError, LibraryError, Remedy
from mien.music.location import LocalFile, Location, ServerFile
from mien.music.servers.server import ConnectedServer
from mien.plugins import load_plugin, plugin_names
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
    """A file or folder that cannot be used.

    Attributes:
        location: The file or folder.
        problem: Why, as in ``MienError``: the rest of a sentence that begins with the location.
        remedy: What to do about it, as in ``MienError``; empty if nothing can be done.
    """

    location: Location
    problem: str
    remedy: Remedy | str = ""


class Source(Protocol):
    """A provider of tracks. ``name`` is the part before the colon in the ids of its tracks."""

    name: str

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List every piece, and what could not be listed; opens no audio file and never raises for one piece.

        Raises:
            SourceError: The server is out of reach. Its pieces are then not gone, only unavailable.
        """
        ...

    def read(self, item: SourceItem) -> Track:
        """Read the tags of a piece.

        Args:
            item: One of ``items``, perhaps of an earlier run.

        Returns:
            A track with the id ``name:key``; ``features`` is None and ``duration_s`` 0 if unknown without analysis.

        Raises:
            AudioError: The piece is gone or unreadable.
            SourceError: The server is out of reach.
        """
        ...

    def cover(self, item: SourceItem) -> Cover | None:
        """Read the piece's cover; None if it has none or cannot be read; never raises."""
        ...

    def open(self, item: SourceItem, *, max_bytes: int | None = None) -> BinaryIO:
        """Open the piece's audio file for reading and seeking; the caller closes it.

        Args:
            item: One of ``items``, perhaps of an earlier run.
            max_bytes: How much of a file on a server may be fetched in total; reading more raises ``AudioError``.

        Returns:
            A binary file; on a server only the parts that are read are fetched.

        Raises:
            AudioError: The piece is gone or cannot be opened.
            SourceError: The server is out of reach; reading raises it too.
        """
        ...


class RemoteSource(Source, ConnectedServer, Protocol):
    """A source that is a server; its items have ``ServerFile`` locations with the source's ``name``."""


@runtime_checkable
class ChecksFileAccess(Protocol):
    """Capability of a source whose server may list pieces without giving their files to this computer."""

    def check_file_access(self) -> None:
        """Raise ``SourceError`` if the files cannot be opened here."""
        ...


@runtime_checkable
class Disconnectable(Protocol):
    """Capability of a source whose requests can be ended, so that mien need not wait for a slow server to stop."""

    def disconnect(self) -> None:
        """Cut every connection at once, and refuse new ones with ``SourceClosedError``."""
        ...


def local_path(item: SourceItem) -> Path:
    """The path of a piece on this computer; raises ``AudioError`` if it is on a server."""
    match item.location:
        case LocalFile(path):
            return path
        case ServerFile():
            raise AudioError("is on a server, not in a file here", subject=str(item.location))


def find_source(name: str) -> Callable[..., Source]:
    """The class of the source with this name; raises ``LibraryError`` if none is installed."""
    return cast(Callable[..., Source], load_plugin(ENTRY_POINT_GROUP, name, kind="music source", error=LibraryError))


def source_names() -> list[str]:
    """The names of the installed sources, sorted; nothing is imported."""
    return plugin_names(ENTRY_POINT_GROUP)
