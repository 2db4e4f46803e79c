"""Scans under bad conditions: hundreds of broken files, a full disk."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from mien.errors import AudioError, LibraryError
from mien.music.analysis import pool
from mien.music.library.scan import ScanStage
from mien.music.location import LocalFile
from mien.types import Mood, MoodOrigin


def test_three_hundred_broken_files_are_listed_and_the_good_one_is_analysed(library, sounds, tmp_path):
    music = tmp_path / "music"
    good = sounds.write(music / "good.wav", sounds.clicks(120, seconds=4)).read_bytes()
    rng = np.random.default_rng(1)
    for i in range(300):
        content = (b"", rng.bytes(200), good[:40], b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"OggS" + rng.bytes(99))[i % 5]
        (music / f"{i:03}{('.mp3', '.flac', '.wav', '.m4a', '.ogg')[i % 5]}").write_bytes(content)
    report = library.add(music)
    assert report.added == 1
    assert len(report.broken) == 300
    assert all(broken.problem and broken.remedy for broken in report.broken)
    assert [track.title for track in library.tracks()] == ["good"]
    again = library.add(music)
    assert (again.unchanged, len(again.broken)) == (1, 300)


@pytest.mark.parametrize("stage", list(ScanStage))
def test_files_out_of_reach_are_tried_again_and_only_damaged_ones_are_not(library, sounds, tmp_path, stage):
    music, disk = tmp_path / "music", tmp_path / "disk"
    for number in range(4):
        sounds.write(music / f"{number}.wav", sounds.tone(200 + number, seconds=1))
    (music / "damaged.mp3").write_bytes(bytes(3000))

    def unplug(progress):
        if progress.stage is stage and music.exists():
            music.rename(disk)

    broken = library.add(music, progress=unplug, workers=0).broken
    assert len(broken) >= 3
    disk.rename(music)
    report = library.add(music, workers=0)
    assert [found.location.name for found in report.broken] == ["damaged.mp3"]
    assert report.retried == ()
    assert [track.title for track in library.tracks() if track.features is not None] == ["0", "1", "2", "3"]
    again = library.add(music, workers=0)
    assert (again.unchanged, [found.location.name for found in again.broken]) == (4, ["damaged.mp3"])


def test_a_file_that_becomes_unreadable_keeps_its_track(library, sounds, tmp_path, monkeypatch):
    music = tmp_path / "music"
    song = sounds.write(music / "song.wav", sounds.tone(seconds=1))
    library.add(music)
    sounds.write(song, sounds.tone(seconds=2))
    refused = AudioError("cannot be read (Input/output error)", subject=song)
    monkeypatch.setattr(pool, "read_excerpts", lambda path: raise_(refused))
    report = library.add(music, workers=0)
    assert ([item.location for item in report.retried], report.changed) == ([LocalFile(song)], 0)
    assert [track.title for track in library.tracks()] == ["song"]
    monkeypatch.undo()
    assert library.add(music, workers=0).added == 1


def raise_(error):
    raise error


def test_a_full_disk_is_an_error_and_loses_nothing(library, database, sounds, tmp_path):
    def run(*statements):
        with database.transaction() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    music = tmp_path / "music"
    first = sounds.write(music / "first.wav", sounds.tone(seconds=1))
    library.add(music)
    for i in range(40):
        (music / f"{i:03}.wav").write_bytes(first.read_bytes())
    # Use up the free pages, and then allow no more than there are already.
    run("CREATE TABLE ballast AS SELECT zeroblob(500000) AS bytes", "PRAGMA max_page_count = 1")
    with pytest.raises(LibraryError, match="the disk is full; free some space"):
        library.add(music)
    assert [track.title for track in library.tracks()] == ["first"]
    run("PRAGMA max_page_count = 1000000", "DROP TABLE ballast")
    assert library.add(music).added == 40


def test_corrections_take_precedence_over_tags_and_tags_over_estimates(library, sounds, tmp_path):
    music = tmp_path / "music"
    path = sounds.write(music / "song.mp3", sounds.clicks(120, seconds=3), valence="0.5", arousal="-0.5")
    sounds.write(music / "other.mp3", sounds.clicks(120, seconds=3))
    library.add(music)
    (song,) = library.find_tracks(str(path))
    assert (song.features.valence, song.features.arousal, song.features.origin) == (0.5, -0.5, MoodOrigin.TAG)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    corrected = library.correct(song.id, Mood(-0.25, 0.75), at=now)
    assert (corrected.features.valence, corrected.features.origin) == (-0.25, MoodOrigin.PERSON)
    library.remove(music)
    library.add(music)
    assert library.track(song.id).features.origin is MoodOrigin.PERSON
    assert library.correct(song.id, None, at=now).features.origin is MoodOrigin.TAG
    assert {track.features.origin for track in library.find_tracks(str(music))} == {MoodOrigin.TAG, MoodOrigin.ESTIMATE}


def test_tags_that_an_older_mien_read_are_read_again_without_hearing_the_music_again(
    library, database, sounds, tmp_path
):
    path = sounds.write(
        tmp_path / "music" / "song.mp3", sounds.clicks(120, seconds=3), artist="Ann", genre="Funk; Soul"
    )
    library.add(path.parent)
    (song,) = library.tracks()
    assert song.genres == ("Funk", "Soul")
    library.correct(song.id, Mood(0.1, 0.2), at=datetime(2026, 1, 1, tzinfo=UTC))
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE tracks SET genres = 'Funk', tag_reader_version = NULL, valence = 0.123")
        connection.exec_driver_sql("UPDATE changes SET count = count + 1")
    assert library.tracks()[0].genres == ("Funk",)
    report = library.add(path.parent)
    assert (report.added, report.changed, report.unchanged) == (0, 0, 1)
    (again,) = library.tracks()
    assert again.genres == ("Funk", "Soul")
    assert again.features.origin is MoodOrigin.PERSON
    withdrawn = library.correct(song.id, None, at=datetime(2026, 1, 1, tzinfo=UTC))
    assert withdrawn.features.valence == 0.123, "the estimate of the older analysis is kept"
