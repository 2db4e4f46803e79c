"""A person's library: scans of real folders, and what can go wrong with them."""

from __future__ import annotations

import operator
import os
import shutil
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from mien.errors import LibraryError, TrackNotFoundError
from mien.music.library.library import Library, LibraryRoot
from mien.music.library.play_log import PlayEvent
from mien.music.library.scan import ScanProgress, ScanStage
from mien.music.library.tables import TRACKS
from mien.music.location import LocalFile
from mien.types import AudioFeatures, Mood, Pick, Track
from tests.stored_tracks import store_tracks


@pytest.fixture
def music(sounds, tmp_path):
    """A folder with two albums and several files that are not music."""
    folder = tmp_path / "music"
    sounds.write(folder / "Ann" / "01 Ann - First.mp3", sounds.clicks(120, seconds=4))
    sounds.write(folder / "Ann" / "02 Ann - Second.ogg", sounds.chords((60, 64, 67), seconds=4))
    sounds.write(folder / "Bob" / "song.flac", sounds.chords((57, 60, 64), seconds=4), title="Song", artist="Bob")
    (folder / "Bob" / "notes.txt").write_text("hello")
    sounds.write(folder / ".hidden.wav", sounds.tone(seconds=1))
    sounds.write(folder / ".trash" / "old.wav", sounds.tone(seconds=1))
    return folder


def test_a_folder_is_analysed_and_listed(library, music):
    report = library.add(music)
    assert (report.added, report.changed, report.unchanged, report.removed, report.broken) == (3, 0, 0, 0, ())
    assert library.roots() == [LibraryRoot(LocalFile(music), 3, LocalFile(music))]
    tracks = library.tracks()
    assert [(track.artist, track.title) for track in tracks] == [("Ann", "First"), ("Ann", "Second"), ("Bob", "Song")]
    for track in tracks:
        assert track.source == "folder"
        assert track.features is not None
        assert track.duration_s == pytest.approx(4, abs=0.2)
        assert library.track(track.id) == track
        assert library.audio_path(track.id).is_relative_to(music)
    assert tracks[0].features.tempo_bpm == pytest.approx(120, rel=0.04)


def test_a_second_scan_changes_nothing(library, music):
    library.add(music)
    before = library.tracks()
    report = library.add(music)
    assert (report.added, report.changed, report.unchanged, report.removed) == (0, 0, 3, 0)
    assert library.tracks() == before


def test_only_changed_files_are_analysed_again(library, music, sounds):
    library.add(music)
    changed = music / "Ann" / "01 Ann - First.mp3"
    sounds.write(changed, sounds.clicks(90, seconds=5))
    sounds.write(music / "new.wav", sounds.tone(seconds=2))
    (music / "Ann" / "02 Ann - Second.ogg").unlink()
    report = library.add(music)
    assert (report.added, report.changed, report.unchanged, report.removed) == (1, 1, 1, 1)
    (track,) = [track for track in library.tracks() if track.title == "First"]
    assert track.features.tempo_bpm == pytest.approx(90, rel=0.04)
    assert "Second" not in {track.title for track in library.tracks()}


def test_estimates_of_an_older_analyser_are_made_again(library, database, music):
    library.add(music)
    with database.transaction() as connection:
        connection.execute(sa.update(TRACKS).values(analyser_version=0, valence=0.5))
    report = library.add(music)
    assert (report.changed, report.unchanged) == (3, 0)
    assert {track.features.analyser_version for track in library.tracks()} != {0}


def test_broken_files_are_listed_with_reasons_and_stop_nothing(library, music):
    (music / "empty.mp3").touch()
    (music / "text.mp3").write_text("hello " * 999)
    (music / "gone.mp3").symlink_to(music / "nowhere.mp3")
    for _ in range(2):
        report = library.add(music)
        assert report.added + report.unchanged == 3
        reasons = {broken.location.name: broken.problem for broken in report.broken}
        assert set(reasons) == {"empty.mp3", "text.mp3", "gone.mp3"}
        assert "is empty" in reasons["empty.mp3"]
        assert "cannot be decoded" in reasons["text.mp3"]
        assert "No such file" in reasons["gone.mp3"]
    assert len(library.tracks()) == 3


