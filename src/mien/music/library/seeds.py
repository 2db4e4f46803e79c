"""Finds the tracks that a radio is about: those of an artist, or of a playlist."""

from __future__ import annotations

from collections.abc import Sequence

from mien.music.library.library import Library
from mien.music.names import comparison_form
from mien.music.playlists.match import TrackMatcher
from mien.music.playlists.playlist import Playlist
from mien.music.recommender.index import artist_of, has_artist
from mien.types import Track


def tracks_of_artist(name: str, tracks: Sequence[Track]) -> list[Track]:
    """The tracks whose leading artist has this name, in whatever spelling."""
    sought = comparison_form(name)
    named = [track for track in tracks if has_artist(track)]
    return [track for track in named if sought in (artist_of(track), comparison_form(track.artist))]


def tracks_of_playlist(playlist: Playlist, library: Library) -> list[Track]:
    """The library's tracks that are in a playlist."""
    matcher = TrackMatcher(library.tracks(), library.locations())
    matches = (matcher.match(entry) for entry in playlist.entries)
    return [match.track for match in matches if match.track is not None]
