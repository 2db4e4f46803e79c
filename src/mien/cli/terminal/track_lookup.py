"""Finds the track that a person means on the command line: by id, file, or title."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mien.errors import LibraryError, TrackNotFoundError

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.types import Track

_NAMED_MOST = 3


def find_track(library: Library, wanted: str) -> Track:
    """The one track whose id, file, title or "artist - title" is ``wanted``.

    Raises ``TrackNotFoundError`` when there is none, with what comes nearest, and ``LibraryError`` when there are
    several.
    """
    sought = wanted.casefold().strip()
    tracks = library.tracks()
    named = [track for track in tracks if sought in (track.title.casefold(), _full(track).casefold())]
    found = named or (library.find(wanted) if sought else [])
    if not found:
        raise TrackNotFoundError(f"There is no track '{wanted}'; {_nearest(tracks, sought)}")
    if len(found) > 1:
        some = ", ".join(f"'{track.id}' ({_full(track)})" for track in found[:_NAMED_MOST])
        raise LibraryError(f"'{wanted}' are {len(found)} tracks; name one by its id: {some}.")
    return found[0]


def _full(track: Track) -> str:
    return f"{track.artist} - {track.title}" if track.artist else track.title


def _nearest(tracks: Sequence[Track], sought: str) -> str:
    titles = {track.title.casefold(): track.title for track in tracks}
    close = [titles[name] for name in difflib.get_close_matches(sought, titles, n=_NAMED_MOST)]
    if close:
        return "did you mean " + " or ".join(f"'{name}'" for name in close) + "?"
    return "'mien recommend --json' prints ids, and titles or files do as well."
