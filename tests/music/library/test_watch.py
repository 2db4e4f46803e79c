"""Folders are scanned while a server runs: new files are analysed once they are complete, and nothing is lost."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

import pytest

from mien.errors import AudioError
from mien.music.analysis import pool
from mien.music.library.catalogue import AwayFolder
from mien.music.library.watch import LONGEST_RETRY_S, PERIOD_S, SETTLED_S, FolderWatch
from mien.music.location import LocalFile
from tests.waiting import wait_until


def test_new_files_are_analysed_once_they_have_settled(library, sounds, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    library.add(music)
    now = [time.time_ns()]
    watch = FolderWatch(library, now_ns=lambda: now[0])
    settled = sounds.write(music / "settled.wav", sounds.tone(seconds=1))
    os.utime(settled, ns=(now[0], now[0] - 60 * 10**9))
    arriving = sounds.write(music / "arriving.wav", sounds.tone(seconds=1))
    os.utime(arriving, ns=(now[0], now[0]))
    assert watch.scan() == 1
    assert [track.title for track in library.tracks()] == ["settled"]
    assert library.tracks()[0].features is not None

    now[0] += int(2 * SETTLED_S * 1e9)
    assert watch.scan() == 1
    assert watch.scan() == 0
    settled.unlink()
    assert watch.scan() == 1
    assert [track.title for track in library.tracks()] == ["arriving"]


def test_tracks_on_an_unplugged_disk_stay_and_are_not_offered_until_it_is_back(library, sounds, tmp_path, caplog):
    music = tmp_path / "music"
    sounds.write(music / "song.wav", sounds.tone(seconds=1))
    library.add(music)
    before = library.tracks()
    disk = music.rename(tmp_path / "disk")
    watch = FolderWatch(library)
    for mount_point in (False, True):
        if mount_point:
            music.mkdir()
        for _ in range(2):
            assert watch.scan() == 0
        assert (library.tracks(), library.available()) == (before, [])
        assert library.away() == [AwayFolder(LocalFile(music), 1)]
    music.rmdir()
    disk.rename(music)
    assert watch.scan() == 1
    assert ([track.id for track in library.available()], library.away()) == ([before[0].id], [])
    assert [record.message for record in caplog.records if "back." in record.message] == [f"{music} is back."]
    assert sum("away" in record.message for record in caplog.records) == 1


@pytest.mark.parametrize("away", [None, "music/album", "disk"])
def test_files_out_of_reach_are_tried_again_after_longer_and_longer_waits(library, sounds, tmp_path, monkeypatch, away):
    music = tmp_path / "music"
    if away is not None:
        sounds.write(tmp_path / away / "other.wav", sounds.tone(330, seconds=1))
        library.add(music if away.startswith("music") else tmp_path / away)
        (tmp_path / away).rename(tmp_path / "elsewhere")
    song = sounds.write(music / "song.wav", sounds.tone(seconds=1))
    os.utime(song, (1, 1))
    library.add(music, leave=lambda item: True)
    tried, reachable, now = [], [False], [10**18]
    analyse = pool.analyse_file

    def attempt(path):
        tried.append(now[0])
        return analyse(path) if reachable[0] else AudioError("cannot be read (Input/output error)", subject=path)

    monkeypatch.setattr(pool, "analyse_file", attempt)
    watch = FolderWatch(library, now_ns=lambda: now[0], workers=0)
    for _ in range(40):
        watch.scan()
        now[0] += int(PERIOD_S * 1e9)
    waits = [(later - earlier) // int(PERIOD_S * 1e9) for earlier, later in itertools.pairwise(tried)]
    noticed = [] if away is None else [1]  # that a folder is away may be why it failed: the waits begin anew, once
    assert waits == [*noticed, 1, 2, 4, 8, 16]
    reachable[0] = True
    now[0] += int(LONGEST_RETRY_S * 1e9)
    assert watch.scan() == 1
    assert library.tracks()[0].features is not None


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(107, "Not connected"), ValueError()]
)
def test_an_odd_error_does_not_end_the_thread(library, sounds, tmp_path, monkeypatch, error):
    music = tmp_path / "music"
    sounds.write(music / "song.wav", sounds.tone(seconds=1))
    library.add(music)
    failures = []

    def fail_twice(self):
        if len(failures) < 2:
            failures.append(error)
            raise error
        return iterdir(self)

    iterdir = Path.iterdir
    sounds.write(music / "new.wav", sounds.tone(330, seconds=1))
    os.utime(music / "new.wav", (1, 1))
    monkeypatch.setattr(Path, "iterdir", fail_twice)
    watch = FolderWatch(library, period_s=0.01)
    watch.start()
    wait_until(lambda: len(library.available()) == 2)
    watch.stop()


def test_a_file_dated_ahead_of_the_clock_is_heard(library, sounds, tmp_path):
    music = tmp_path / "music"
    ahead = sounds.write(music / "ahead.wav", sounds.tone(seconds=1))
    os.utime(ahead, (4e9, 4e9))
    (music / "other").mkdir()
    library.add(music / "other")
    library.add(music / "other" / "..", leave=lambda item: True)
    assert library.tracks() == []
    assert FolderWatch(library).scan() == 1
    assert library.tracks()[0].features is not None


def test_the_thread_scans_and_stops(library, sounds, tmp_path):
    music = tmp_path / "music"
    sounds.write(music / "song.wav", sounds.tone(seconds=1))
    library.add(music)
    (music / "song.wav").unlink()
    watch = FolderWatch(library, period_s=0.01)
    watch.start()
    wait_until(lambda: library.available() == [])
    watch.stop()
