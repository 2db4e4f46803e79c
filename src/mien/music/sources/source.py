"""What every source of music offers, and how sources are found.

A new source is one file with a class like ``Source`` and one line in the entry-point group ``mien.sources``::

    [project.entry-points."mien.sources"]
    folder = "mien.music.sources.folder:FolderSource"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from mien.errors import LibraryError
from mien.types import Track

ENTRY_POINT_GROUP = "mien.sources"


@dataclass(frozen=True, slots=True)
class Item:
    """A piece that a source has, as cheap to list as a directory entry.

    ``key`` is letters, digits, ``-`` and ``_``, and stays the same from scan to scan; ``path`` is its audio file;
    the piece counts as unchanged while ``size_bytes`` and ``changed_ns`` stay the same.
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
class Cover:
    """A picture that belongs to a track: its encoded bytes, and their type: image/jpeg, png, gif or webp."""

    data: bytes
    media_type: str


class Source(Protocol):
    """A place where music lies. ``name`` stands before the colon in the ids of its tracks."""

    name: str

    def items(self) -> Iterator[Item | BrokenFile]:
        """List every piece, and what could not be listed; opens no audio file and never raises for one piece."""
        ...

    def read(self, item: Item) -> Track:
        """Read what is known of a piece, under the id ``name:key``.

        ``features`` is None and ``duration_s`` 0 where they are not known before the piece is heard. Raises
        ``AudioError`` when the piece is gone or unreadable.
        """
        ...

    def cover(self, item: Item) -> Cover | None:
        """Read the piece's picture, or None where it has none; never raises."""
        ...


def find_source(name: str) -> Callable[..., Source]:
    """The class behind an entry point, not yet called; raises ``LibraryError`` when there is none of that name."""
    for entry in entry_points(group=ENTRY_POINT_GROUP, name=name):
        source: Callable[..., Source] = entry.load()
        return source
    raise LibraryError(f"there is no music source called '{name}'; install mien again, or the package that offers it.")
