"""What every player offers, what only some can do, and how players are found by their entry points.

A new player is one file with a class like ``Player`` and one line in the entry-point group ``mien.players``::

    [project.entry-points."mien.players"]
    mpd = "mien.music.players.mpd:MpdPlayer"

``docs/plugins.md`` has a complete example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, cast, runtime_checkable

from mien.errors import PlaylistError, SourceError
from mien.music.playlists.playlist import PlaylistEntry, ProgressReport
from mien.music.servers.server import ConnectedServer
from mien.plugins import load_plugin, plugin_names
from mien.types import Track

ENTRY_POINT_GROUP = "mien.players"


class PlayState(StrEnum):
    """What a player is doing."""

    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """What a player is playing.

    Attributes:
        state: Whether it plays.
        index: The position in its queue, from 0; None if there is none.
        position_s: The time since the start of the piece, in seconds.
        title: The piece's title; empty if unknown.
        artist: The piece's artist; empty if unknown.
        duration_s: The piece's length in seconds; 0 if unknown.
    """

    state: PlayState
    index: int | None = None
    position_s: float = 0.0
    title: str = ""
    artist: str = ""
    duration_s: float = 0.0


class Player(ConnectedServer, Protocol):
    """A server that plays a queue of pieces. Every method raises ``SourceError`` if it is out of reach."""

    name: str

    def play(self, queue: Sequence[PlaylistEntry], *, report: ProgressReport = ...) -> list[PlaylistEntry]:
        """Replace the queue and play it from its start.

        Args:
            queue: The pieces.
            report: Called with the number of entries looked up so far.

        Returns:
            The entries that it cannot play.

        Raises:
            PlaylistError: It can play none of them; the queue is then unchanged.
        """
        ...

    def now(self) -> NowPlaying:
        """What is playing."""
        ...


class PlaybackEventKind(StrEnum):
    """What happened to a piece while it played."""

    STARTED = "started"
    FINISHED = "finished"
    SKIPPED = "skipped"
    LIKED = "liked"
    NEVER = "never again"


@dataclass(frozen=True, slots=True)
class PlaybackEvent:
    """Something that happened to a track, ``position_s`` seconds from its start."""

    track: Track
    kind: PlaybackEventKind
    position_s: float


class PlayedSong(NamedTuple):
    """A song as a player describes it: its path on the server, and its tags, empty or 0 if unknown."""

    uri: str
    title: str = ""
    artist: str = ""
    duration_s: float = 0.0


@runtime_checkable
class KnowsItsMusic(Protocol):
    """Capability of a player that can say which pieces it has, so that music is chosen among these."""

    def playable(self, entries: Sequence[PlaylistEntry]) -> list[bool]:
        """Whether it can play each of these pieces; raises ``SourceError`` if it is out of reach."""
        ...


@runtime_checkable
class FollowsPlayback(Protocol):
    """Capability of a player that reports what any program plays on it."""

    def follow_playback(
        self,
        *,
        find_track: Callable[[PlayedSong], Track | None],
        on_event: Callable[[PlaybackEvent], None],
        on_notice: Callable[[str | SourceError], None],
        level: bool = True,
        until: Callable[[], bool] = ...,
    ) -> None:
        """Report events until ``until`` or Ctrl-C, also across restarts of the server.

        Args:
            find_track: Returns the library's track of a song, None if there is none.
            on_event: Called with what happens to known tracks.
            on_notice: Called with sentences for the user, and with the error if the server has to be waited for.
            level: Whether to set the server's volume so that all pieces are equally loud; it is restored at the end.
            until: Polled; ends the loop when it returns true.

        Raises:
            SourceError: The server is out of reach from the start, or refuses.
        """
        ...


@runtime_checkable
class StoresMoods(Protocol):
    """Capability of a player whose server stores the mood of a song, as MPD does in stickers."""

    def store_moods(self, tracks: Iterable[tuple[PlaylistEntry, Track]]) -> int:
        """Store the valence, arousal and tempo of analysed tracks.

        Args:
            tracks: The tracks, and how to find them on the server.

        Returns:
            The number of songs that the server has.

        Raises:
            SourceError: The server is out of reach or stores no moods.
        """
        ...


def find_player(name: str) -> Callable[..., Player]:
    """The class of the player with this name; raises ``PlaylistError`` if none is installed."""
    return cast(Callable[..., Player], load_plugin(ENTRY_POINT_GROUP, name, kind="player", error=PlaylistError))


def player_names() -> list[str]:
    """The names of the installed players, sorted; nothing is imported."""
    return plugin_names(ENTRY_POINT_GROUP)
