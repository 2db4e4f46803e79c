"""Finds the library's tracks for the entries of a playlist, even if files moved or names are spelled differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from mien.music.location import LocalFile, Location, ServerFile
from mien.music.names import comparison_form, leading_artist
from mien.music.playlists.playlist import PlaylistEntry, entry_of
from mien.types import Track

_LENGTH_TOLERANCE_S = 5.0

_Key = tuple[str, str]


class MatchProblem(StrEnum):
    """Why the library has no track for an entry."""

    SERVER_NOT_SCANNED = "server not scanned"
    FILE_NOT_SCANNED = "file not scanned"
    NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class PlaylistMatch:
    """An entry, completed with what the library knows, and its track; without a track, the ``problem``."""

    entry: PlaylistEntry
    track: Track | None
    problem: MatchProblem | None = None


class TrackMatcher:
    """Finds tracks by file, by id, by artist and title, or by the names of the file and its folder.

    Building the lookup tables takes time proportional to the library: make one for a whole playlist.
    """

    def __init__(self, tracks: Iterable[Track], locations: Mapping[str, Location]) -> None:
        """Index the tracks.

        Args:
            tracks: The library's tracks.
            locations: The location of each track, by its id.
        """
        self._tracks = {track.id: track for track in tracks}
        self._locations = {track_id: found for track_id, found in locations.items() if track_id in self._tracks}
        self._by_location = {location: track_id for track_id, location in self._locations.items()}
        self._by_title: dict[_Key, list[str]] = {}
        self._by_file_name: dict[_Key, list[str]] = {}
        for track in self._tracks.values():
            if track.artist and track.title:
                for key in _title_keys(track.artist, track.title):
                    self._by_title.setdefault(key, []).append(track.id)
        for location, track_id in self._by_location.items():
            self._by_file_name.setdefault(_file_and_folder(location), []).append(track_id)
        # Symbolic links are resolved once per folder: a playlist may name a hundred thousand files.
        self._resolved = cache(Path.resolve)

    def match(self, entry: PlaylistEntry) -> PlaylistMatch:
        """Find the track of an entry; the returned entry has the track's location if its own leads nowhere."""
        for location in self._spellings(entry.location):
            if location in self._by_location:
                found = self._tracks[self._by_location[location]]
                return PlaylistMatch(entry_of(found, entry.location), found)
        track = self._tracks.get(entry.track_id) or self._similar(entry)
        if track is not None:
            return PlaylistMatch(entry_of(track, self._locations.get(track.id, entry.location)), track)
        return PlaylistMatch(replace(entry, track_id=""), None, _problem(entry.location))

    def _spellings(self, location: Location) -> list[Location]:
        """A location as it is written, and with symbolic links resolved."""
        match location:
            case LocalFile(path):
                return [location, LocalFile(self._resolved(path.parent) / path.name)]
            case ServerFile():
                return [location]

    def _similar(self, entry: PlaylistEntry) -> Track | None:
        """The track with the same artist and title (of several, the closest in length), or the same file name."""
        found = (self._by_title.get(key, []) for key in _title_keys(entry.artist, entry.title))
        if same_title := next(filter(None, found), []):
            tracks = [self._tracks[track_id] for track_id in same_title]
            if entry.duration_s:
                return min(tracks, key=lambda track: abs(track.duration_s - entry.duration_s) // _LENGTH_TOLERANCE_S)
            return tracks[0]
        same_file_name = self._by_file_name.get(_file_and_folder(entry.location), [])
        return self._tracks[same_file_name[0]] if len(same_file_name) == 1 else None


def _problem(location: Location) -> MatchProblem:
    match location:
        case ServerFile():
            return MatchProblem.SERVER_NOT_SCANNED
        case LocalFile(path) if path.is_file():
            return MatchProblem.FILE_NOT_SCANNED
        case LocalFile():
            return MatchProblem.NOT_FOUND


def _title_keys(artist: str, title: str) -> list[_Key]:
    """Artist and title as they are compared, and with the leading artist alone: some leave out who is featured."""
    names = dict.fromkeys((comparison_form(artist), comparison_form(leading_artist(artist))))
    return [(name, comparison_form(title)) for name in names]


def _file_and_folder(location: Location) -> _Key:
    """The names of a file and its folder, without differences of spelling and percent-encoding."""
    return comparison_form(unquote(location.path.parent.name)), comparison_form(unquote(location.path.name))
