"""The player for MPD, which has its own loudspeakers: a station becomes its queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from mien.errors import PlaylistError, SourceError
from mien.music.location import LocalFile, Location, ServerFile
from mien.music.players.mpd_monitor import MpdMonitor
from mien.music.players.player import NowPlaying, PlaybackEvent, PlayedSong, PlayState
from mien.music.playlists.playlist import Playlist, PlaylistEntry, ProgressReport, ignore_progress
from mien.music.servers.mpd import OPTIONS, TIMEOUT_S, MpdClient, MpdConnection
from mien.music.servers.server import ServerInfo
from mien.types import Track

_STATES = {"play": PlayState.PLAYING, "pause": PlayState.PAUSED}
_SONGS_PER_ANSWER = 2000
_EVERY_SONG = "(modified-since '1970-01-01T00:00:00Z')"
_COMMANDS_PER_LIST = 500  # MPD takes at most two megabytes at once


class MpdPlayer:
    """An MPD as a player.

    A piece is found by its path in MPD's music folder, or else by artist and title. Connected by its local socket, MPD
    also plays files outside its folder that it may read.
    """

    name = "mpd"
    options: ClassVar = OPTIONS

    def __init__(
        self,
        address: str,
        *,
        password: str = "",
        name: str = "mpd",
        folder: Path | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Take the connection; nothing is asked yet.

        Args:
            address: See ``MpdClient``.
            password: MPD's password, empty if it has none.
            name: What the user calls the server.
            folder: MPD's music folder as this computer sees it.
            timeout_s: How long MPD may be silent, in seconds.

        Raises:
            SourceError: The address is invalid.
        """
        self.name = name
        self.client = MpdClient(address, password=password, name=name, timeout_s=timeout_s)
        self._folder = folder

    def sign_in(self) -> ServerInfo:
        """Connect, and return MPD's protocol version."""
        with self.client.connection() as connection:
            connection.ask("status")
            return ServerInfo(f"MPD {connection.version}")

    def play(self, queue: Sequence[PlaylistEntry], *, report: ProgressReport = ignore_progress) -> list[PlaylistEntry]:
        """Replace MPD's queue and play it: see ``Player.play``."""
        with self.client.connection() as connection:
            found, missing = self._find_all(connection, queue, report)
            connection.ask("clear")
            _ask_in_batches(connection, (("add", uri) for uri in found))
            connection.ask("play", 0)
        return missing

    def playable(self, entries: Sequence[PlaylistEntry]) -> list[bool]:
        """Whether MPD has each piece in its database, or may read its file: see ``KnowsItsMusic``."""
        with self.client.connection() as connection:
            songs = _all_songs(connection)
        uris = {song["file"] for song in songs}
        names = {(song["Title"], song["Artist"]) for song in songs if "Title" in song and "Artist" in song}
        return [
            self._path_in_folder(entry.location) in uris
            or (entry.title, entry.artist) in names
            or self._readable_file(entry.location) is not None
            for entry in entries
        ]

    def now(self) -> NowPlaying:
        """What is playing."""
        with self.client.connection() as connection:
            status, song = dict(connection.ask("status")), dict(connection.ask("currentsong"))
        index = status.get("song", "")
        return NowPlaying(
            state=_STATES.get(status.get("state", ""), PlayState.STOPPED),
            index=int(index) if index.isdecimal() else None,
            position_s=_seconds(status.get("elapsed")),
            title=song.get("Title") or Path(song.get("file", "")).stem,
            artist=song.get("Artist", ""),
            duration_s=_seconds(song.get("duration")),
        )

    def store_playlist(self, playlist: Playlist, *, report: ProgressReport = ignore_progress) -> list[PlaylistEntry]:
        """Store a playlist as one of MPD's own: see ``StoresPlaylists``."""
        with self.client.connection() as connection:
            found, missing = self._find_all(connection, playlist.entries, report)
            existing = [value for key, value in connection.ask("listplaylists") if key == "playlist"]
            if playlist.name in existing:
                connection.ask("rm", playlist.name)
            _ask_in_batches(connection, (("playlistadd", playlist.name, uri) for uri in found))
        return missing

    def store_moods(self, tracks: Iterable[tuple[PlaylistEntry, Track]]) -> int:
        """Store moods as the stickers ``mood_valence``, ``mood_arousal`` (-1..1) and ``mood_tempo_bpm``.

        Args:
            tracks: See ``StoresMoods``.

        Returns:
            The number of songs that MPD has.

        Raises:
            SourceError: MPD is out of reach, or has no sticker database.
        """
        count = 0
        with self.client.connection() as connection:
            for entry, track in tracks:
                uri = self._find(connection, entry)
                if uri is None or track.features is None or uri.startswith("/"):
                    continue
                stickers = {
                    "mood_valence": track.features.valence,
                    "mood_arousal": track.features.arousal,
                    "mood_tempo_bpm": track.features.tempo_bpm,
                }
                for name, value in stickers.items():
                    connection.ask("sticker", "set", "song", uri, name, f"{value:.3f}")
                count += 1
        return count

    def follow_playback(
        self,
        *,
        find_track: Callable[[PlayedSong], Track | None],
        on_event: Callable[[PlaybackEvent], None],
        on_notice: Callable[[str | SourceError], None],
        level: bool = True,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Report what any program plays on this MPD.

        Args:
            find_track: See ``FollowsPlayback``, as for the others.
            on_event: Called with what happens to known tracks.
            on_notice: Called with sentences for the user, and with the error if MPD has to be waited for.
            level: Whether to set MPD's volume.
            until: Ends the loop when it returns true.

        Raises:
            SourceError: MPD is out of reach from the start, or refuses.
        """
        monitor = MpdMonitor(self.client, find_track=find_track, on_event=on_event, on_notice=on_notice, level=level)
        monitor.run(until=until)

    def _find_all(
        self, connection: MpdConnection, queue: Sequence[PlaylistEntry], report: ProgressReport
    ) -> tuple[list[str], list[PlaylistEntry]]:
        """MPD's names of the pieces that it has, and the entries that it does not have."""
        uris: list[str | None] = []
        for entry in queue:
            report(len(uris))
            uris.append(self._find(connection, entry))
        found = [uri for uri in uris if uri is not None]
        if not found:
            raise PlaylistError("has none of these pieces", "check that it has the same music", subject=self.name)
        return found, [entry for entry, uri in zip(queue, uris, strict=True) if uri is None]

    def _find(self, connection: MpdConnection, entry: PlaylistEntry) -> str | None:
        """MPD's name of a piece; None if it does not have it."""
        uri = self._path_in_folder(entry.location)
        filters = [] if uri is None else [f"(file == {_quoted(uri)})"]
        if entry.title and entry.artist:
            filters.append(f"((title == {_quoted(entry.title)}) AND (artist == {_quoted(entry.artist)}))")
        for expression in filters:
            for name, value in connection.ask("find", expression, "window", "0:1"):
                if name == "file":
                    return value
        return self._readable_file(entry.location)

    def _readable_file(self, location: Location) -> str | None:
        """The path of a file outside MPD's folder that MPD can be told to play; None if there is none."""
        match location:
            case LocalFile(path) if self.client.is_local and path.is_file():
                return str(path)
        return None

    def _path_in_folder(self, location: Location) -> str | None:
        """The path of a location in MPD's folder; None if it is outside."""
        if isinstance(location, ServerFile):
            return str(location.path)
        if self._folder is None:
            self._folder = self.client.music_folder()
        if self._folder is None or not location.path.is_relative_to(self._folder):
            return None
        return location.path.relative_to(self._folder).as_posix()


def _all_songs(connection: MpdConnection) -> list[dict[str, str]]:
    """Every song of MPD's database with its tags, in parts that MPD's output buffer holds."""
    songs: list[dict[str, str]] = []
    while True:
        window = f"{len(songs)}:{len(songs) + _SONGS_PER_ANSWER}"
        found: list[dict[str, str]] = []
        for name, value in connection.ask("find", _EVERY_SONG, "window", window):
            if name == "file":
                found.append({"file": value})
            elif found:
                found[-1].setdefault(name, value)
        songs += found
        if len(found) < _SONGS_PER_ANSWER:
            return songs


def _ask_in_batches(connection: MpdConnection, commands: Iterable[tuple[str, ...]]) -> None:
    pending = list(commands)
    for first in range(0, len(pending), _COMMANDS_PER_LIST):
        connection.ask_all(pending[first : first + _COMMANDS_PER_LIST])


def _quoted(text: str) -> str:
    """A value in a filter expression, which is itself quoted again as an argument."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _seconds(text: str | None) -> float:
    return float(text) if text and text.replace(".", "", 1).isdecimal() else 0.0
