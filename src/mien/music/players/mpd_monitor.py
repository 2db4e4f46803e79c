"""Stays beside an MPD while it plays: makes its pieces equally loud, and notices what is heard out, skipped and liked.

Whoever plays on it: the page is not needed, and any other program may press the buttons.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mien.errors import SourceError
from mien.music.players.levels import gain_db, turned
from mien.music.servers.mpd import MpdClient, MpdConnection, MpdRefusedError
from mien.types import Track

CHANNEL = "mien"
"""Where other programs say "like" or "never" of the piece that plays: ``mpc sendmessage mien like``."""

_END_S = 4.0  # a piece that was left so shortly before its end was heard out
_LOOKS_S = 5.0  # how often it is looked at, should it have nothing to say
_WAITS_S = (0.5, 10.0)  # before it is asked again, while it is away: at first, and at most


class PlaybackEventKind(StrEnum):
    """What became of a piece, or was said of it."""

    STARTED = "started"
    FINISHED = "heard out"
    SKIPPED = "skipped"
    LIKED = "liked"
    NEVER = "never again"


@dataclass(frozen=True, slots=True)
class PlaybackEvent:
    """Something that happened to a track, ``position_s`` seconds from its start."""

    track: Track
    what: PlaybackEventKind
    position_s: float


class MpdSong(NamedTuple):
    """A song as MPD tells of it: its name in MPD's folder, and its tags."""

    uri: str
    title: str
    artist: str
    duration_s: float


@dataclass(slots=True)
class _Playing:
    """The song that plays: who it is, if it is known, how far it was when it was last looked at, and what was said."""

    place: str
    song: MpdSong
    track: Track | None
    at_s: float
    seen_s: float
    running: bool
    said: PlaybackEventKind | None


