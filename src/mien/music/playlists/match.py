"""Finds the library's tracks behind a playlist's entries: files move, and other programs write their names anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from mien.music.playlists.playlist import PlaylistEntry, entry_of
from mien.music.sources.source import is_on_server
from mien.types import Track

_SAME_LENGTH_S = 5.0

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PlaylistMatch:
    """An entry, with what the library knows put into it, and its track; or a sentence that says why there is none."""

    entry: PlaylistEntry
    track: Track | None
    problem: str = ""


class TrackMatcher:
    """Finds tracks by their id, their file, their artist and title, or else the name of their file and its folder.

    ``places`` says where each track lies. Made once for a whole playlist.
    """

    def __init__(self, tracks: Iterable[Track], places: Mapping[str, Path]) -> None:
        self._tracks = {track.id: track for track in tracks}
        self._places = {track_id: place for track_id, place in places.items() if track_id in self._tracks}
        self._at = {place: track_id for track_id, place in self._places.items()}
        self._called: dict[_Key, list[str]] = {}
        self._named: dict[_Key, list[str]] = {}
        for track in self._tracks.values():
            if track.artist and track.title:
                self._called.setdefault((_folded(track.artist), _folded(track.title)), []).append(track.id)
        for place, track_id in self._at.items():
            self._named.setdefault(_tail(place), []).append(track_id)
        # Links are followed for each folder once: a playlist may name a hundred thousand files.
        self._resolved = cache(Path.resolve)

    def match(self, entry: PlaylistEntry) -> PlaylistMatch:
        """What the library knows of an entry; the entry names the track's own file where it does not itself."""
        path = entry.path
        on_server = is_on_server(path)
        here = [path] if on_server else [path, self._resolved(path.parent) / path.name]
        for place in here:
            if place in self._at:
                found = self._tracks[self._at[place]]
                return PlaylistMatch(entry_of(found, path), found)
        track = self._tracks.get(entry.track_id) or self._alike(entry)
        if track is not None:
            return PlaylistMatch(entry_of(track, self._places.get(track.id, path)), track)
        kept = replace(entry, track_id="")
        if on_server:
            return PlaylistMatch(kept, None, f"hear its server with: mien source hear {path.parts[0][:-1]}")
        if path.is_file():
            return PlaylistMatch(kept, None, "it was never heard; add its folder with: mien library add DIR")
        return PlaylistMatch(kept, None, "there is no such file, and no track of that name in the library.")

    def _alike(self, entry: PlaylistEntry) -> Track | None:
        """The track of the same artist and title, of several the one of the same length; or of the same file name."""
        called = self._called.get((_folded(entry.artist), _folded(entry.title)), [])
        if called:
            tracks = [self._tracks[track_id] for track_id in called]
            if entry.duration_s:
                return min(tracks, key=lambda track: abs(track.duration_s - entry.duration_s) // _SAME_LENGTH_S)
            return tracks[0]
        named = self._named.get(_tail(entry.path), [])
        return self._tracks[named[0]] if len(named) == 1 else None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _tail(path: Path) -> _Key:
    """A file's name and its folder's, as they are whoever wrote them down."""
    return unquote(path.parent.name).casefold(), unquote(path.name).casefold()
