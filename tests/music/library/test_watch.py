"""Folders are scanned while a server runs: new files are analysed once they are complete, and nothing is lost."""

from __future__ import annotations

import os
import time

from mien.music.library.catalogue import AwayFolder
from mien.music.library.watch import SETTLED_S, FolderWatch
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


def test_a_file_dated_ahead_of_the_clock_is_heard(library, sounds, tmp_path):
    music = tmp_path / "music"
    ahead = sounds.write(music / "ahead.wav", sounds.tone(seconds=1))
    os.utime(ahead, (4e9, 4e9))
    (music / "other").mkdir()
    library.add(music / "other")
    library.add(music / "other" / "..", unsettled=range(10**20))
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
