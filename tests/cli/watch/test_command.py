"""``mien watch``: a video instead of a camera, in a pseudo-terminal; and cameras that come and go."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from threading import Thread

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from mien.cli.watch.command import MusicChooser
from mien.cli.watch.frames import RETRY_S, SHOWN_S, camera_frames, paced
from mien.cli.watch.now_playing import PlayerStatus
from mien.cli.watch.view import WatchState
from mien.errors import CameraError
from mien.live.reader import LiveResult
from mien.mood.circumplex import region_of
from mien.mood.music_mood import MusicMood
from mien.music.connections import Connection, Connections
from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent
from mien.music.players.player import PlayState
from mien.music.servers.mpd import MpdClient
from mien.types import Emotion, Frame, Hint, Mood, Pick, Reason, ReasonKind
from tests.fakes import FakeClock, reading, track
from tests.servers import MpdServer
from tests.waiting import HANG_S, wait_until

MAIN = [sys.executable, "-c", "from mien.cli import main; main()"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, smiling_person: NDArray[np.uint8]) -> Path:
    """Thirty seconds of a smiling person, at two frames per second."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    face = cv2.resize(smiling_person[:260, 90:350], (240, 240))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(2))
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 240, 240, "yuv420p", 1_000_000
        for _ in range(60):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(face, format="rgb24")))
        container.mux(stream.encode())
    return path