def test_a_repaired_file_is_analysed(library, music, sounds):
    broken = music / "mended.wav"
    broken.write_bytes(b"RIFF")
    assert [found.location for found in library.add(music).broken] == [LocalFile(broken)]
    sounds.write(broken, sounds.tone(seconds=1))
    report = library.add(music)
    assert (report.changed, report.broken) == (1, ())


def test_file_names_that_are_not_valid_text_stay_as_they_are(library, music, sounds):
    odd = music / "caf\udce9.wav"
    shutil.copy(sounds.write(music / "x.wav", sounds.tone(seconds=1)), odd)
    (music / "bro\udcffken.mp3").touch()
    report = library.add(music)
    (track,) = [track for track in library.tracks() if track.title.startswith("caf")]
    assert library.audio_path(track.id) == odd
    for text in (track.title, *(broken.problem for broken in report.broken)):
        text.encode("utf-8")


def test_circular_links_are_not_followed_for_ever(library, music):
    (music / "Ann" / "up").symlink_to(music)
    (music / "Bob" / "self").symlink_to(music / "Bob" / "self")
    report = library.add(music)
    assert report.added == 3


def test_a_pipe_named_like_a_song_does_not_block(library, music):
    os.mkfifo(music / "stream.mp3")
    assert library.add(music).added == 3


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users as Unix has them")
def test_an_unreadable_folder_is_reported_and_its_tracks_stay(sounds, request):
    """Run as an ordinary user, because permissions do not bind root."""
    # Beside pytest's own folders, which only root may enter and which other runs of the tests close again.
    root = Path(tempfile.mkdtemp())
    request.addfinalizer(lambda: shutil.rmtree(root))
    music, closed = root / "music", root / "music" / "closed"
    sounds.write(closed / "a.wav", sounds.tone(seconds=1))
    sounds.write(music / "b.wav", sounds.tone(seconds=1))
    with as_ordinary_user(root), Library.open(root / "library.sqlite3", starter=False) as library:
        assert library.add(music).added == 2
        closed.chmod(0)
        try:
            report = library.add(music)
            assert (report.unchanged, report.removed) == (1, 0)
            assert [(broken.location, "Permission denied" in broken.problem) for broken in report.broken] == [
                (LocalFile(closed), True)
            ]
            assert len(library.tracks()) == 2
            with pytest.raises(LibraryError, match="check its permissions"):
                library.add(closed)
        finally:
            closed.chmod(0o755)


class as_ordinary_user:  # noqa: N801 - reads as the statement it is
    """Within the block, a test run by root acts as nobody, who owns ``root``."""

    def __init__(self, root):
        self.root = root
        self.is_root = os.geteuid() == 0

    def __enter__(self):
        if self.is_root:
            for path in (self.root, *self.root.rglob("*")):
                os.chown(path, 65_534, 65_534)
            os.seteuid(65_534)

    def __exit__(self, *_):
        if self.is_root:
            os.seteuid(0)


def test_an_interrupted_scan_resumes(library, music):
    def stop_after_two(progress):
        if progress.stage is ScanStage.SOUND and progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add(music, progress=stop_after_two)
    assert [track.features is not None for track in library.tracks()].count(True) == 2
    report = library.add(music)
    assert (report.added, report.unchanged) == (1, 2)


def test_progress_counts_every_file(library, music):
    seen: list[ScanProgress] = []
    library.add(music, progress=seen.append)
    assert [(step.stage, step.done, step.total) for step in seen] == [
        (stage, done, 3) for stage in (ScanStage.TAGS, ScanStage.SOUND) for done in (1, 2, 3)
    ]
    assert all(step.location.path.is_file() for step in seen)


