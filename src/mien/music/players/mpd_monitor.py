"""Monitors what an MPD plays: makes pieces equally loud, and reports what is finished, skipped and rated.

The music may be started and controlled by any program; the page is not needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from mien.errors import SourceError
from mien.music.players.levels import adjusted_volume, gain_db
from mien.music.players.player import PlaybackEvent, PlaybackEventKind, PlayedSong
from mien.music.servers.mpd import MpdClient, MpdConnection, MpdRefusedError
from mien.types import Track

CHANNEL = "mien"
"""The channel on which other programs rate the current piece: ``mpc sendmessage mien like``, or ``never``."""

_END_TOLERANCE_S = 4.0  # a piece left this shortly before its end counts as finished
_POLL_S = 5.0  # how often the status is read if MPD reports no change
_RECONNECT_S = (0.5, 10.0)  # the first and the longest wait before connecting again


@dataclass(slots=True)
class _CurrentSong:
    """The current song, as of the last status."""

    song_id: str
    song: PlayedSong
    track: Track | None
    position_s: float
    seen_s: float  # of the monitor's clock
    running: bool
    rating: PlaybackEventKind | None


class MpdMonitor:
    """Reports the events of one MPD, and sets its volume so that all pieces are equally loud."""

    def __init__(
        self,
        client: MpdClient,
        *,
        find_track: Callable[[PlayedSong], Track | None],
        on_event: Callable[[PlaybackEvent], None],
        on_notice: Callable[[str | SourceError], None],
        level: bool = True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take what to monitor; nothing happens before ``run``.

        Args:
            client: The MPD.
            find_track: Returns the library's track of a song, None if there is none.
            on_event: Called with what happens to known tracks.
            on_notice: Called with sentences for the user, and with the error if MPD has to be waited for.
            level: Whether to set MPD's volume.
            clock: Monotonic, in seconds.
            sleep: Waits for a number of seconds.
        """
        self._client = client
        self._find_track = find_track
        self._on_event = on_event
        self._on_notice = on_notice
        self._levels = level
        self._clock = clock
        self._sleep = sleep
        self._current: _CurrentSong | None = None
        self._user_volume: float | None = None  # the user's own volume, as for a piece of the reference loudness
        self._set_volume: int | None = None  # the volume that was set here

    @property
    def track(self) -> Track | None:
        """The track that is playing or paused; None if there is none, or if it is unknown."""
        return self._current.track if self._current is not None else None

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Monitor until ``until`` returns true, also across restarts of MPD; restore the user's volume at the end.

        Raises:
            SourceError: MPD is out of reach from the start, or refuses.
        """
        wait_s = 0.0
        try:
            while not until():
                try:
                    with self._client.connection() as connection:
                        self._begin(connection, reconnected=wait_s > 0)
                        wait_s = _RECONNECT_S[0]
                        while not until():
                            self._update(connection)
                            changed = connection.wait(
                                "player", "mixer", "sticker", "message", "options", seconds=_POLL_S
                            )
                            self._read_ratings(connection, changed)
                except MpdRefusedError:
                    raise
                except SourceError as error:
                    if not wait_s:
                        raise
                    if wait_s == _RECONNECT_S[0]:
                        self._on_notice(error)
                    self._sleep(wait_s)
                    wait_s = min(wait_s * 2, _RECONNECT_S[1])
        finally:
            with suppress(SourceError):
                self._restore_volume()

    def _begin(self, connection: MpdConnection, *, reconnected: bool) -> None:
        with suppress(MpdRefusedError):  # an MPD may have no channels
            connection.ask("subscribe", CHANNEL)
        if reconnected:
            self._on_notice(f"{self._client.name} is back.")
        self._set_volume = None  # a restarted MPD may have another volume
        if self._levels and dict(connection.ask("replay_gain_status")).get("replay_gain_mode", "off") != "off":
            self._levels = False
            self._on_notice("MPD evens out loudness itself (replay gain), so its volume is left alone.")

    def _update(self, connection: MpdConnection) -> None:
        """Read the status, and report what it means for the previous song."""
        status = dict(connection.ask("status"))
        now_s = self._clock()
        song_id, state = status.get("songid", ""), status.get("state", "stop")
        previous = self._current
        if state == "stop" or not song_id:
            if previous is not None:
                self._report_end(previous, now_s, stopped=True)
            self._current = None
            return
        position_s = _number(status.get("elapsed"))
        song = _song(dict(connection.ask("currentsong")))
        same = previous is not None and (previous.song_id, previous.song.uri) == (song_id, song.uri)
        if previous is not None and same and not _repeated(previous, position_s):
            previous.position_s, previous.seen_s, previous.running = position_s, now_s, state == "play"
        else:
            if previous is not None:
                # A restarted MPD numbers its songs anew: the same song under another id is still the same.
                if previous.song.uri != song.uri or previous.song_id == song_id:
                    self._report_end(previous, now_s, stopped=False)
                elif previous.track is not None:
                    previous.song_id, previous.position_s, previous.seen_s = song_id, position_s, now_s
                    return
            track = self._find_track(song)
            rating = self._rating(connection, song)
            self._current = _CurrentSong(song_id, song, track, position_s, now_s, state == "play", rating)
            if track is not None:
                self._on_event(PlaybackEvent(track, PlaybackEventKind.STARTED, position_s))
        self._level(connection, status)

    def _report_end(self, ended: _CurrentSong, now_s: float, *, stopped: bool) -> None:
        """Report how a song ended; stopping it early says nothing about taste."""
        if ended.track is None:
            return
        position_s = ended.position_s + (now_s - ended.seen_s if ended.running else 0.0)
        duration_s = ended.song.duration_s or ended.track.duration_s
        if duration_s and position_s >= duration_s - _END_TOLERANCE_S:
            self._on_event(PlaybackEvent(ended.track, PlaybackEventKind.FINISHED, duration_s))
        elif not stopped:
            self._on_event(PlaybackEvent(ended.track, PlaybackEventKind.SKIPPED, position_s))

    def _read_ratings(self, connection: MpdConnection, changed: frozenset[str]) -> None:
        """Report how other programs rated the current song."""
        current = self._current
        if "message" in changed:
            for name, value in connection.ask("readmessages"):
                if name == "message" and current is not None and current.track is not None:
                    self._read_message(connection, current, current.track, value.strip().lower())
        if "sticker" in changed and current is not None and current.track is not None:
            rating = self._rating(connection, current.song)
            if rating is not None and rating is not current.rating:
                self._on_event(PlaybackEvent(current.track, rating, current.position_s))
            current.rating = rating

    def _read_message(self, connection: MpdConnection, current: _CurrentSong, track: Track, message: str) -> None:
        if message == "like":
            self._on_event(PlaybackEvent(track, PlaybackEventKind.LIKED, current.position_s))
        elif message == "never":
            self._on_event(PlaybackEvent(track, PlaybackEventKind.NEVER, current.position_s))
            self._current = None  # so that leaving it is not reported as a skip too
            connection.ask("next")

    def _rating(self, connection: MpdConnection, song: PlayedSong) -> PlaybackEventKind | None:
        """The rating in a song's stickers, by the convention of other programs: ``like`` 0..2, ``rating`` 0..10."""
        try:
            pairs = [value.partition("=") for _, value in connection.ask("sticker", "list", "song", song.uri)]
        except MpdRefusedError:
            return None  # no sticker database, or a song outside the folder
        stickers = {name: int(value) for name, _, value in pairs if value.isdecimal() and len(value) < 4}
        if stickers.get("like") == 2 or stickers.get("rating", 0) >= 8:
            return PlaybackEventKind.LIKED
        if stickers.get("like") == 0 or 0 < stickers.get("rating", 0) <= 2:
            return PlaybackEventKind.NEVER
        return None

    def _level(self, connection: MpdConnection, status: dict[str, str]) -> None:
        """Set the volume for the current song; if the user changed it, the new volume is the base from then on."""
        current = self._current
        if not self._levels or current is None:
            return
        volume = status.get("volume", "-1")
        if not volume.isdecimal():
            self._levels = False
            self._on_notice('MPD has no volume to set; for one, give its output the mixer_type "software".')
            return
        features = current.track.features if current.track is not None else None
        by_db = gain_db(features.loudness_lufs) if features is not None else 0.0
        if self._user_volume is None:
            self._user_volume = float(volume)
        elif self._set_volume is not None and int(volume) != self._set_volume:
            self._user_volume = adjusted_volume(float(volume), -by_db)
            self._set_volume = int(volume)
            return
        target = round(adjusted_volume(self._user_volume, by_db))
        if target != int(volume):
            connection.ask("setvol", target)
        self._set_volume = target

    def _restore_volume(self) -> None:
        if self._levels and self._user_volume is not None and self._set_volume is not None:
            self._client.ask("setvol", round(self._user_volume))


def _repeated(previous: _CurrentSong, position_s: float) -> bool:
    """Whether a song that had reached its end started again."""
    duration_s = previous.song.duration_s
    return (
        bool(duration_s)
        and previous.position_s > duration_s - 2 * _POLL_S
        and position_s < _POLL_S
        and previous.position_s > position_s + _POLL_S
    )


def _song(fields: dict[str, str]) -> PlayedSong:
    return PlayedSong(
        fields.get("file", ""), fields.get("Title", ""), fields.get("Artist", ""), _number(fields.get("duration"))
    )


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e7 else 0.0
