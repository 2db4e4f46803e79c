"""Stays beside an MPD for ``mien source follow``: what happens there becomes a line here, and a lesson of taste."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mien.cli.stores import open_stores
from mien.cli.terminal.output import say
from mien.cli.terminal.quantities import clock_time
from mien.music.library.play_log import PlayEvent
from mien.music.location import ServerFile
from mien.music.players.mpd import MpdPlayer
from mien.music.players.mpd_monitor import MpdMonitor, MpdSong, PlaybackEvent, PlaybackEventKind
from mien.music.playlists.match import TrackMatcher
from mien.music.playlists.playlist import PlaylistEntry
from mien.music.recommender.feedback import Rating

if TYPE_CHECKING:
    from mien.music.library.library import Library
    from mien.music.library.taste_store import TasteStore
    from mien.types import Track

_PLAYS = {
    PlaybackEventKind.STARTED: PlayEvent.STARTED,
    PlaybackEventKind.FINISHED: PlayEvent.FINISHED,
    PlaybackEventKind.SKIPPED: PlayEvent.SKIPPED,
}
_VERDICTS = {PlaybackEventKind.LIKED: Rating.LIKE, PlaybackEventKind.NEVER: Rating.NEVER}


def follow(name: str, player: MpdPlayer, *, level: bool) -> None:
    """Stay beside the MPD that was added as ``name`` until Ctrl-C; raises ``SourceError`` where it does not answer."""
    with open_stores() as stores, suppress(KeyboardInterrupt):
        catalogue, tastes = stores.library, stores.tastes
        beside = MpdMonitor(
            player.server, find=_finder(name, catalogue), tell=_teller(catalogue, tastes), say=say, level=level
        )
        say(f"mien stays beside “{name}”; Ctrl-C ends it, and the music plays on.")
        beside.stay()


def _finder(name: str, catalogue: Library) -> Callable[[MpdSong], Track | None]:
    matcher = TrackMatcher(catalogue.tracks(), catalogue.locations())

    def find(song: MpdSong) -> Track | None:
        location = ServerFile.parse(name, song.uri)
        if location is None:
            return None
        track = matcher.match(PlaylistEntry(location, song.title, song.artist, duration_s=song.duration_s)).track
        if track is None:
            say(f"{song.title or song.uri}: not in the library, so nothing is learnt from it.")
        return track

    return find


def _teller(catalogue: Library, tastes: TasteStore) -> Callable[[PlaybackEvent], None]:
    def tell(news: PlaybackEvent) -> None:
        at = datetime.now(UTC)
        if news.what in _PLAYS:
            catalogue.record_play(news.track.id, _PLAYS[news.what], position_s=news.position_s, at=at)
        else:
            tastes.rate(news.track.id, _VERDICTS[news.what], at=at)
        say(f"{news.track.title}: {news.what} at {clock_time(news.position_s)}")

    return tell
