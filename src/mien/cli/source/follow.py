"""Follows a player for ``mien source follow``: prints what happens there, and learns taste from it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mien.cli.stores import open_stores
from mien.cli.terminal.output import say
from mien.cli.terminal.quantities import clock_time
from mien.errors import SourceError
from mien.music.library.play_log import PlayEvent
from mien.music.location import ServerFile
from mien.music.players.player import FollowsPlayback, PlaybackEvent, PlaybackEventKind, PlayedSong
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
_RATINGS = {PlaybackEventKind.LIKED: Rating.LIKE, PlaybackEventKind.NEVER: Rating.NEVER}


def follow_playback(name: str, player: FollowsPlayback, *, level: bool) -> None:
    """Follow a player until Ctrl-C.

    Args:
        name: The user's name for the server.
        player: The player.
        level: Whether to make tracks equally loud.

    Raises:
        SourceError: The server does not answer.
    """
    with open_stores() as stores, suppress(KeyboardInterrupt):
        say(f"Following “{name}”; Ctrl-C ends this, and the music continues.")
        player.follow_playback(
            find_track=_track_finder(name, stores.library),
            on_event=_recorder(stores.library, stores.tastes),
            on_notice=_say_notice,
            level=level,
        )


def _say_notice(notice: str | SourceError) -> None:
    match notice:
        case SourceError():
            say(f"{notice} mien waits for it.")
        case _:
            say(notice)


def _track_finder(name: str, library: Library) -> Callable[[PlayedSong], Track | None]:
    matcher = TrackMatcher(library.tracks(), library.locations())

    def find(song: PlayedSong) -> Track | None:
        location = ServerFile.parse(name, song.uri)
        if location is None:
            return None
        track = matcher.match(PlaylistEntry(location, song.title, song.artist, duration_s=song.duration_s)).track
        if track is None:
            say(f"{song.title or song.uri}: not in the library, so nothing is learnt from it.")
        return track

    return find


def _recorder(library: Library, tastes: TasteStore) -> Callable[[PlaybackEvent], None]:
    def record(event: PlaybackEvent) -> None:
        at = datetime.now(UTC)
        if event.kind in _PLAYS:
            library.record_play(event.track.id, _PLAYS[event.kind], position_s=event.position_s, at=at)
        else:
            tastes.rate(event.track.id, _RATINGS[event.kind], at=at)
        say(f"{event.track.title}: {event.kind} at {clock_time(event.position_s)}")

    return record
