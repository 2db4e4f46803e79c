"""Files that were moved or renamed are known again, and all that a person said about them follows."""

from __future__ import annotations

import itertools
import os
import shutil
from datetime import UTC, datetime

import pytest

from mien.music.library.catalogue import Catalogue
from mien.music.library.play_log import PlayEvent
from mien.music.library.scan import FileCheck, scan
from mien.music.library.taste_store import TasteStore
from mien.music.library.watch import FolderWatch
from mien.music.location import LocalFile
from mien.music.recommender.feedback import Rating
from mien.music.sources.source import find_source
from mien.types import Mood, MoodOrigin

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TITLES = ["a", "b", "c"]


@pytest.fixture
def tastes(database):
    return TasteStore(database)


@pytest.fixture
def music(sounds, tmp_path):
    folder = tmp_path / "music"
    for number, title in enumerate(TITLES):
        sounds.write(folder / "album" / f"{title}.wav", sounds.tone(300 + 40 * number, seconds=1))
    return folder


@pytest.fixture
def say(library, tastes, music):
    """Adds the music, and says something different about each song."""

    def say():
        library.add(music, workers=0)
        for number, track in enumerate(sorted(library.tracks(), key=lambda track: track.title)):
            library.correct(track.id, Mood(number / 4, -number / 4), at=NOW)
            tastes.rate(track.id, Rating.LIKE if number % 2 == 0 else Rating.NEVER, at=NOW)
            for _ in range(number + 1):
                library.record_play(track.id, PlayEvent.STARTED, position_s=0, at=NOW)

    return say


def said(library, tastes):
    """What was said about each track, by its sound."""
    ratings = tastes.ratings()
    plays = [row["track_id"] for row in tastes.export() if row["kind"] == "play"]
    found = {}
    for track in library.available():
        corrected = track.features.origin is MoodOrigin.PERSON
        absolute = library.track(track.id).features
        found[track.features.sound] = (corrected and absolute.valence, ratings.get(track.id), plays.count(track.id))
    assert len(library.available()) == len(found), "two songs sound the same"
    return sorted(found.values(), key=str)


EVERYTHING = sorted([(0.0, "like", 1), (0.25, "never", 2), (0.5, "like", 3)], key=str)


def rename_the_root(music):
    return [music.rename(music.with_name("sounds"))]


def rename_a_folder(music):
    (music / "album").rename(music / "record")


def rename_the_files(music):
    for path in list((music / "album").iterdir()):
        path.rename(path.with_stem(f"0{path.stem}"))


def exchange_two_files(music):
    a, b = music / "album" / "a.wav", music / "album" / "b.wav"
    a.rename(music / "x")
    b.rename(a)
    (music / "x").rename(b)


def move_with_other_times(music):
    rename_a_folder(music)
    for path in (music / "record").iterdir():
        os.utime(path, (315_532_800, 315_532_800))  # a disk whose clock says 1980


def move_to_another_root(music):
    other = music.with_name("other")
    other.mkdir()
    (music / "album").rename(other / "album")
    return [music, other]


@pytest.mark.parametrize(
    "act",
    [
        rename_the_root,
        rename_a_folder,
        rename_the_files,
        exchange_two_files,
        move_with_other_times,
        move_to_another_root,
    ],
)
@pytest.mark.parametrize("odd_clock", [False, True])
def test_what_was_said_follows(library, tastes, music, say, act, odd_clock):
    if odd_clock:
        for path in (music / "album").iterdir():
            os.utime(path, (315_532_800, 315_532_800))
    say()
    assert said(library, tastes) == EVERYTHING
    for folder in act(music) or [music]:
        library.add(folder, workers=0)
    assert said(library, tastes) == EVERYTHING
    # A root that lists nothing may be on an unplugged disk.
    assert [away.location for away in library.away()] == ([] if any(music.glob("*/*.wav")) else [LocalFile(music)])
    assert sorted(track.title.lstrip("0") for track in library.available()) == TITLES


def test_nothing_is_analysed_again_after_a_move(library, music, say, monkeypatch):
    say()
    rename_a_folder(music)
    report = library.add(music, workers=0)
    assert (report.moved, report.added, report.changed, report.removed, report.away) == (3, 0, 0, 0, ())
    os.utime(music / "record" / "a.wav", (1, 1))
    assert library.add(music, workers=0).moved == 1


def test_what_was_said_follows_a_folder_that_was_removed_meanwhile(library, tastes, music, say):
    say()
    library.remove(music)
    (renamed,) = rename_the_root(music)
    library.add(renamed, workers=0)
    assert said(library, tastes) == EVERYTHING


def test_what_was_said_follows_files_that_a_scan_missed(library, tastes, music, say, tmp_path):
    say()
    (music / "album" / "c.wav").rename(tmp_path / "c.wav")
    assert library.add(music, workers=0).removed == 1
    (tmp_path / "c.wav").rename(music / "again.wav")
    assert FolderWatch(library, workers=0, now_ns=itertools.count(10**19).__next__).scan() == 1
    assert said(library, tastes) == EVERYTHING


