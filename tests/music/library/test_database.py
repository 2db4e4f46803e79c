"""The library's database: migrations from every older version, and files that it refuses."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
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
from mien.music.library import database as database_module
from mien.music.library.catalogue import Catalogue
from mien.music.library.database import Database, backup_path
from mien.music.library.playlist_store import PlaylistStore
from mien.music.library.tables import METADATA, REVISION
from mien.music.library.taste_store import TasteStore
from mien.music.location import LocalFile
from mien.music.recommender.feedback import Rating
from mien.types import Track

SONG = Track("folder:old", "Old", "", "", 100.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "library.sqlite3"


def migrations():
    config = Config()
    config.set_main_option("script_location", str(files("mien.music.library") / "migrations"))
    return config


def revisions():
    """From the first to the last."""
    return [step.revision for step in ScriptDirectory.from_config(migrations()).walk_revisions()][::-1]


def make_database(path, revision):
    """Create a database as the version of mien with that revision did: a track that was picked and skipped.

    From the revisions that introduced them on, it also holds a correction, ratings and a playlist.
    """
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tables = sa.MetaData()
        tables.reflect(connection)

        def insert(table, **values):
            connection.execute(sa.insert(tables.tables[table]).values(**values))

        at = datetime(2026, 5, 1, 12)  # stored without a zone
        insert("folders", path=b"/music")
        song = {"id": SONG.id, "folder_id": 1, "path": b"/music/old.ogg", "title": SONG.title, "duration_s": 100.0}
        genres = next(name for name in ("genres", "genre") if name in tables.tables["tracks"].c)
        texts = dict.fromkeys(("artist", "album", genres, "credit"), "")
        insert("tracks", size_bytes=1, changed_ns=1, has_cover=False, **song, **texts)
        mood = {"valence": 0.1, "arousal": 0.2, "mood_confidence": 0.9}
        reasons = "reasons" if "reasons" in tables.tables["picks"].c else "reason"
        insert("picks", at=at, track_id=SONG.id, score=0.8, propensity=0.25, **{reasons: "close to your mood"}, **mood)
        insert("plays", at=at, track_id=SONG.id, event="skipped", position_s=50.0)
        if "corrections" in tables.tables:
            insert("corrections", track_id=SONG.id, valence=0.5, arousal=-0.5, at=at)
        for table, column in (("verdicts", "verdict"), ("ratings", "rating")):
            if table in tables.tables:
                insert(table, track_id=SONG.id, at=at, **{column: "like"})
                insert(table, track_id="folder:gone", at=at, **{column: "never"})
        if "playlists" in tables.tables:
            insert("playlists", name="Party", at=at)
            entry = {"title": "Old", "artist": "", "album": "", "duration_s": 100.0, "track_id": SONG.id}
            insert("playlist_entries", playlist_id=1, position=0, path=b"/music/old.ogg", **entry)
    engine.dispose()


def differences(path):
    """How a database's tables differ from those that the code expects."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        found = context.get_current_revision(), compare_metadata(context, METADATA)
    engine.dispose()
    return found


def test_a_new_database_gets_the_current_tables(tmp_path):
    path = tmp_path / "new folder" / "library.sqlite3"
    Database.open(path).close()
    assert differences(path) == (revisions()[-1], [])


def test_the_tables_name_their_migration():
    assert revisions()[-1] == REVISION


