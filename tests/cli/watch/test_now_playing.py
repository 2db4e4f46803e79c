"""What is playing now: on a real MPD, in a real catalogue, and if an answer does not come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from mien.cli.watch.now_playing import NowPlayingPoller, PlayerStatus, as_reported, foremost, on_server
from mien.errors import SourceError
from mien.music.connections import Connection, Connections
from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent
from mien.music.players.player import PlayState
from mien.music.servers.mpd import MpdClient
from mien.storage.secrets import Secrets
from tests.fakes import FakeClock
from tests.servers import MpdServer
from tests.waiting import HANG_S, wait_until

START = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def mpd(mpd_server: MpdServer) -> Iterator[MpdClient]:
    """An MPD that repeats one song of three seconds."""
    server = MpdClient(mpd_server.address)
    for command in (["clear"], ["add", "apple.m4a"], ["repeat", 1]):
        server.ask(*command)
    yield server
    server.ask("repeat", 0)
    server.ask("stop")


def until(ask: Callable[[], PlayerStatus | None], wanted: Callable[[PlayerStatus | None], bool]) -> PlayerStatus | None:
    answers: list[PlayerStatus | None] = []

    def asked() -> bool:
        answers.append(ask())
        return wanted(answers[-1])

    wait_until(asked, lambda: answers[-1])
    return answers[-1]


def test_an_mpd_reports_its_song_and_position(mpd: MpdClient, mpd_server: MpdServer, tmp_path: Path) -> None:
    kept = Connections(tmp_path, secrets=Secrets(tmp_path))
    look = on_server(kept, kept.put(Connection("hifi", "mpd", mpd_server.address), secret=""))
    mpd.ask("play")
    answer = until(look, lambda found: found is not None and found.state is PlayState.PLAYING)
    assert answer is not None
    assert (answer.title, answer.artist) == ("Apple", "Ann Example")
    assert answer.about in {f"0:0{second} of 0:03 on hifi" for second in range(4)}
    mpd.ask("pause", 1)
    until(look, lambda found: found is not None and found.state is PlayState.PAUSED)
    mpd.ask("clear")
    assert look() is None


def test_a_reported_play_lasts_until_it_was_left_or_must_have_ended(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.sqlite3") as library:
        one, other = library.tracks()[:2]
        passed_s = 0.0
        look = as_reported(library, now=lambda: START + timedelta(seconds=passed_s))

        def report(track_id: str, event: PlayEvent) -> None:
            library.record_play(track_id, event, position_s=0, at=START + timedelta(seconds=passed_s))

        def titles() -> str | None:
            found = look()
            return found and found.title

        assert look() is None
        report(one.id, PlayEvent.STARTED)
        passed_s = 65 % one.duration_s
        assert look() == PlayerStatus(
            PlayState.PLAYING, one.title, one.artist, f"began {int(passed_s) // 60}:{int(passed_s) % 60:02d} ago"
        )
        report(other.id, PlayEvent.STARTED)  # one piece fades into the other
        report(one.id, PlayEvent.FINISHED)
        assert titles() == other.title
        passed_s += other.duration_s + 1
        assert titles() is None, "the page was closed meanwhile"
        report(one.id, PlayEvent.STARTED)
        assert titles() == one.title
        report(one.id, PlayEvent.SKIPPED)
        assert titles() is None
        report(one.id, PlayEvent.STARTED)
        passed_s -= 3600
        assert titles() is None, "the clock was set back"


def test_a_server_that_hangs_or_is_gone_does_not_block() -> None:
    clock, freed = FakeClock(), Event()
    song = PlayerStatus(PlayState.PLAYING, "Moss")

    def hangs() -> PlayerStatus | None:
        freed.wait(HANG_S)
        return None

    def gone() -> PlayerStatus | None:
        raise SourceError("Nothing answers.")

    lookout = NowPlayingPoller([hangs, gone, lambda: song], clock=clock)
    lookout.start()
    try:
        until(lookout.playing, lambda found: found == song)
    finally:
        lookout.close()
        freed.set()
    time.sleep(0.05)
    clock.at_s += 60
    assert lookout.playing() is None, "what was said a minute ago is not believed"


def test_playing_comes_before_paused_and_servers_before_reports() -> None:
    held, stopped = (PlayerStatus(state, "Moss", about="on hifi") for state in (PlayState.PAUSED, PlayState.STOPPED))
    reported, other = (PlayerStatus(PlayState.PLAYING, title, about="began 0:05 ago") for title in ("Moss", "Fern"))
    assert foremost([None, held, other]) == other
    assert foremost([held, reported]) == held
    assert foremost([stopped, reported]) is None
    assert foremost([]) is None
