"""Polls servers and the library for what is playing now, without ever blocking the view."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import Event, Thread
from typing import TYPE_CHECKING

from mien.cli.stores import open_connections
from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.output import say
from mien.cli.terminal.quantities import clock_time
from mien.errors import MienError, SourceError
from mien.music.players.player import PlayState, player_names

if TYPE_CHECKING:
    from mien.music.connections import Connection, Connections
    from mien.music.library.library import Library
    from mien.music.players.player import Player

_POLL_INTERVAL_S = 1.0
_RETRY_S = 5.0  # after an error
_MAX_AGE_S = 4.0  # of an answer, so that a server that hangs does not appear to play for ever


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """What a player does with which track; ``about`` says in words on which player and how far it is."""

    state: PlayState
    title: str
    artist: str = ""
    about: str = ""


StatusQuery = Callable[[], PlayerStatus | None]
"""Asks one player what it plays, None for nothing; may block, and may raise ``MienError``."""


def foremost(answers: Iterable[PlayerStatus | None]) -> PlayerStatus | None:
    """The first track that plays, or else is paused; of several answers about one track the first counts."""
    first_answers: dict[tuple[str, str], PlayerStatus] = {}
    for answer in answers:
        if answer is not None:
            first_answers.setdefault((answer.title, answer.artist), answer)
    for state in (PlayState.PLAYING, PlayState.PAUSED):
        for answer in first_answers.values():
            if answer.state is state:
                return answer
    return None


class NowPlayingPoller:
    """Asks each player about once per second, from ``start`` until it is closed."""

    def __init__(self, queries: Sequence[StatusQuery], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._queries = queries
        self._answers: list[tuple[float, PlayerStatus | None]] = [(clock(), None) for _ in queries]
        self._closed = Event()

    def start(self) -> None:
        """Start one thread per player."""
        for number, query in enumerate(self._queries):
            # A daemon, so that exiting does not wait for a server that does not answer.
            Thread(target=self._ask, args=(number, query), name="mien-playing", daemon=True).start()

    def playing(self) -> PlayerStatus | None:
        """The foremost of the recent answers; never blocks."""
        latest_s = self._clock() - _MAX_AGE_S
        return foremost(answer for at_s, answer in self._answers if at_s >= latest_s)

    def close(self) -> None:
        """Stop asking."""
        self._closed.set()

    def _ask(self, number: int, query: StatusQuery) -> None:
        wait_s = 0.0
        while not self._closed.wait(wait_s):
            try:
                answer, wait_s = query(), _POLL_INTERVAL_S
            except MienError:
                answer, wait_s = None, _RETRY_S
            self._answers[number] = (self._clock(), answer)


@contextmanager
def poll_now_playing(library: Library) -> Iterator[NowPlayingPoller]:
    """Poll the user's servers that play, and after them the plays that were reported to the library."""
    made = NowPlayingPoller([*_servers(), as_reported(library)])
    made.start()
    try:
        yield made
    finally:
        made.close()


def _servers() -> list[StatusQuery]:
    connections = open_connections()
    try:
        return [on_server(connections, server) for server in connections.all() if server.kind in player_names()]
    except SourceError as error:
        say(error_words(error))
        return []


def on_server(connections: Connections, server: Connection) -> StatusQuery:
    """The query for a server that plays by itself."""

    @cache
    def player() -> Player:
        return connections.player(server)

    def query() -> PlayerStatus | None:
        now = player().now()
        if not now.title:
            return None
        length = f" of {clock_time(now.duration_s)}" if now.duration_s else ""
        return PlayerStatus(now.state, now.title, now.artist, f"{clock_time(now.position_s)}{length} on {server.name}")

    return query


def as_reported(library: Library, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> StatusQuery:
    """The query for the play that the page, or mien source follow, reported last."""

    def query() -> PlayerStatus | None:
        play = library.now_playing(at=now())
        if play is None:
            return None
        return PlayerStatus(
            PlayState.PLAYING, play.track.title, play.track.artist, f"began {clock_time(play.since_s)} ago"
        )

    return query
