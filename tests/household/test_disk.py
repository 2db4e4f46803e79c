"""The disk that went and came back, and the drive that was pulled while its music was analysed."""

from __future__ import annotations

import random
import time

import httpx
import numpy as np

from mien.music.library.scan import ScanStage
from mien.music.library.watch import FolderWatch
from mien.session.session import Session
from mien.web.serve import WebServer
from tests.fakes import FakeReader
from tests.waiting import HANG_S, wait_until

SONGS = tuple(f"disk/song {number}.wav" for number in range(6))


def test_a_running_server_says_what_is_away_and_plays_it_again_when_it_is_back(household, album, mien):
    music = album(*SONGS, "at home.wav")
    library = household.library
    library.add(music)
    for number in range(6):
        household.speak(f"song {number}")
    before = household.words()
    watch = FolderWatch(library, period_s=0.05)
    session = Session(reader=FakeReader(), library=library, model="fake", rng=np.random.default_rng(1), watch=watch)
    with session, WebServer(session) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        client.timeout, client.headers["Origin"] = HANG_S, server.url.rstrip("/")

        def away():
            return client.get("/api/v1/status").json()["away"]

        def offered():
            answer = client.post("/api/v1/station", json={"valence": 0.0, "arousal": 0.0, "count": 20})
            return {pick["track"]["title"] for pick in answer.json()["picks"]}

        assert (away(), len(offered())) == ([], 7)
        drawer = (music / "disk").rename(music.with_name("drawer"))
        for mount_point in (False, True):  # no folder at all, and the empty one that a missing disk leaves
            if mount_point:
                (music / "disk").mkdir()
            assert wait_until(away) == [{"location": str(music / "disk"), "tracks": 6}]
            assert offered() == {"at home"}
            listed = mien("library", "list")
            assert (listed.exit_code, f"{music / 'disk'} is away with 6 tracks" in listed.stderr) == (1, True)
        (music / "disk").rmdir()
        drawer.rename(music / "disk")
        wait_until(lambda: not away())
        assert len(offered()) == 7
    assert household.words() == before
    assert household.unheard() == []
    assert mien("library", "list").exit_code == 0


def test_the_drive_is_pulled_five_times_during_a_scan(household, album, mien):
    music = album(*(f"{number:02}.wav" for number in range(16)))
    drawer, rng, library = music.with_name("drawer"), random.Random(5), household.library
    later = time.time_ns() + 10**12  # the files are no longer being written
    watch = FolderWatch(library, workers=0, now_ns=lambda: later)
    for pull in range(5):
        at = rng.randrange(1, 4)

        def unplug(progress, at=at, stage=(ScanStage.TAGS if pull == 0 else ScanStage.SOUND)):
            if progress.stage is stage and progress.done >= at and music.exists():
                music.rename(drawer)

        library.add(music, progress=unplug, workers=0)
        watch.scan()
        assert library.available() == []
        drawer.rename(music)
        library.check_away()
        for title in sorted({track.title for track in library.available()} - household.said.keys())[:2]:
            household.speak(title)
    watch.scan()
    after = household.words()
    assert {title: after[title] for title in household.said} == household.said
    assert len(household.said) >= 5
    assert (len(after), household.unheard(), library.away()) == (16, [], [])
    assert mien("library", "add", music).stderr == f"{music}: 16 unchanged.\n"