@pytest.mark.parametrize("revision", revisions())
def test_a_database_of_any_older_version_is_migrated_and_keeps_its_data(path, revision):
    make_database(path, revision)
    with Database.open(path) as database:
        catalogue, tastes, playlists = Catalogue(database), TasteStore(database), PlaylistStore(database)
        assert [track.id for track in catalogue.tracks()] == [SONG.id]
        (outcome,) = tastes.outcomes({SONG.id: SONG})
        assert (outcome.share, outcome.recommended.propensity, outcome.recommended.baseline_propensity) == (
            0.5,
            0.25,
            0.25,
        )
        exported = {row["kind"]: row for row in tastes.export()}
        assert exported["pick"]["reasons"] == ("close to your mood",)
        assert exported["play"]["at"] == datetime(2026, 5, 1, 12, tzinfo=UTC).isoformat()
        if revision >= "0003":
            assert catalogue.corrections() == {SONG.id: (0.5, -0.5)}
        if revision >= "0004":
            assert tastes.ratings() == {SONG.id: Rating.LIKE, "folder:gone": Rating.NEVER}
        if revision >= "0005":
            assert [entry.track_id for entry in playlists.load("Party").entries] == [SONG.id]
        tastes.rate("folder:new", Rating.LIKE, at=datetime.now(UTC))
        assert len(tastes.ratings()) == (3 if revision >= "0004" else 1)
    assert differences(path) == (revisions()[-1], [])


def test_an_older_mien_finds_a_copy_of_the_database_as_it_was(path, caplog):
    make_database(path, "0007")
    with Database.open(path):
        pass
    copy = backup_path(path, "0007")
    assert str(copy) in caplog.text
    found, _ = differences(copy)
    assert found == "0007"
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT id FROM tracks").fetchall() == [(SONG.id,)]
    connection.close()
    assert sorted(entry.name for entry in path.parent.iterdir()) == sorted([copy.name, path.name])
    caplog.clear()
    Database.open(path).close()
    assert caplog.text == ""


def test_a_database_that_another_program_locks_is_said_to_be_in_use(path, monkeypatch):
    Database.open(path).close()
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 10)
    with sqlite3.connect(path) as other, Database.open(path) as database:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="in use by another program"):
            Catalogue(database).add_root(LocalFile(Path("/music")))
        other.rollback()
        Catalogue(database).add_root(LocalFile(Path("/music")))
    other.close()


def test_migrations_can_be_undone(path):
    make_database(path, "head")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        assert connection.exec_driver_sql("SELECT verdict FROM verdicts").scalars().all() == ["like", "never"]
        assert connection.exec_driver_sql("SELECT reason FROM picks").scalars().all() == ["close to your mood"]
        command.downgrade(config, "base")
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_a_database_of_a_newer_mien_is_refused_and_left_untouched(tmp_path, path):
    make_database(path, "head")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00d'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="update mien"):
        Database.open(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_database_of_another_program_is_refused_and_left_untouched(tmp_path):
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="another program"):
        Database.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello, I am a text file\n" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_not_a_database_is_refused_and_left_untouched(path, content):
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="damaged, or not a database") as caught:
        Database.open(path)
    assert path.read_bytes() == content
    assert caught.value.subject == path


def test_a_folder_that_cannot_be_created_is_a_library_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="choose a folder of yours"):
        Database.open(tmp_path / "file" / "library.sqlite3")
    with pytest.raises(LibraryError, match="cannot be used"):
        Database.open(tmp_path)


def test_a_database_that_breaks_while_in_use_is_a_library_error(path):
    with Database.open(path) as database:
        with database.transaction() as connection:
            connection.exec_driver_sql("DROP TABLE tracks")
        with pytest.raises(LibraryError, match="cannot be used"):
            Catalogue(database).tracks()


def test_a_failed_block_changes_nothing(path):
    with Database.open(path) as database:
        changing = database.transaction()
        changing.__enter__().exec_driver_sql("DELETE FROM changes")
        assert not changing.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
        with database.transaction() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM changes").scalar() == 1


def test_a_database_waits_for_others_and_lets_them_read(path):
    with Database.open(path) as database, database.transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() >= 5000


def test_the_stores_share_one_database(path):
    with Database.open(path) as database:
        Catalogue(database).add_root(LocalFile(Path("/music")))
        TasteStore(database).rate(SONG.id, Rating.LIKE, at=datetime.now(UTC))
    with Database.open(path) as database:
        assert Catalogue(database).roots() == [(LocalFile(Path("/music")), 0)]
        assert TasteStore(database).never() == frozenset()
