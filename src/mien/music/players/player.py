"""What every player offers, and how players are found.

A new player is one file with a class like ``Player`` and one line in the entry-point group ``mien.players``::

    [project.entry-points."mien.players"]
    mpd = "mien.music.players.mpd:MpdPlayer"
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, cast

from mien.errors import PlaylistError
from mien.music.playlists.playlist import PlaylistEntry
from mien.plugins import load_plugin, plugin_names

ENTRY_POINT_GROUP = "mien.players"


Report = Callable[[int], None]
"""Is told how many pieces were looked for."""


class PlayState(StrEnum):
    """What a player does."""

    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """What a player does now: the place in its queue, from 0, None where there is none, and the time in the piece.

    ``title``, ``artist`` and ``duration_s`` are those of the piece at that place, empty or 0 where they are not known.
    """

    state: PlayState
    index: int | None = None
    position_s: float = 0.0
    title: str = ""
    artist: str = ""
    duration_s: float = 0.0


class Player(Protocol):
    """Something that plays a queue of pieces. Every method raises ``SourceError`` when it is out of reach."""

    name: str

    def play(self, queue: Sequence[PlaylistEntry], *, report: Report = ...) -> list[PlaylistEntry]:
        """Play pieces in place of what was queued, from the first; returns those that it cannot play.

        Raises ``PlaylistError`` where it can play none; what was queued then stays.
        """
        ...

    def pause(self) -> None:
        """Hold the piece that plays."""
        ...

    def resume(self) -> None:
        """Go on, or begin again after a stop."""
        ...

    def skip(self) -> None:
        """Go to the next piece; after the last one it stops."""
        ...

    def stop(self) -> None:
        """End, and keep the queue."""
        ...

    def now(self) -> NowPlaying:
        """What plays now."""
        ...


def unheard(done: int) -> None:
    """A ``Report`` that nobody listens to."""
    del done


def find_player(name: str) -> Callable[..., Player]:
    """The class of the player with this name; raises ``PlaylistError`` if none is installed."""
    return cast(Callable[..., Player], load_plugin(ENTRY_POINT_GROUP, name, kind="player", error=PlaylistError))


def player_names() -> list[str]:
    """The names of the installed players, sorted; nothing is loaded."""
    return plugin_names(ENTRY_POINT_GROUP)