class MpdMonitor:
    """Stays beside one MPD.

    ``find`` gives the library's track that a song is, if it is one; ``tell`` takes the news, ``say`` sentences for the
    person; ``level`` makes pieces equally loud by MPD's own volume. ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        server: MpdClient,
        *,
        find: Callable[[MpdSong], Track | None],
        tell: Callable[[PlaybackEvent], None],
        say: Callable[[str], None],
        level: bool = True,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._server = server
        self._find = find
        self._tell = tell
        self._say = say
        self._levels = level
        self._clock = clock
        self._sleep = sleep
        self._playing: _Playing | None = None
        self._wanted: float | None = None  # the volume that the person set, as for a piece of the reference loudness
        self._set: int | None = None  # the volume that was set here

    @property
    def track(self) -> Track | None:
        """The track that is playing or paused; None if there is none, or if it is unknown."""
        return self._playing.track if self._playing is not None else None

    def stay(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Stay until told otherwise, also where MPD ends and comes back; then its volume is the person's again.

        Raises ``SourceError`` where it is out of reach from the beginning, or says no.
        """
        wait_s = 0.0
        try:
            while not until():
                try:
                    with self._server.talk() as talk:
                        self._begin(talk, again=wait_s > 0)
                        wait_s = _WAITS_S[0]
                        while not until():
                            self._look(talk)
                            changed = talk.wait("player", "mixer", "sticker", "message", "options", seconds=_LOOKS_S)
                            self._hear(talk, changed)
                except MpdRefusedError:
                    raise
                except SourceError as error:
                    if not wait_s:
                        raise
                    if wait_s == _WAITS_S[0]:
                        self._say(f"{error} mien waits for it.")
                    self._sleep(wait_s)
                    wait_s = min(wait_s * 2, _WAITS_S[1])
        finally:
            with suppress(SourceError):
                self._leave()

    def _begin(self, talk: MpdConnection, *, again: bool) -> None:
        with suppress(MpdRefusedError):  # an MPD may be without channels
            talk.ask("subscribe", CHANNEL)
        if again:
            self._say(f"{self._server.name} is back.")
        self._set = None  # it may have come back with another volume
        if self._levels and dict(talk.ask("replay_gain_status")).get("replay_gain_mode", "off") != "off":
            self._levels = False
            self._say("MPD evens out loudness itself (replay gain), so its volume is left alone.")

    def _look(self, talk: MpdConnection) -> None:
        """See what plays now, and what that says of what played before."""
        status = dict(talk.ask("status"))
        now_s = self._clock()
        place, state = status.get("songid", ""), status.get("state", "stop")
        before = self._playing
        if state == "stop" or not place:
            if before is not None:
                self._end(before, now_s, stopped=True)
            self._playing = None
            return
        at_s = _number(status.get("elapsed"))
        song = _song(dict(talk.ask("currentsong")))
        if before is not None and (before.place, before.song.uri) == (place, song.uri) and not _again(before, at_s):
            before.at_s, before.seen_s, before.running = at_s, now_s, state == "play"
        else:
            if before is not None:
                # After a restart MPD counts anew: the same song is then no other.
                if before.song.uri != song.uri or before.place == place:
                    self._end(before, now_s, stopped=False)
                elif before.track is not None:
                    before.place, before.at_s, before.seen_s = place, at_s, now_s
                    return
            track = self._find(song)
            said = self._sticker(talk, song)
            self._playing = _Playing(place, song, track, at_s, now_s, state == "play", said)
            if track is not None:
                self._tell(PlaybackEvent(track, PlaybackEventKind.STARTED, at_s))
        self._level(talk, status)

    def _end(self, ended: _Playing, now_s: float, *, stopped: bool) -> None:
        """Say how a song ended; one that was stopped on the way says nothing of a taste."""
        if ended.track is None:
            return
        at_s = ended.at_s + (now_s - ended.seen_s if ended.running else 0.0)
        length_s = ended.song.duration_s or ended.track.duration_s
        if length_s and at_s >= length_s - _END_S:
            self._tell(PlaybackEvent(ended.track, PlaybackEventKind.FINISHED, length_s))
        elif not stopped:
            self._tell(PlaybackEvent(ended.track, PlaybackEventKind.SKIPPED, at_s))

    def _hear(self, talk: MpdConnection, changed: frozenset[str]) -> None:
        """Notice what other programs said of the song that plays."""
        playing = self._playing
        if "message" in changed:
            for name, value in talk.ask("readmessages"):
                if name == "message" and playing is not None and playing.track is not None:
                    self._told(talk, playing, playing.track, value.strip().lower())
        if "sticker" in changed and playing is not None and playing.track is not None:
            said = self._sticker(talk, playing.song)
            if said is not None and said is not playing.said:
                self._tell(PlaybackEvent(playing.track, said, playing.at_s))
            playing.said = said

    def _told(self, talk: MpdConnection, playing: _Playing, track: Track, word: str) -> None:
        if word == "like":
            self._tell(PlaybackEvent(track, PlaybackEventKind.LIKED, playing.at_s))
        elif word == "never":
            self._tell(PlaybackEvent(track, PlaybackEventKind.NEVER, playing.at_s))
            self._playing = None  # it is left for that reason, and not skipped besides
            talk.ask("next")

    def _sticker(self, talk: MpdConnection, song: MpdSong) -> PlaybackEventKind | None:
        """What the stickers say that other programs put onto songs: ``like`` 0, 1 or 2, and ``rating`` up to 10."""
        try:
            said = [value.partition("=") for _, value in talk.ask("sticker", "list", "song", song.uri)]
        except SourceError as error:
            if not isinstance(error, MpdRefusedError):
                raise
            return None  # it keeps none, or none for a song outside its folder
        stickers = {name: int(value) for name, _, value in said if value.isdecimal() and len(value) < 4}
        if stickers.get("like") == 2 or stickers.get("rating", 0) >= 8:
            return PlaybackEventKind.LIKED
        if stickers.get("like") == 0 or 0 < stickers.get("rating", 0) <= 2:
            return PlaybackEventKind.NEVER
        return None

    def _level(self, talk: MpdConnection, status: dict[str, str]) -> None:
        """Bring the volume to where the song is as loud as others; a volume that the person sets holds from then on."""
        playing = self._playing
        if not self._levels or playing is None:
            return
        volume = status.get("volume", "-1")
        if not volume.isdecimal():
            self._levels = False
            self._say('MPD has no volume to set; for one, give its output the mixer_type "software".')
            return
        heard = playing.track.features if playing.track is not None else None
        by_db = gain_db(heard.loudness_lufs) if heard is not None else 0.0
        if self._wanted is None:
            self._wanted = float(volume)
        elif self._set is not None and int(volume) != self._set:
            self._wanted = turned(float(volume), -by_db)
            self._set = int(volume)
            return
        wanted = round(turned(self._wanted, by_db))
        if wanted != int(volume):
            talk.ask("setvol", wanted)
        self._set = wanted

    def _leave(self) -> None:
        if self._levels and self._wanted is not None and self._set is not None:
            self._server.ask("setvol", round(self._wanted))


def _again(before: _Playing, at_s: float) -> bool:
    """Whether a song that played to its end began once more."""
    length_s = before.song.duration_s
    return (
        bool(length_s) and before.at_s > length_s - 2 * _LOOKS_S and at_s < _LOOKS_S and before.at_s > at_s + _LOOKS_S
    )


def _song(said: dict[str, str]) -> MpdSong:
    return MpdSong(said.get("file", ""), said.get("Title", ""), said.get("Artist", ""), _number(said.get("duration")))


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0.0
    return number if 0 <= number < 1e7 else 0.0
