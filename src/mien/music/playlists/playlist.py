"""What a playlist is, whatever writes it down or plays it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mien.types import Track


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """A piece in a playlist.

    ``path`` is its file on this machine, or its place on a server (``sources.source.place_on_server``); texts are
    empty and ``duration_s`` is 0 where they are not known; ``track_id`` is the library's, empty where it has none.
    """

    path: Path
    title: str = ""
    artist: str = ""
    album: str = ""
    duration_s: float = 0.0
    track_id: str = ""

    @property
    def words(self) -> str:
        """The entry for people: artist and title, or else the name of its file."""
        return " - ".join(text for text in (self.artist, self.title) if text) or self.path.name


@dataclass(frozen=True, slots=True)
class Playlist:
    """Pieces in the order in which they play."""

    name: str
    entries: tuple[PlaylistEntry, ...]


def entry_of(track: Track, path: Path) -> PlaylistEntry:
    """A track of the library, and where it lies, as an entry."""
    return PlaylistEntry(path, track.title, track.artist, track.album, track.duration_s, track.id)