def test_a_linked_folder_is_one_folder_wherever_its_link_leads(library, tastes, music, say, tmp_path, sounds):
    link = tmp_path / "link"
    link.symlink_to(music)
    library.add(link, workers=0)
    say()
    assert [root.location for root in library.roots()] == [LocalFile(music)]
    other = tmp_path / "other"
    (other / "album").mkdir(parents=True)
    (music / "album" / "a.wav").rename(other / "album" / "a.wav")
    sounds.write(other / "new.wav", sounds.tone(999, seconds=1))
    link.unlink()
    link.symlink_to(other)
    watch = FolderWatch(library, workers=0, now_ns=itertools.count(10**19).__next__)
    watch.scan()
    assert [root.location for root in library.roots()] == [LocalFile(other)]
    assert said(library, tastes) == sorted([(False, None, 0), (0.0, "like", 1)], key=str)
    link.unlink()  # a link that leads nowhere
    link.symlink_to(tmp_path / "nowhere")
    watch.scan()
    assert [(away.location, away.track_count) for away in library.away()] == [(LocalFile(other), 2)]


@pytest.mark.parametrize("noticed", [False, True])
def test_a_copy_of_what_is_on_an_unplugged_disk_is_known_and_the_disk_too_when_it_is_back(
    library, tastes, music, say, tmp_path, noticed
):
    say()
    ratings = tastes.ratings()
    disk = music.rename(tmp_path / "disk")
    copy = tmp_path / "copy"
    shutil.copytree(disk, copy)
    if noticed:
        FolderWatch(library, workers=0).scan()
    report = library.add(copy, workers=0)
    assert (report.added, report.moved, report.changed, report.unchanged) == (3, 0, 0, 0)
    assert said(library, tastes) == EVERYTHING
    assert [away.track_count for away in library.away()] == [3]
    disk.rename(music)
    report = library.add(music, workers=0)
    assert (report.added, report.moved, report.changed, report.returned) == (0, 0, 0, 3)
    assert ratings.items() <= tastes.ratings().items()
    corrected = [track.title for track in library.available() if track.features.origin is MoodOrigin.PERSON]
    assert sorted(corrected) == sorted(2 * TITLES)
    assert library.add(copy, workers=0).unchanged == 3


@pytest.mark.parametrize("moved", ["music/album/c.wav", "music/album"])
def test_a_folder_that_is_removed_while_it_is_scanned_is_no_error(library, database, tastes, music, say, moved):
    say()
    other = music.with_name("other")
    other.mkdir()
    library.add(other, workers=0)
    (music.parent / moved).rename(other / "moved.wav")
    source = find_source("folder")(other)

    class RemovedMeanwhile(type(source)):
        def items(self):
            yield from super().items()
            library.remove(other)

    scan(Catalogue(database), RemovedMeanwhile(other), LocalFile(other), workers=0)
    library.add(other, workers=0)
    assert said(library, tastes) == EVERYTHING


def test_a_copy_takes_nothing_from_the_original(library, tastes, music, say):
    say()
    (music / "copy.wav").write_bytes((music / "album" / "a.wav").read_bytes())
    assert library.add(music, workers=0).moved == 0
    original = next(track for track in library.available() if track.title == "a")
    assert tastes.ratings()[original.id] is Rating.LIKE


def test_a_file_with_the_same_size_and_time_is_no_moved_one(library, tastes, music, say, sounds):
    say()
    (music / "album" / "a.wav").unlink()
    other = sounds.write(music / "album" / "d.wav", sounds.tone(777, seconds=1))
    os.utime(other, ns=(0, (music / "album" / "b.wav").stat().st_mtime_ns))
    assert library.add(music, workers=0).moved == 0
    new = next(track for track in library.available() if track.title == "d")
    assert new.id not in tastes.ratings()


def test_a_file_that_replaces_another_brings_its_own_and_loses_nothing(library, tastes, music, say, tmp_path):
    say()
    kept = (music / "album" / "a.wav").read_bytes()
    (music / "album" / "b.wav").replace(music / "album" / "a.wav")
    library.add(music, workers=0)
    assert said(library, tastes) == [one for one in EVERYTHING if one != (0.0, "like", 1)]
    (music / "back.wav").write_bytes(kept)
    library.add(music, workers=0)
    assert said(library, tastes) == EVERYTHING


def test_a_file_is_replaced_again_after_another_came_back(library, tastes, music, say, sounds, tmp_path):
    say()
    a, c = music / "album" / "a.wav", music / "album" / "c.wav"
    first = a.read_bytes()
    c.rename(tmp_path / "c.wav")
    library.add(music, workers=0)
    (music / "album" / "b.wav").replace(a)
    library.add(music, workers=0)
    (tmp_path / "c.wav").rename(c)
    sounds.write(music / "album" / "d.wav", sounds.tone(600, seconds=1))
    library.add(music, workers=0)
    second = a.read_bytes()
    (music / "album" / "d.wav").replace(a)
    library.add(music, workers=0)
    (music / "first.wav").write_bytes(first)
    (music / "second.wav").write_bytes(second)
    library.add(music, workers=0)
    assert said(library, tastes) == sorted([*EVERYTHING, (False, None, 0)], key=str)


def test_new_tags_without_a_new_time_are_read_when_the_folder_is_added_by_hand(library, sounds, tmp_path):
    song = sounds.write(tmp_path / "music" / "song.mp3", sounds.tone(seconds=1), title="Before")
    library.add(song.parent, workers=0)
    before = song.stat()
    song.write_bytes(song.read_bytes().replace(b"Before", b"Beyond"))
    os.utime(song, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert library.add(song.parent, workers=0).unchanged == 1
    assert library.add(song.parent, workers=0, check=FileCheck.CONTENT).changed == 1
    assert [track.title for track in library.tracks()] == ["Beyond"]
    assert library.add(song.parent, workers=0, check=FileCheck.CONTENT).unchanged == 1
    assert library.add(song.parent, workers=0, check=FileCheck.NONE).changed == 1
