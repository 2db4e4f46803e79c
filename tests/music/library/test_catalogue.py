"""The catalogue: what it stores, and how threads and processes share it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mien.errors import AudioError
from mien.music.library.catalogue import Catalogue
from mien.music.library.database import Database
from mien.music.library.play_log import PlayEvent, PlayLog
from mien.music.library.track_rows import ScannedFile
from mien.music.location import LocalFile
from mien.music.sources.source import SourceItem
from mien.types import AudioFeatures, Track
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


def scanned(key, *, folder="/music", features=HEARD):
    item = SourceItem(key, LocalFile(Path(folder) / f"{key}.ogg"), 1000, 123_456_789_012_345_678)
    track = Track(
        f"folder:{key}", f"Title {key}", "Ann", "Album", 61.5, features, 1999, ("Jazz", "Funk"), "", True, "eng", False
    )
    return ScannedFile(item, track)


def test_a_track_is_read_back_as_it_was_stored(catalogue):
    catalogue.add_root(LocalFile(Path("/music")))
    item, track, *_ = scanned("a")
    catalogue.put([ScannedFile(item, track)])
    assert catalogue.tracks() == [track]
    assert catalogue.track("folder:a") == track
    entry = catalogue.entry("folder:a")
    assert entry.item == item
    assert (entry.analyser_version, entry.error) == (1, None)
    assert catalogue.track("folder:b") is None
    assert catalogue.entry("folder:b") is None


def test_storing_again_replaces_and_an_error_hides_the_track(catalogue):
    catalogue.add_root(LocalFile(Path("/music")))
    item, track, *_ = scanned("a")
    catalogue.put([ScannedFile(item, track)])
    catalogue.put([ScannedFile(item, track, AudioError("is damaged", "replace it"))])
    assert catalogue.tracks() == []
    assert catalogue.track("folder:a") is None
    assert catalogue.entries(under=LocalFile(Path("/music")))[item.location].error == "is damaged; replace it"
    assert catalogue.roots() == [(LocalFile(Path("/music")), 0)]


def test_a_path_need_not_be_valid_text(catalogue):
    folder = Path("/music")
    catalogue.add_root(LocalFile(folder))
    odd = SourceItem("odd", LocalFile(folder / "caf\udce9 100%.mp3"), 1, 1)
    catalogue.put([ScannedFile(odd, scanned("odd").track)])
    assert catalogue.entry("folder:odd").item.location == odd.location


def test_a_folder_takes_over_those_inside_and_is_removed_with_its_tracks(catalogue):
    catalogue.add_root(LocalFile(Path("/music/jazz")))
    catalogue.put([scanned("a", folder="/music/jazz")])
    catalogue.add_root(LocalFile(Path("/music")))
    catalogue.add_root(LocalFile(Path("/music/rock")))
    catalogue.add_root(LocalFile(Path("/musical")))
    assert catalogue.roots() == [(LocalFile(Path("/music")), 1), (LocalFile(Path("/musical")), 0)]
    assert catalogue.remove_root(LocalFile(Path("/music"))) == 1
    assert catalogue.tracks() == []


def test_a_file_in_no_folder_is_not_stored(catalogue):
    catalogue.put([scanned("a")])
    assert catalogue.tracks() == []


def test_changes_of_another_connection_are_seen(path, catalogue):
    catalogue.add_root(LocalFile(Path("/music")))
    assert catalogue.tracks() == []
    with Database.open(path) as database:
        other = Catalogue(database)
        other.put([scanned("a")])
        assert [track.id for track in catalogue.tracks()] == ["folder:a"]
        other.remove_files([scanned("a").item.location])
        assert catalogue.tracks() == []


def test_threads_share_a_database(database, catalogue):
    log = PlayLog(database)
    catalogue.add_root(LocalFile(Path("/music")))
    failures = []

    def work(number):
        try:
            for i in range(10):
                catalogue.put([scanned(f"{number}-{i}")])
                catalogue.tracks()
                log.add_play(f"folder:{number}-{i}", PlayEvent.STARTED, position_s=0, at=datetime.now(UTC))
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
        "from mien.music.library.track_rows import ScannedFile; from mien.music.sources.source import SourceItem;"
        "from mien.types import Track;"
        "catalogue = Catalogue(Database.open(Path(sys.argv[1]))); n = sys.argv[2];"
        "catalogue.add_root(LocalFile(Path('/music')));"
        "[catalogue.put([ScannedFile(SourceItem(f'{n}-{i}', LocalFile(Path(f'/music/{n}-{i}.ogg')), 1, 1),"
        " Track(f'folder:{n}-{i}', 'T', '', '', 1.0))]) for i in range(20)]"
    )
    command_line = [sys.executable, "-c", code, str(path)]
    running = [subprocess.Popen([*command_line, str(n)], stderr=subprocess.PIPE, text=True) for n in range(4)]
    for process in running:
        _, complaint = process.communicate(timeout=HANG_S)
        assert process.returncode == 0, complaint
    with Database.open(path) as database:
        catalogue = Catalogue(database)
        assert len(catalogue.tracks()) == 80
        assert catalogue.roots() == [(LocalFile(Path("/music")), 80)]
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
