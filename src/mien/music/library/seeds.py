"""Finds the tracks that a list is about: those of an artist or of a playlist, and songs that are not chosen from."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mien.errors import NoMatchError
from mien.music.library.library import Library
from mien.music.names import artist_forms, comparison_form, leading_artist
from mien.music.playlists.match import TrackMatcher
from mien.music.playlists.playlist import Playlist
from mien.music.recommender.index import has_artist
from mien.types import Track


def tracks_of_artist(name: str, tracks: Sequence[Track]) -> list[Track]:
    """The tracks of an artist, in whatever spelling, also those that are credited to several.

    Args:
        name: The artist; of a credit of several, such as "Ann; Ben", the first is meant.
        tracks: The tracks to search.
    """
    sought = {comparison_form(name), comparison_form(leading_artist(name))}
    return [track for track in tracks if has_artist(track) and sought & artist_forms(track.artist)]


def tracks_of_playlist(playlist: Playlist, library: Library) -> list[Track]:
    """The library's tracks that are in a playlist."""
    matcher = TrackMatcher(library.tracks(), library.locations())
    matches = (matcher.match(entry) for entry in playlist.entries)
    return [match.track for match in matches if match.track is not None]


def unlisted_tracks(needed: Collection[str], present: Collection[str], library: Library) -> list[Track]:
    """The tracks that a list is about and that it is not chosen from.

    Args:
        needed: The ids of the tracks that the list is about.
        present: The ids of the tracks that it is chosen from.
        library: The library.
    """
    missing = set(needed).difference(present)
    return [track for track in library.placed_tracks() if track.id in missing] if missing else []


def check_playable(track: Track, library: Library) -> None:
    """Raise ``NoMatchError`` if a track is away, or on a server that does not answer."""
    if all(track.id != other.id for other in library.available()):
        raise NoMatchError("cannot be played now", "connect its disk or server", subject=track.title)
