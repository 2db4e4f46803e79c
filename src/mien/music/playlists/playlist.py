"""The values of a playlist, and the capability of storing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mien.music.location import Location
from mien.types import Track


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """One piece in a playlist.

    Attributes:
        location: Its file, on this computer or on a server.
        title: Empty if unknown, as are ``artist`` and ``album``.
        artist: See ``title``.
        album: See ``title``.
        duration_s: Its length, 0 if unknown.
        track_id: The id of the library's track, empty if there is none.
    """

    location: Location
    title: str = ""
    artist: str = ""
    album: str = ""
    duration_s: float = 0.0
    track_id: str = ""

    @property
    def words(self) -> str:
        """The entry for people: artist and title, or the name of its file."""
        return " - ".join(text for text in (self.artist, self.title) if text) or self.location.name


@dataclass(frozen=True, slots=True)
class Playlist:
    """Pieces in the order in which they play."""

    name: str
    entries: tuple[PlaylistEntry, ...]


def entry_of(track: Track, location: Location) -> PlaylistEntry:
    """Make an entry of a track of the library and its location."""
    return PlaylistEntry(location, track.title, track.artist, track.album, track.duration_s, track.id)


ProgressReport = Callable[[int], None]
"""Called with the number of entries looked up so far."""


def ignore_progress(_done: int) -> None:
    """A ``ProgressReport`` that does nothing."""


@runtime_checkable
class StoresPlaylists(Protocol):
    """Capability of a source or a player whose server stores playlists."""

    def store_playlist(self, playlist: Playlist, *, report: ProgressReport = ...) -> list[PlaylistEntry]:
        """Store a playlist on the server, in place of the user's own with that name.

        Args:
            playlist: The pieces and the name.
            report: Called with the number of entries looked up so far.

        Returns:
            The entries that the server does not have.

        Raises:
            PlaylistError: The server has none of the entries.
            SourceError: The server is out of reach or refuses.
        """
        ...