def test_adding_a_folder_inside_another_updates_that_part(library, music):
    library.add(music)
    report = library.add(music / "Bob")
    assert (report.added, report.unchanged, report.removed) == (0, 1, 0)
    assert library.roots() == [LibraryRoot(LocalFile(music), 3, LocalFile(music))]


def test_adding_a_folder_around_others_takes_them_over(library, music):
    library.add(music / "Ann")
    ids = {track.id for track in library.tracks()}
    report = library.add(music)
    assert (report.added, report.unchanged) == (1, 2)
    assert library.roots() == [LibraryRoot(LocalFile(music), 3, LocalFile(music))]
    assert ids < {track.id for track in library.tracks()}


def test_relative_paths_and_links_name_the_same_folder(library, music, monkeypatch):
    library.add(music)
    monkeypatch.chdir(music.parent)
    assert library.add(Path("music/Ann/..")).unchanged == 3
    assert library.remove(Path("music")) == 3


def test_a_folder_can_be_removed_and_its_files_stay(library, music):
    library.add(music)
    assert library.remove(music) == 3
    assert (library.tracks(), library.roots()) == ([], [])
    assert (music / "Bob" / "song.flac").is_file()
    with pytest.raises(LibraryError, match="was not added"):
        library.remove(music)


def test_a_part_of_a_folder_cannot_be_removed(library, music):
    library.add(music)
    with pytest.raises(LibraryError, match=f"is inside {music}"):
        library.remove(music / "Ann")


def test_a_file_of_an_added_folder_is_no_folder_and_stays(library, music):
    library.add(music)
    file = next(music.rglob("*.flac"))
    with pytest.raises(LibraryError, match="is a file; add the folder that contains it"):
        library.add(file)
    assert library.away() == []


@pytest.mark.parametrize(("name", "message"), [("nowhere", "does not exist"), ("file.mp3", "is a file")])
def test_a_path_that_is_not_a_folder_is_refused_and_changes_nothing(library, tmp_path, name, message):
    (tmp_path / "file.mp3").touch()
    with pytest.raises(LibraryError, match=message):
        library.add(tmp_path / name)
    assert library.roots() == []


def test_an_unplugged_drive_loses_nothing(library, music):
    library.add(music)
    music.rename(music.with_name("elsewhere"))
    with pytest.raises(LibraryError):
        library.add(music)
    assert len(library.tracks()) == 3
    with pytest.raises(TrackNotFoundError, match="is gone"):
        library.audio_path(library.tracks()[0].id)


@pytest.mark.parametrize(
    "track_id", ["", "folder:", "folder:00", "starter:nothing", "nonsense", "folder:'; --", "a\x00b"]
)
def test_an_unknown_track_is_not_found(library, track_id):
    for question in (library.track, library.audio_path, library.cover):
        with pytest.raises(TrackNotFoundError):
            question(track_id)


def test_a_cover_beside_the_music_is_found(library, music):
    picture = b"\xff\xd8\xff\xe0" + b"picture"
    (music / "Bob" / "Cover.JPG").write_bytes(picture)
    library.add(music)
    covers = {track.title: library.cover(track.id) for track in library.tracks()}
    assert covers["Song"].data == picture
    assert covers["Song"].media_type == "image/jpeg"
    assert covers["First"] is None
    assert {track.title for track in library.tracks() if track.has_cover} == {"Song"}


def test_the_starter_library_can_be_left_out(tmp_path):
    with Library.open(tmp_path / "library.sqlite3") as library:
        for track in library.tracks():
            assert track.source == "starter"
            assert library.track(track.id) == track
            assert library.audio_path(track.id).is_file()
            assert library.cover(track.id) is None
    with Library.open(tmp_path / "library.sqlite3", starter=False) as library:
        assert library.tracks() == []


