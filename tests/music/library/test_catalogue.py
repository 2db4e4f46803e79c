"""The catalogue: what it stores, and how threads and processes share it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mien.music.library.catalogue import Catalogue
from mien.music.library.database import Database
from mien.music.location import LocalFile
from mien.music.sources.source import SourceItem
from mien.types import AudioFeatures, Mood, Pick, Reason, ReasonKind, Track
from tests.waiting import HANG_S

HEARD = AudioFeatures(120.0, -14.0, 0.3, -0.2, 0.9, 1, 9, True, 0.6, ("piano", "slow"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "library.sqlite3"


@pytest.fixture
def database(path):
    with Database.open(path) as opened:
        yield opened


@pytest.fixture
def catalogue(database):
    return Catalogue(database)


def piece(key, *, folder="/music", features=HEARD):
    item = SourceItem(key, LocalFile(Path(folder) / f"{key}.ogg"), 1000, 123_456_789_012_345_678)
    return item, Track(
        f"folder:{key}", f"Title {key}", "Ann", "Album", 61.5, features, 1999, "Jazz", "", True, "eng", False
    )


def test_track_comes_back_as_it_was_put(catalogue):
    catalogue.enter_folder(LocalFile(Path("/music")))
    item, track = piece("a")
    catalogue.put(item, track)
    assert catalogue.tracks() == [track]
    assert catalogue.track("folder:a") == track
    entry = catalogue.entry("folder:a")
    assert entry.item == item
    assert (entry.analyser_version, entry.error) == (1, None)
    assert catalogue.track("folder:b") is None
    assert catalogue.entry("folder:b") is None


def test_putting_again_replaces_and_an_error_hides(catalogue):
    catalogue.enter_folder(LocalFile(Path("/music")))
    item, track = piece("a")
    catalogue.put(item, track)
    catalogue.put(item, track, error="it is damaged; replace it.")
    assert catalogue.tracks() == []
    assert catalogue.track("folder:a") is None
    assert catalogue.entries(under=LocalFile(Path("/music")))[item.location].error == "it is damaged; replace it."
    assert catalogue.folders() == [(LocalFile(Path("/music")), 0)]


def test_path_need_not_be_text(catalogue):
    folder = Path("/music")
    catalogue.enter_folder(LocalFile(folder))
    odd = SourceItem("odd", LocalFile(folder / "caf\udce9 100%.mp3"), 1, 1)
    catalogue.put(odd, piece("odd")[1])
    assert catalogue.entry("folder:odd").item.location == odd.location


def test_folder_takes_over_those_inside_and_its_tracks_go_with_it(catalogue):
    catalogue.enter_folder(LocalFile(Path("/music/jazz")))
    catalogue.put(*piece("a", folder="/music/jazz"))
    catalogue.enter_folder(LocalFile(Path("/music")))
    catalogue.enter_folder(LocalFile(Path("/music/rock")))
    catalogue.enter_folder(LocalFile(Path("/musical")))
    assert catalogue.folders() == [(LocalFile(Path("/music")), 1), (LocalFile(Path("/musical")), 0)]
    assert catalogue.drop_folder(LocalFile(Path("/music"))) == 1
    assert catalogue.tracks() == []


def test_file_of_no_folder_is_not_kept(catalogue):
    catalogue.put(*piece("a"))
    assert catalogue.tracks() == []


def test_changes_of_another_connection_are_seen(path, catalogue):
    catalogue.enter_folder(LocalFile(Path("/music")))
    assert catalogue.tracks() == []
    with Database.open(path) as database:
        other = Catalogue(database)
        other.put(*piece("a"))
        assert [track.id for track in catalogue.tracks()] == ["folder:a"]
        other.drop([piece("a")[0].location])
        assert catalogue.tracks() == []


def test_picks_and_plays_are_logged_in_utc(path, catalogue):
    noon_in_tokyo = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=9)))
    reasons = (Reason(ReasonKind.AROUSAL, -0.5), Reason(ReasonKind.TEMPO, 72.4), Reason(ReasonKind.GOAL, "lift"))
    pick = Pick(piece("a")[1], 0.8, 0.25, reasons, 0.125)
    catalogue.log_pick(pick, Mood(0.1, -0.2, 0.9), at=noon_in_tokyo)
    catalogue.log_play("folder:a", "skipped", position_s=12.5, at=noon_in_tokyo)
    with sqlite3.connect(path) as connection:
        (picked,) = connection.execute("SELECT * FROM picks").fetchall()
        (played,) = connection.execute("SELECT * FROM plays").fetchall()
    connection.close()
    assert picked == (
        1,
        "2026-03-01 03:00:00.000000",
        "folder:a",
        0.1,
        -0.2,
        0.9,
        0.8,
        0.25,
        "arousal=-0.5\ntempo=72.4\ngoal=lift",
        0.125,
    )
    assert played == (1, "2026-03-01 03:00:00.000000", "folder:a", "skipped", 12.5)


def test_threads_share_a_catalogue(catalogue):
    catalogue.enter_folder(LocalFile(Path("/music")))
    failures = []

    def work(number):
        try:
            for i in range(10):
                catalogue.put(*piece(f"{number}-{i}"))
                catalogue.tracks()
                catalogue.log_play(f"folder:{number}-{i}", "started", position_s=0, at=datetime.now(UTC))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(catalogue.tracks()) == 60


def test_processes_that_create_and_fill_one_library_at_once_do_not_harm_it(path):
    code = (
        "import sys; from pathlib import Path; from mien.music.library.catalogue import Catalogue;"
        "from mien.music.library.database import Database; from mien.music.location import LocalFile;"
        "from mien.music.sources.source import SourceItem; from mien.types import Track;"
        "catalogue = Catalogue(Database.open(Path(sys.argv[1]))); n = sys.argv[2];"
        "catalogue.enter_folder(LocalFile(Path('/music')));"
        "[catalogue.put(SourceItem(f'{n}-{i}', LocalFile(Path(f'/music/{n}-{i}.ogg')), 1, 1),"
        " Track(f'folder:{n}-{i}', 'T', '', '', 1.0)) for i in range(20)]"
    )
    command_line = [sys.executable, "-c", code, str(path)]
    running = [subprocess.Popen([*command_line, str(n)], stderr=subprocess.PIPE, text=True) for n in range(4)]
    for process in running:
        _, complaint = process.communicate(timeout=HANG_S)
        assert process.returncode == 0, complaint
    with Database.open(path) as database:
        catalogue = Catalogue(database)
        assert len(catalogue.tracks()) == 80
        assert catalogue.folders() == [(LocalFile(Path("/music")), 80)]
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
