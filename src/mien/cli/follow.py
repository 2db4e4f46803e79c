"""Stays beside an MPD for ``mien source follow``: what happens there becomes a line here, and a lesson of taste."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mien.cli.library import open_library
from mien.cli.output import say
from mien.cli.taste import open_tastes
from mien.music.library import PlayEvent
from mien.music.listening import Verdict
from mien.music.players.beside import Beside, Happening, News, Song
from mien.music.players.mpd import MpdPlayer
from mien.music.playlists.match import Matcher
from mien.music.playlists.playlist import Entry
from mien.music.sources.source import place_on_server

if TYPE_CHECKING:
    from mien.music.library import Library
    from mien.music.taste_store import TasteStore
    from mien.types import Track

_PLAYS = {
    Happening.STARTED: PlayEvent.STARTED,
    Happening.FINISHED: PlayEvent.FINISHED,
    Happening.SKIPPED: PlayEvent.SKIPPED,
}
_VERDICTS = {Happening.LIKED: Verdict.LIKE, Happening.NEVER: Verdict.NEVER}


def follow(name: str, player: MpdPlayer, *, level: bool) -> None:
    """Stay beside the MPD that was added as ``name`` until Ctrl-C; raises ``SourceError`` where it does not answer."""
    with open_library() as catalogue, open_tastes() as tastes, suppress(KeyboardInterrupt):
        beside = Beside(
            player.server, find=_finder(name, catalogue), tell=_teller(catalogue, tastes), say=say, level=level
        )
        say(f"mien stays beside “{name}”; Ctrl-C ends it, and the music plays on.")
        beside.stay()


def _finder(name: str, catalogue: Library) -> Callable[[Song], Track | None]:
    matcher = Matcher(catalogue.tracks(), catalogue.places())

    def find(song: Song) -> Track | None:
        place = place_on_server(name, song.uri)
        if place is None:
            return None
        track = matcher.match(Entry(place, song.title, song.artist, duration_s=song.duration_s)).track
        if track is None:
            say(f"{song.title or song.uri}: not in the library, so nothing is learnt from it.")
        return track

    return find


def _teller(catalogue: Library, tastes: TasteStore) -> Callable[[News], None]:
    def tell(news: News) -> None:
        at = datetime.now(UTC)
        if news.what in _PLAYS:
            catalogue.record_play(news.track.id, _PLAYS[news.what], position_s=news.position_s, at=at)
        else:
            tastes.say(news.track.id, _VERDICTS[news.what], at=at)
        minutes, seconds = divmod(int(news.position_s), 60)
        say(f"{news.track.title}: {news.what} at {minutes}:{seconds:02d}")

    return tell
