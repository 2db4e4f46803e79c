"""The catalogue's database: migrations, refusals, threads and processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from mien.errors import LibraryError
from mien.music.library.catalogue import Catalogue
from mien.music.library.tables import METADATA
from mien.music.location import LocalFile
from mien.music.sources.source import SourceItem
from mien.types import AudioFeatures, Mood, Pick, Reason, ReasonKind, Track
from tests.waiting import HANG_S

HEARD = AudioFeatures(120.0, -14.0, 0.3, -0.2, 0.9, 1, 9, True, 0.6, ("piano", "slow"))


@pytest.fixture
def catalogue(tmp_path):
    opened = Catalogue.open(tmp_path / "library.sqlite3")
    yield opened
    opened.close()


def piece(key, *, folder="/music", features=HEARD):
    item = SourceItem(key, LocalFile(Path(folder) / f"{key}.ogg"), 1000, 123_456_789_012_345_678)
    return item, Track(
        f"folder:{key}", f"Title {key}", "Ann", "Album", 61.5, features, 1999, "Jazz", "", True, "eng", False
    )


def migrations():
    config = Config()
    config.set_main_option("script_location", str(files("mien.music.library") / "migrations"))
    return config


def revisions():
    """From the first to the last."""
    return [step.revision for step in ScriptDirectory.from_config(migrations()).walk_revisions()][::-1]


def make_database(path, revision):
    """A database as a mien of that revision made it, with a track in it."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.exec_driver_sql("INSERT INTO folders (path) VALUES (?)", (b"/music",))
        connection.exec_driver_sql(
            "INSERT INTO tracks (id, folder_id, path, size_bytes, changed_ns, title, artist, album, duration_s, genre,"
            " credit, has_cover) VALUES ('folder:old', 1, ?, 1, 1, 'Old', '', '', 1, '', '', 0)",
            (b"/music/old.ogg",),
        )
    engine.dispose()


def test_empty_database_gets_the_present_tables(tmp_path):
    path = tmp_path / "new folder" / "library.sqlite3"
    Catalogue.open(path).close()
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == revisions()[-1]
        assert compare_metadata(context, METADATA) == []
        connection.engine.dispose()


@pytest.mark.parametrize("revision", revisions())
def test_database_of_any_older_version_is_brought_up_to_date_and_keeps_its_tracks(tmp_path, revision):
    path = tmp_path / "library.sqlite3"
    make_database(path, revision)
    catalogue = Catalogue.open(path)
    assert [track.id for track in catalogue.tracks()] == ["folder:old"]
    catalogue.put(*piece("new"))
    assert {track.id for track in catalogue.tracks()} == {"folder:old", "folder:new"}
    catalogue.close()
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_steps_can_be_undone(tmp_path):
    path = tmp_path / "library.sqlite3"
    make_database(path, "head")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_database_of_a_newer_mien_is_refused_and_left_untouched(tmp_path):
    path = tmp_path / "library.sqlite3"
    make_database(path, "head")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00d'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="update mien"):
        Catalogue.open(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_database_of_another_program_is_refused_and_left_untouched(tmp_path):
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="another program"):
        Catalogue.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello, I am a text file\n" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_file_that_is_no_database_is_refused_and_left_untouched(tmp_path, content):
    path = tmp_path / "library.sqlite3"
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="damaged, or not a database"):
        Catalogue.open(path)
    assert path.read_bytes() == content


def test_folder_that_cannot_be_made_is_a_library_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="MIEN_HOME"):
        Catalogue.open(tmp_path / "file" / "library.sqlite3")
    with pytest.raises(LibraryError, match="cannot be used"):
        Catalogue.open(tmp_path)


def test_database_that_breaks_while_in_use_is_a_library_error(tmp_path):
    path = tmp_path / "library.sqlite3"
    make_database(path, "head")
    catalogue = Catalogue.open(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE tracks")
    connection.close()
    with pytest.raises(LibraryError, match="cannot be used"):
        catalogue.tracks()
    catalogue.close()


def test_database_waits_for_others_and_lets_them_read(catalogue):
    with catalogue._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() >= 5000


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


def test_what_another_connection_changes_is_seen(tmp_path, catalogue):
    catalogue.enter_folder(LocalFile(Path("/music")))
    assert catalogue.tracks() == []
    other = Catalogue.open(tmp_path / "library.sqlite3")
    other.put(*piece("a"))
    assert [track.id for track in catalogue.tracks()] == ["folder:a"]
    other.drop([piece("a")[0].location])
    assert catalogue.tracks() == []
    other.close()


def test_picks_and_plays_are_logged_in_utc(tmp_path, catalogue):
    noon_in_tokyo = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=9)))
    reasons = (Reason(ReasonKind.AROUSAL, -0.5), Reason(ReasonKind.TEMPO, 72.4), Reason(ReasonKind.GOAL, "lift"))
    pick = Pick(piece("a")[1], 0.8, 0.25, reasons, 0.125)
    catalogue.log_pick(pick, Mood(0.1, -0.2, 0.9), at=noon_in_tokyo)
    catalogue.log_play("folder:a", "skipped", position_s=12.5, at=noon_in_tokyo)
    with sqlite3.connect(tmp_path / "library.sqlite3") as connection:
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
        "arousal=-0.5 tempo=72.4 goal=lift",
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


def test_processes_that_make_and_fill_one_library_at_once_do_not_harm_it(tmp_path):
    path = tmp_path / "library.sqlite3"
    code = (
        "import sys; from pathlib import Path; from mien.music.library.catalogue import Catalogue;"
        "from mien.music.location import LocalFile; from mien.music.sources.source import SourceItem;"
        "from mien.types import Track;"
        "catalogue = Catalogue.open(Path(sys.argv[1])); n = sys.argv[2];"
        "catalogue.enter_folder(LocalFile(Path('/music')));"
        "[catalogue.put(SourceItem(f'{n}-{i}', LocalFile(Path(f'/music/{n}-{i}.ogg')), 1, 1),"
        " Track(f'folder:{n}-{i}', 'T', '', '', 1.0)) for i in range(20)]"
    )
    command_line = [sys.executable, "-c", code, str(path)]
    running = [subprocess.Popen([*command_line, str(n)], stderr=subprocess.PIPE, text=True) for n in range(4)]
    for process in running:
        _, complaint = process.communicate(timeout=HANG_S)
        assert process.returncode == 0, complaint
    catalogue = Catalogue.open(path)
    assert len(catalogue.tracks()) == 80
    assert catalogue.folders() == [(LocalFile(Path("/music")), 80)]
    catalogue.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