def test_the_starter_library_steps_back_once_the_users_own_music_suffices(database, music):
    library = Library(database)
    assert library.choosable(starter_until=1) == library.placed_tracks()
    library.add(music, workers=0)
    own = [track for track in library.placed_tracks() if track.source != "starter"]
    heard = sum(track.features is not None for track in own)
    assert library.choosable(starter_until=heard + 1) == library.placed_tracks()
    assert library.choosable(starter_until=heard) == own


def test_a_library_is_the_same_when_opened_again(tmp_path, music):
    path = tmp_path / "library.sqlite3"
    with Library.open(path, starter=False) as library:
        library.add(music)
        before = library.tracks()
    with Library.open(path, starter=False) as library:
        assert library.tracks() == before


def test_picks_and_plays_are_stored(library, database, music):
    library.add(music)
    track = library.tracks()[0]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    library.record_pick(Pick(track, 0.9, 0.4), Mood(0.2, 0.1), at=now)
    for event in PlayEvent:
        library.record_play(track.id, event, position_s=3.0, at=now)
    with database.transaction() as connection:
        assert connection.exec_driver_sql("SELECT propensity FROM picks").scalars().all() == [0.4]
        events = connection.exec_driver_sql("SELECT event FROM plays").scalars().all()
    assert events == ["started", "finished", "skipped"]


def test_threads_scan_and_read_at_once(library, music):
    failures = []

    def work():
        try:
            library.add(music)
            for track in library.tracks():
                library.audio_path(track.id)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(library.tracks()) == 3


def test_files_with_random_damage_never_stop_a_scan(library, tmp_path, sounds):
    """Every format, with bytes overwritten or cut at random, is analysed or listed with a reason."""
    rng = np.random.default_rng(5)
    folder = tmp_path / "damaged"
    folder.mkdir()
    for suffix in ("mp3", "ogg", "opus", "flac", "m4a", "wav"):
        data = sounds.write(tmp_path / f"whole.{suffix}", sounds.chords((60, 64, 67), seconds=3)).read_bytes()
        for number in range(8):
            damaged = bytearray(data[: int(rng.integers(1, len(data)))] if number % 2 else data)
            reach = min(len(damaged), 4000 if number % 3 else len(damaged))
            for _ in range(int(rng.integers(1, 30))):
                damaged[int(rng.integers(reach))] = int(rng.integers(256))
            (folder / f"{number}.{suffix}").write_bytes(damaged)
    report = library.add(folder)
    assert report.added + len(report.broken) == 48
    assert report.added > 20


class TestPlacedTracks:
    """The user's own tracks, placed among each other, as music is chosen from them."""

    @pytest.fixture
    def dark(self, tmp_path):
        tracks = [
            Track(f"folder:{n}", f"Piece {n}", "Ann", "", 180.0, AudioFeatures(0.0, -18.0, -0.6 + n / 200, 0.0, 0.9, 3))
            for n in range(100)
        ]
        store_tracks(tmp_path / "placed.sqlite3", tmp_path / "dark", tracks)
        with Library.open(tmp_path / "placed.sqlite3") as library:
            yield library

    def test_music_is_chosen_by_places_and_known_by_estimates(self, dark):
        (placed,) = [track for track in dark.choosable(starter_until=0) if track.id == "folder:99"]
        assert placed.features.valence > 0.4
        assert placed.features.absolute == (dark.track("folder:99").features.valence, 0.0)
        assert dark.track("folder:99").features.absolute is None

    def test_the_starter_library_keeps_its_moods(self, dark):
        before = {track.id: track for track in dark.tracks() if track.source == "starter"}
        after = {track.id: track for track in dark.placed_tracks() if track.source == "starter"}
        assert before
        assert after == before

    def test_places_are_computed_again_only_after_a_change(self, dark):
        first = dark.placed_tracks()
        assert all(map(operator.is_, dark.placed_tracks(), first))
        dark.correct("folder:0", Mood(0.9, 0.9), at=datetime.now(UTC))
        (corrected,) = [track for track in dark.placed_tracks() if track.id == "folder:0"]
        assert (corrected.features.valence, corrected.features.absolute) == (0.9, None)
