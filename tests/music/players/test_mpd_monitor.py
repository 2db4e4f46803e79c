"""Monitoring a real MPD: other programs skip, rate and change the volume, and MPD restarts."""

import math
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import SourceError
from mien.music.players.levels import adjusted_volume
from mien.music.players.mpd_monitor import MpdMonitor
from mien.music.players.player import PlaybackEventKind
from mien.music.servers.mpd import MpdClient
from tests.fakes import track
from tests.servers import running_mpd, write_sound
from tests.waiting import HANG_S, wait_until

LOUDNESS = {"loud.flac": -8.0, "plain.flac": -18.0, "quiet.flac": -22.0}
LENGTH_S = 180.0  # longer than the slowest machine takes for a test


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where an MPD lives that is started again: its home, its songs, and a folder for its socket."""
    music = tmp_path_factory.mktemp("beside-music")
    for name in LOUDNESS:
        write_sound(music / name, seconds=LENGTH_S, codec="flac", rate=8000, title=name)
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="mien-") as short:
        yield tmp_path_factory.mktemp("beside-mpd"), music, Path(short)


class RunningMonitor:
    """A monitor of an MPD in a thread, with all its events and notices."""

    def __init__(self, address, **options):
        self.events, self.notices = [], []
        self._leaving = threading.Event()
        self.monitor = MpdMonitor(
            MpdClient(address, timeout_s=HANG_S),
            find_track=lambda song: analysed(song.uri),
            on_event=lambda event: self.events.append((event.kind, event.track.title)),
            on_notice=self.notices.append,
            sleep=lambda _: time.sleep(0.1),
            **options,
        )
        self._thread = threading.Thread(target=self.monitor.run, kwargs={"until": self._leaving.is_set}, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.leave()

    def leave(self):
        self._leaving.set()
        self._thread.join(HANG_S)
        assert not self._thread.is_alive()


def analysed(uri):
    found = track(uri)
    return replace(found, title=uri, features=replace(found.features, loudness_lufs=LOUDNESS[uri]))


def volume(mpd):
    return int(dict(mpd.ask("status"))["volume"])


def expected(base, gain_db):
    return pytest.approx(adjusted_volume(base, gain_db), abs=1)


def test_tracks_are_levelled_and_changes_by_other_clients_are_noticed(place):
    with ExitStack() as stack:
        server = stack.enter_context(running_mpd(*place))
        mpd = MpdClient(server.address)
        mpd.ask("setvol", 60)
        monitor = stack.enter_context(RunningMonitor(server.address))
        for name in LOUDNESS:
            mpd.ask("add", name)
        mpd.ask("play", 0)
        wait_until(lambda: monitor.events == [(PlaybackEventKind.STARTED, "loud.flac")])
        wait_until(lambda: volume(mpd) == expected(60, -10))

        mpd.ask("next")
        wait_until(
            lambda: (
                monitor.events[1:]
                == [(PlaybackEventKind.SKIPPED, "loud.flac"), (PlaybackEventKind.STARTED, "plain.flac")]
            )
        )
        wait_until(lambda: volume(mpd) == 60)
        mpd.ask("setvol", 80)  # a person turns it up
        mpd.ask("sendmessage", "mien", "like")
        wait_until(lambda: monitor.events[3:] == [(PlaybackEventKind.LIKED, "plain.flac")])
        mpd.ask("sticker", "set", "song", "plain.flac", "rating", 2)
        wait_until(lambda: monitor.events[4:] == [(PlaybackEventKind.NEVER, "plain.flac")])

        mpd.ask("seekcur", LENGTH_S - 1.5)
        wait_until(lambda: len(monitor.events) == 7)
        assert monitor.events[5:] == [
            (PlaybackEventKind.FINISHED, "plain.flac"),
            (PlaybackEventKind.STARTED, "quiet.flac"),
        ]
        wait_until(lambda: volume(mpd) == expected(80, 4))

        mpd.ask("sendmessage", "mien", "never")
        wait_until(lambda: monitor.events[7:] == [(PlaybackEventKind.NEVER, "quiet.flac")])
        wait_until(lambda: dict(mpd.ask("status"))["state"] == "stop")
        mpd.ask("play", 0)
        wait_until(lambda: monitor.events[8:] == [(PlaybackEventKind.STARTED, "loud.flac")])
        mpd.ask("stop")  # which is no rating
        wait_until(lambda: monitor.monitor.track is None)
        mpd.ask("play", 1)
        wait_until(lambda: monitor.events[9:] == [(PlaybackEventKind.STARTED, "plain.flac")])
        monitor.leave()
        assert volume(mpd) == expected(80, 0)
    assert monitor.notices == []


def test_monitor_continues_after_mpd_restarts(place):
    with ExitStack() as stack:
        life = stack.enter_context(ExitStack())
        first = life.enter_context(running_mpd(*place))
        MpdClient(first.address).ask("clear")
        monitor = stack.enter_context(RunningMonitor(first.address, level=False))
        for name in LOUDNESS:
            MpdClient(first.address).ask("add", name)
        MpdClient(first.address).ask("play", 0)
        wait_until(lambda: monitor.events == [(PlaybackEventKind.STARTED, "loud.flac")])
        life.close()
        wait_until(lambda: monitor.notices)
        assert isinstance(monitor.notices[0], SourceError)
        again = stack.enter_context(running_mpd(*place, port=first.port))
        wait_until(lambda: monitor.notices[1:] == [f"{first.address} is back."])
        wait_until(lambda: dict(MpdClient(again.address).ask("status"))["state"] == "play")
        MpdClient(again.address).ask("next")
        wait_until(lambda: len(monitor.events) == 3)
    assert monitor.events[1:] == [(PlaybackEventKind.SKIPPED, "loud.flac"), (PlaybackEventKind.STARTED, "plain.flac")]


def test_unreachable_mpd_raises_an_error():
    with pytest.raises(SourceError, match="Nothing answers"):
        MpdMonitor(MpdClient("127.0.0.1:1"), find_track=analysed, on_event=print, on_notice=print).run()


def test_adjusted_volume_is_reversible_up_to_the_limit():
    for at in (1, 20, 60, 90):
        assert adjusted_volume(adjusted_volume(at, 3.0), -3.0) == pytest.approx(min(at, adjusted_volume(100, -3.0)))
    assert (adjusted_volume(0, 6), adjusted_volume(100, 6)) == (0, 100)
    assert adjusted_volume(60, -6) < 60 < adjusted_volume(60, 6)
    assert math.isfinite(adjusted_volume(1, -15))