class Terminal:
    """A process on a terminal; ``drawn`` is what it has written so far, and ``seen`` the same in plain letters."""

    def __init__(self, arguments: list[str], environment: dict[str, str], *, kind: str = "xterm-256color") -> None:
        import pty

        self._ours, self._theirs = pty.openpty()
        self.drawn = self.seen = ""
        self._closed = False
        self.process = subprocess.Popen(
            [*MAIN, *arguments],
            env=environment | {"TERM": kind, "COLUMNS": "100", "LINES": "30", "PYTHONIOENCODING": "utf-8"},
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
        )
        self._listener = Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        data = b""
        while True:
            try:
                piece = os.read(self._ours, 4096)
            except OSError:  # the other end is closed
                return
            data += piece
            self.drawn = data.decode("utf-8", "replace")
            self.seen = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", self.drawn)

    def wait_for(self, words: str) -> None:
        wait_until(lambda: words in self.seen or self.process.poll() is not None, lambda: self.seen[-3000:])
        assert words in self.seen, self.seen[-3000:]

    def press(self, key: bytes) -> None:
        os.write(self._ours, key)

    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as a shell leaves it."""
        import termios

        return bool(termios.tcgetattr(self._theirs)[3] & termios.ECHO)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._theirs)
        self._listener.join(timeout=HANG_S)
        os.close(self._ours)


@pytest.fixture
def on_terminal(environment: dict[str, str]) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def run(*arguments: str | Path, kind: str = "xterm-256color") -> Terminal:
        opened.append(Terminal(["watch", *map(str, arguments)], environment, kind=kind))
        return opened[-1]

    yield run
    for terminal in opened:
        terminal.close()


@posix
def test_a_video_is_shown_until_q(on_terminal, film: Path) -> None:
    terminal = on_terminal("--video", film)
    terminal.wait_for("happy")
    terminal.wait_for("would play")
    for words in ("1 face", "film.mp4", "nothing that mien knows of", "excited", "calm", "then", "q ends", "█████"):
        assert words in terminal.seen
    assert not terminal.echoes()
    terminal.press(b"q")
    assert terminal.process.wait(timeout=HANG_S) == 0
    assert terminal.echoes(), "the terminal is left as it was"


@posix
def test_song_and_suggestions_are_shown_apart(on_terminal, film: Path, home: Path, mpd_server: MpdServer) -> None:
    with Library.open(home / "library.sqlite3") as library:
        longest = max(library.tracks(), key=lambda one: one.duration_s)
        library.record_play(longest.id, PlayEvent.STARTED, position_s=0, at=datetime.now(UTC))
    Connections.open(home, portable=True).put(Connection("hifi", "mpd", mpd_server.address), secret="")
    mpd = MpdClient(mpd_server.address)
    mpd.ask("clear")
    terminal = on_terminal("--video", film)
    terminal.wait_for("would play")
    terminal.wait_for(f"playing     {longest.title}")
    assert re.search(r"began \d:\d\d ago", terminal.seen)
    mpd.ask("add", "apple.m4a")
    mpd.ask("repeat", 1)
    try:
        mpd.ask("play")
        terminal.wait_for("playing     Apple · Ann Example  0:0")
        terminal.wait_for("of 0:03 on hifi")
    finally:
        mpd.ask("repeat", 0)
        mpd.ask("clear")


@posix
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_signals_restore_the_terminal(on_terminal, film: Path, ending: signal.Signals) -> None:
    terminal = on_terminal("--video", film)
    terminal.wait_for("q ends")
    terminal.process.send_signal(ending)
    assert terminal.process.wait(timeout=HANG_S) == 0
    assert terminal.echoes()
    terminal.close()
    assert "Traceback" not in terminal.seen
    assert terminal.drawn.rfind("\x1b[?1049l") > terminal.drawn.rfind("\x1b[?1049h") > -1, "the shell's screen is back"


@posix
def test_a_dumb_terminal_gets_lines(on_terminal, film: Path) -> None:
    terminal = on_terminal("--video", film, kind="dumb")
    terminal.wait_for("happy")
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(timeout=HANG_S) == 0
    assert terminal.echoes()
    terminal.close()
    assert "1 face" in terminal.seen
    assert "\x1b" not in terminal.drawn


@posix
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--camera", "97"), r"Error: (there is no camera 97; plug one in|camera 97 cannot be opened; close)"),
        (("--video", "missing.mp4"), r"Error: missing\.mp4 cannot be opened: no such file"),
    ],
)
def test_an_unreadable_source_is_an_error(on_terminal, arguments: tuple[str, ...], words: str) -> None:
    terminal = on_terminal(*arguments)
    assert terminal.process.wait(timeout=HANG_S) == 1
    wait_until(lambda: re.search(words, terminal.seen), lambda: terminal.seen)
    assert "Traceback" not in terminal.seen
    assert terminal.echoes()


def test_without_a_terminal_it_is_refused(command, film: Path) -> None:
    result = command("watch", "--video", film)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Error: mien watch needs a terminal; for rows in a file use mien faces.\n"


def frame(time_s: float) -> Frame:
    return Frame(np.zeros((8, 8, 3), np.uint8), 0, time_s)


class Camera:
    """Opens as often as it is asked; each time it gives so many frames, and then the error of one that is lost."""

    def __init__(self, *counts: int) -> None:
        self.counts = list(counts)

    @contextmanager
    def open(self) -> Iterator[Iterable[Frame]]:
        count = self.counts.pop(0)
        if count == 0:
            raise CameraError("there is no camera 0", "plug one in")
        yield self.frames(count)

    def frames(self, count: int) -> Iterator[Frame]:
        yield from map(frame, range(count))
        raise CameraError("camera 0 stopped", "plug it in again")


def test_a_camera_that_is_unplugged_and_plugged_in_again() -> None:
    waits: list[float] = []
    frames = camera_frames(Camera(2, 0, 1).open, wait=waits.append)
    seen = [next(frames) for _ in range(6)]
    assert [str(item) if isinstance(item, CameraError) else "frame" for item in seen] == [
        *("frame", "frame", "camera 0 stopped; plug it in again."),
        *("there is no camera 0; plug one in.", "frame", "camera 0 stopped; plug it in again."),
    ]
    assert waits == [RETRY_S] * 2


def test_a_camera_that_was_never_there_is_an_error() -> None:
    with pytest.raises(CameraError, match="there is no camera 0"):
        next(camera_frames(Camera(0).open, wait=lambda _: None))


class Cinema:
    """Shows films that take no time to decode, or ``decode_s`` for each frame; keeps when each was shown."""

    def __init__(self, *, decode_s: float = 0.0) -> None:
        self.clock = FakeClock()
        self.decode_s = decode_s
        self.looks = 0
        self.shown: list[tuple[float, float]] = []

    def show(self, times_s: Iterable[float]) -> Iterator[int]:
        """Count the frames shown."""
        for one in paced(self.decode(times_s), clock=self.clock, wait=self.wait):
            self.shown.append((one.time_s, self.clock.at_s - 100))
            yield len(self.shown)

    def decode(self, times_s: Iterable[float]) -> Iterator[Frame]:
        for time_s in times_s:
            self.clock.at_s += self.decode_s
            yield frame(time_s)

    def wait(self, duration_s: float) -> None:
        assert duration_s >= 0
        self.looks += 1
        self.clock.at_s += duration_s


def test_a_video_keeps_its_pace_and_drops_late_frames() -> None:
    cinema = Cinema()
    for count in cinema.show(np.arange(5, 7, 0.1)):
        if count == 3:
            cinema.clock.at_s += 1.05  # a slow one
    times_s = [time_s for time_s, _ in cinema.shown]
    assert times_s == pytest.approx([5.0, 5.1, 5.2, 6.2, 6.3, 6.4, 6.5, 6.6, 6.7, 6.8, 6.9])
    assert all(at_s == pytest.approx(time_s - 5, abs=0.11) for time_s, at_s in cinema.shown)


@pytest.mark.parametrize("jump_s", [-7.0, 3600.0])
def test_a_video_whose_clock_jumps_continues_at_once(jump_s: float) -> None:
    first = np.arange(0, 10, 0.1)
    cinema = Cinema()
    assert len(list(cinema.show([*first, *(first + 9.9 + jump_s)]))) == 200
    assert cinema.clock.at_s - 100 == pytest.approx(19.8)


def test_a_video_that_decodes_too_slowly_is_shown_slowly_and_can_be_ended() -> None:
    cinema = Cinema(decode_s=0.15)
    assert len(list(cinema.show(np.arange(0, 10, 1 / 30)))) >= 50
    seen_s = [at_s for _, at_s in cinema.shown]
    assert max(np.diff(seen_s)) < SHOWN_S + 0.2
    assert cinema.looks == 300, "q is looked for at every frame"


def live(valence: float, arousal: float, *, hint: Hint | None = None) -> LiveResult:
    mood = Mood(valence, arousal)
    music = MusicMood(mood, mood, settled=True, held_s=9.0, away_s=0.0)
    return LiveResult(0.0, (reading(Emotion.HAPPY),), 1, mood, region_of(mood), mood, hint, skipped=False, music=music)


def test_suggestions_change_with_the_mood_that_music_follows() -> None:
    tracks = [track(f"{v}{a}", valence=v / 5, arousal=a / 5) for v in range(-5, 6) for a in range(-5, 6)]
    dj = MusicChooser(tracks)
    bright = dj.picks(live(0.7, 0.6))
    assert bright[0].track.features is not None
    assert bright[0].track.features.valence > 0
    assert dj.picks(live(0.6, 0.5)) is bright
    low = dj.picks(live(-0.7, -0.6))
    assert low is not bright
    unsettled = live(0.7, 0.6)
    assert unsettled.music is not None
    assert dj.picks(replace(unsettled, music=replace(unsettled.music, settled=False))) is low
    nobody = LiveResult(0.0, (), None, None, None, None, Hint.NO_FACE, skipped=False)
    assert dj.picks(nobody) is low
    unwanted = frozenset(pick.track.id for pick in low)
    assert not unwanted & {pick.track.id for pick in MusicChooser(tracks, never=unwanted).picks(live(-0.7, -0.6))}


def drawn(scene: WatchState, *, width: int = 100, height: int = 40, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    Console(file=file, width=width, height=height, markup=False, highlight=False).print(scene)
    file.flush()
    return file.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]


def test_the_view_shows_what_is_known() -> None:
    pick = Pick(track("one\x1b[31m"), 1.0, 1.0, (Reason(ReasonKind.VALENCE, 0.5), Reason(ReasonKind.TEMPO, 96.0)))
    shown = drawn(WatchState("camera 0", live(0.7, 0.6, hint=Hint.TOO_DARK), (pick,), 28.6))
    for words in ("1 face, 29 frames/s, camera 0", "turn towards the light", "94%", "bright, 96 bpm", "●"):
        assert words in shown
    assert "\x1b[31m" not in shown
    assert "not sure" in drawn(WatchState("camera 0"))


def test_a_frozen_view_says_why() -> None:
    shown = drawn(WatchState("camera 0", live(0.7, 0.6), trouble="camera 0 stopped; plug it in again"))
    assert "frozen" in shown
    assert "camera 0 stopped; plug it in again." in shown


@pytest.mark.parametrize(("width", "height"), [(60, 20), (80, 24), (120, 40), (44, 34), (60, 15), (60, 12)])
def test_rows_keep_their_places_and_words_stay_whole(width: int, height: int) -> None:
    reasons = (
        *(Reason(ReasonKind.AROUSAL, 0.8), Reason(ReasonKind.VALENCE, 0.7), Reason(ReasonKind.TEMPO, 168.0)),
        *(Reason(ReasonKind.SAME_KEY), Reason(ReasonKind.MOOD_FIT, 0.3)),
    )
    pick = Pick(track("one"), 1.0, 1.0, reasons)
    now = PlayerStatus(PlayState.PLAYING, "A Song with a Name", "Somebody", "1:23 of 3:45 on hifi")
    bare = WatchState("camera 0")
    full = WatchState("a-film.mp4", live(0.7, 0.6, hint=Hint.TOO_DARK), (pick,) * 4, 28.6, playing=now)
    rows = [drawn(scene, width=width, height=height).splitlines() for scene in (bare, full)]
    assert len(rows[0]) == len(rows[1]) <= height
    for words in ("playing  ", "q ends"):
        assert [words in row for row in rows[0]].index(True) == [words in row for row in rows[1]].index(True)
    assert "…" not in "".join(rows[1])
    known = ["lively and bright", "168 bpm", "same key as the previous track", "close to your mood"]
    for row in rows[1]:
        if row.startswith(("would play", "then")) and "  l" in row:
            said = row.rpartition("  ")[2].rstrip().split(", ")
            assert said == known[: len(said)]


@pytest.mark.parametrize("width", [20, 50, 80, 200])
@pytest.mark.parametrize(("valence", "arousal"), [(-1, -1), (1, 1), (0, 0), (-1, 1)])
def test_it_fits_any_terminal(width: int, valence: float, arousal: float) -> None:
    shown = drawn(WatchState("camera 0", live(valence, arousal)), width=width)
    assert max(map(len, shown.splitlines())) <= width
    assert drawn(WatchState("camera 0", live(valence, arousal)), width=width, encoding="ascii").isascii()
