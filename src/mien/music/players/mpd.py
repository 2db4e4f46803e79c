"""Plays on an MPD, which has the loudspeakers: a station is its queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mien.errors import PlaylistError
from mien.music.location import LocalFile, Location, ServerFile
from mien.music.players.player import NowPlaying, PlayState, Report, unheard
from mien.music.playlists.playlist import PlaylistEntry
from mien.music.servers.mpd import TIMEOUT_S, MpdClient, MpdConnection, MpdRefusedError
from mien.types import Track

_STATES = {"play": PlayState.PLAYING, "pause": PlayState.PAUSED}
_AT_ONCE = 500  # commands in one list: MPD takes no more than two megabytes


class MpdPlayer:
    """An MPD as a player; ``folder`` is its music folder on this machine, where that is known.

    A piece is found by where it lies in the folder, or else by artist and title; by MPD's own socket it plays any
    file that it may read.
    """

    name = "mpd"

    def __init__(
        self, address: str, *, password: str = "", folder: Path | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Take an MPD; nothing is asked yet. Raises ``SourceError`` for an address that is none."""
        self.server = MpdClient(address, password=password, timeout_s=timeout_s)
        self._folder = folder

    def play(self, queue: Sequence[PlaylistEntry], *, report: Report = unheard) -> list[PlaylistEntry]:
        """Play pieces in place of what was queued; returns those that MPD does not have."""
        with self.server.talk() as talk:
            found, missing = self._found(talk, queue, report)
            talk.ask("clear")
            _in_parts(talk, (("add", uri) for uri in found))
            talk.ask("play", 0)
        return missing

    def keep(self, name: str, queue: Sequence[PlaylistEntry], *, report: Report = unheard) -> list[PlaylistEntry]:
        """Keep pieces as one of MPD's own playlists, in place of one of the same name; returns those it lacks.

        Raises ``PlaylistError`` where it has none of them.
        """
        with self.server.talk() as talk:
            found, missing = self._found(talk, queue, report)
            known = [value for key, value in talk.ask("listplaylists") if key == "playlist"]
            if name in known:
                talk.ask("rm", name)
            _in_parts(talk, (("playlistadd", name, uri) for uri in found))
        return missing

    def keep_moods(self, tracks: Iterable[tuple[PlaylistEntry, Track]]) -> int:
        """Write what was heard in tracks onto MPD's songs, as stickers; returns onto how many.

        ``mood_valence`` and ``mood_arousal`` -1..1, ``mood_tempo_bpm``. Raises ``SourceError`` where MPD keeps none.
        """
        count = 0
        with self.server.talk() as talk:
            for entry, track in tracks:
                uri = self._uri(talk, entry)
                if uri is None or track.features is None or uri.startswith("/"):
                    continue
                heard = {"valence": track.features.valence, "arousal": track.features.arousal}
                heard["tempo_bpm"] = track.features.tempo_bpm
                for name, value in heard.items():
                    talk.ask("sticker", "set", "song", uri, f"mood_{name}", f"{value:.3f}")
                count += 1
        return count

    def pause(self) -> None:
        """Hold the piece that plays."""
        self.server.ask("pause", 1)

    def resume(self) -> None:
        """Go on, or begin again after a stop."""
        if self.now().state is PlayState.PAUSED:
            self.server.ask("pause", 0)
        else:
            self.server.ask("play")

    def skip(self) -> None:
        """Go to the next piece; after the last one MPD stops."""
        self.server.ask("next")

    def stop(self) -> None:
        """End, and keep the queue."""
        self.server.ask("stop")

    def now(self) -> NowPlaying:
        """What plays now."""
        with self.server.talk() as talk:
            said, piece = dict(talk.ask("status")), dict(talk.ask("currentsong"))
        song = said.get("song", "")
        return NowPlaying(
            state=_STATES.get(said.get("state", ""), PlayState.STOPPED),
            index=int(song) if song.isdecimal() else None,
            position_s=_seconds(said.get("elapsed")),
            title=piece.get("Title") or Path(piece.get("file", "")).stem,
            artist=piece.get("Artist", ""),
            duration_s=_seconds(piece.get("duration")),
        )

    def _found(
        self, talk: MpdConnection, queue: Sequence[PlaylistEntry], report: Report
    ) -> tuple[list[str], list[PlaylistEntry]]:
        """How MPD names the pieces that it has, and those that it has not."""
        uris: list[str | None] = []
        for entry in queue:
            report(len(uris))
            uris.append(self._uri(talk, entry))
        found = [uri for uri in uris if uri is not None]
        if not found:
            raise PlaylistError(f"{self.server.name} has none of these pieces; see that MPD knows the same music.")
        return found, [entry for entry, uri in zip(queue, uris, strict=True) if uri is None]

    def _uri(self, talk: MpdConnection, entry: PlaylistEntry) -> str | None:
        uris = [uri for uri in [self._within(talk, entry.location)] if uri is not None]
        filters = [f"(file == {_quoted(uri)})" for uri in uris]
        if entry.title and entry.artist:
            filters.append(f"((title == {_quoted(entry.title)}) AND (artist == {_quoted(entry.artist)}))")
        for wanted in filters:
            for name, value in talk.ask("find", wanted, "window", "0:1"):
                if name == "file":
                    return value
        if self.server.is_here and isinstance(entry.location, LocalFile) and entry.location.path.is_file():
            return str(entry.location)
        return None

    def _within(self, talk: MpdConnection, location: Location) -> str | None:
        """The path of a location in MPD's folder; None if it lies outside."""
        if isinstance(location, ServerFile):
            return str(location.path)
        if self._folder is None and self.server.is_here:
            try:
                said = dict(talk.ask("config")).get("music_directory", "")
            except MpdRefusedError:
                said = ""
            self._folder = Path(said) if said.startswith("/") else None
        if self._folder is None or not location.path.is_relative_to(self._folder):
            return None
        return location.path.relative_to(self._folder).as_posix()


def _in_parts(talk: MpdConnection, commands: Iterable[tuple[str, ...]]) -> None:
    waiting = list(commands)
    for first in range(0, len(waiting), _AT_ONCE):
        talk.ask_all(waiting[first : first + _AT_ONCE])


def _quoted(text: str) -> str:
    """A value within a filter, which is quoted itself once more."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _seconds(text: str | None) -> float:
    return float(text) if text and text.replace(".", "", 1).isdecimal() else 0.0
