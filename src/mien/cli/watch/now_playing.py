"""Knows what plays now, on a server or on the page, and never makes anybody wait for the answer."""

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
from mien.cli.terminal.output import say
from mien.cli.terminal.quantities import clock_time
from mien.errors import MienError, SourceError
from mien.music.players.player import PlayState, player_names

if TYPE_CHECKING:
    from mien.music.connections import Connection, Connections
    from mien.music.library.library import Library
    from mien.music.players.player import Player

_LOOKS_S = 1.0
_AGAIN_S = 5.0  # until a place that did not answer is asked again
_HOLDS_S = 4.0  # an answer is believed so long: a server that hangs must not play for ever


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """A piece at a place, and what is done with it there; ``about`` says in words where, and how far it is."""

    state: PlayState
    title: str
    artist: str = ""
    about: str = ""


Look = Callable[[], PlayerStatus | None]
"""Asks one place what plays there, None for nothing; may take its time, and may raise ``MienError``."""


def foremost(answers: Iterable[PlayerStatus | None]) -> PlayerStatus | None:
    """What plays, or else what is paused; what a place says of a piece holds against those after it."""
    said: dict[tuple[str, str], PlayerStatus] = {}
    for answer in answers:
        if answer is not None:
            said.setdefault((answer.title, answer.artist), answer)
    for state in (PlayState.PLAYING, PlayState.PAUSED):
        for answer in said.values():
            if answer.state is state:
                return answer
    return None


class NowPlayingPoller:
    """Asks each place about once a second, from ``start`` until it is closed."""

    def __init__(self, places: Sequence[Look], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._places = places
        self._answers: list[tuple[float, PlayerStatus | None]] = [(clock(), None) for _ in places]
        self._closed = Event()

    def start(self) -> None:
        """Start one thread a place."""
        for number, look in enumerate(self._places):
            # A daemon: leaving does not wait for a server that does not answer.
            Thread(target=self._ask, args=(number, look), name="mien-playing", daemon=True).start()

    def playing(self) -> PlayerStatus | None:
        """The foremost of what was answered lately; never waits."""
        latest_s = self._clock() - _HOLDS_S
        return foremost(answer for at_s, answer in self._answers if at_s >= latest_s)

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()

    def _ask(self, number: int, look: Look) -> None:
        wait_s = 0.0
        while not self._closed.wait(wait_s):
            try:
                answer, wait_s = look(), _LOOKS_S
            except MienError:
                answer, wait_s = None, _AGAIN_S
            self._answers[number] = (self._clock(), answer)


@contextmanager
def lookout(library: Library) -> Iterator[NowPlayingPoller]:
    """A lookout for this person: over their servers that play, and then the plays that were reported."""
    made = NowPlayingPoller([*_servers(), as_reported(library)])
    made.start()
    try:
        yield made
    finally:
        made.close()


def _servers() -> list[Look]:
    kept = open_connections()
    try:
        return [on_server(kept, server) for server in kept.all() if server.kind in player_names()]
    except SourceError as error:
        say(str(error))
        return []


def on_server(kept: Connections, server: Connection) -> Look:
    """Asks a server that plays by itself."""

    @cache
    def player() -> Player:
        return kept.player(server)

    def look() -> PlayerStatus | None:
        now = player().now()
        if not now.title:
            return None
        length = f" of {clock_time(now.duration_s)}" if now.duration_s else ""
        return PlayerStatus(now.state, now.title, now.artist, f"{clock_time(now.position_s)}{length} on {server.name}")

    return look


def as_reported(library: Library, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Look:
    """Looks up what the page reported last, or whoever else keeps plays in the catalogue."""

    def look() -> PlayerStatus | None:
        play = library.playing(at=now())
        if play is None:
            return None
        return PlayerStatus(
            PlayState.PLAYING, play.track.title, play.track.artist, f"began {clock_time(play.since_s)} ago"
        )

    return look
