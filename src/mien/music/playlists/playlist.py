"""What a playlist is, whatever writes it down or plays it."""

from __future__ import annotations

from dataclasses import dataclass

from mien.music.location import Location
from mien.types import Track


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """A piece in a playlist.

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
        """The entry for people: artist and title, or else the name of its file."""
        return " - ".join(text for text in (self.artist, self.title) if text) or self.location.name


@dataclass(frozen=True, slots=True)
class Playlist:
    """Pieces in the order in which they play."""

    name: str
    entries: tuple[PlaylistEntry, ...]


def entry_of(track: Track, location: Location) -> PlaylistEntry:
    """Make an entry of a track of the library and where it lies."""
    return PlaylistEntry(location, track.title, track.artist, track.album, track.duration_s, track.id)
