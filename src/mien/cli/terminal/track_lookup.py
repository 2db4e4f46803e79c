"""Finds the track that a person names on the command line, by id, file or title."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mien.errors import LibraryError, TrackNotFoundError
from mien.music.names import comparison_form

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.types import Track

_MAX_SUGGESTIONS = 3
_SAME_LENGTH_S = 1.0
"""Copies of one recording differ in length by no more than this."""


def find_track(library: Library, wanted: str) -> Track:
    """The track whose id, file, title or "artist - title" is ``wanted``.

    Of copies of one song, with the same artist, title and length, it is the first that can be played now.

    Raises:
        TrackNotFoundError: If there is none; the remedy names similar titles.
        LibraryError: If there are several songs.
    """
    sought = comparison_form(wanted)
    tracks = library.tracks()
    named = [track for track in tracks if sought in map(comparison_form, (track.title, _full_title(track)))]
    found = named or (library.find_tracks(wanted) if sought else [])
    if not found:
        raise TrackNotFoundError(f"There is no track “{wanted}”", _suggestion(tracks, sought))
    if named and _are_copies(named):
        playable = {track.id for track in library.available()}
        return next((track for track in named if track.id in playable), named[0])
    if len(found) > 1:
        some = ", ".join(f"'{track.id}' ({_full_title(track)})" for track in found[:_MAX_SUGGESTIONS])
        raise LibraryError(f"stands for {len(found)} tracks", f"name one by its id: {some}", subject=wanted)
    return found[0]


def _are_copies(tracks: Sequence[Track]) -> bool:
    titles = {comparison_form(_full_title(track)) for track in tracks}
    durations_s = [track.duration_s for track in tracks]
    return len(titles) == 1 and max(durations_s) - min(durations_s) <= _SAME_LENGTH_S


def _full_title(track: Track) -> str:
    return f"{track.artist} - {track.title}" if track.artist else track.title


def _suggestion(tracks: Sequence[Track], sought: str) -> str:
    titles = {comparison_form(track.title): track.title for track in tracks}
    close = [titles[name] for name in difflib.get_close_matches(sought, titles, n=_MAX_SUGGESTIONS)]
    if close:
        return "did you mean " + " or ".join(f"'{name}'" for name in close) + "?"
    return "name its id, which mien recommend --json prints, its title or its file"
