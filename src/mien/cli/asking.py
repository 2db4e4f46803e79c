"""Reads a request in words for ``mien recommend``, and says what was understood."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mien.cli.terminal.output import say

if TYPE_CHECKING:
    from mien.cli.stores import Stores
    from mien.music.requests.apply import AppliedRequest
    from mien.music.requests.request import MusicRequest


def read_request(text: str, stores: Stores) -> tuple[MusicRequest, AppliedRequest]:
    """Understand a request, and say what was understood and what was not.

    Args:
        text: The request.
        stores: The library, whose artists and genres can be named, and the listener's history.

    Raises:
        RequestError: Nothing was understood.
    """
    from mien.music.names import every_artist
    from mien.music.requests.apply import apply_request
    from mien.music.requests.understand import understand

    now, tracks = datetime.now(UTC), stores.library.placed_tracks()
    artists = every_artist(track.artist for track in tracks)
    genres = {genre for track in tracks for genre in track.genres}
    request = understand(text, today=now.astimezone().date(), artists=artists, genres=genres)
    _tell(request)
    return request, apply_request(request, tracks, history=stores.tastes.listening(), now=now)


def tell_unmet(unmet: tuple[str, ...]) -> None:
    """Say which conditions no track meets."""
    if unmet:
        say(f"No music here is: {', '.join(unmet)}. That was left out.")


def _tell(request: MusicRequest) -> None:
    from mien.music.requests.part_words import part_words

    shown = dict.fromkeys(_shown(part.words.text, part_words(part)) for part in request.parts)
    say(f"Understood: {'; '.join(shown)}.")
    if request.unknown:
        say(f"Not understood: {', '.join(f'“{words.text}”' for words in request.unknown)}.")


def _shown(text: str, meaning: str) -> str:
    """A part and its meaning, or only its words where they say the same."""
    return meaning if text.casefold() == meaning.casefold() else f"“{text}” as {meaning}"
