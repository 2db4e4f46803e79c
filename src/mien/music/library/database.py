"""Opens the library's database, migrates it to the current tables, and runs transactions on it.

Everything that is specific to SQLite is in this module; the stores use SQLAlchemy Core on ``tables``.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from mien.errors import LibraryError, Remedy
from mien.music.library.tables import REVISION
from mien.storage.private_file import create_privately, make_private, make_private_folder

_log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 15_000
"""How long to wait for another program that writes to the database."""

_WAL_RETRY_S = 0.02

_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class Database:
    """An open database: one engine, which every store of a library shares.

    A context manager that closes the database. Whoever opens it closes it; the stores do not. Safe to use from several
    threads, and one file from several processes.
    """

    def __init__(self, engine: sa.Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a SQLite file, or create it, and run the migrations that it lacks.

        Only its owner may read the file and its journals: it tells what was played, in which mood and when.

        Args:
            path: The file; missing parent folders are created.

        Returns:
            The open database, with the current tables.

        Raises:
            LibraryError: If the folder or the file cannot be written, if the file is damaged, is not a database or
                belongs to another program, or if a newer version of mien wrote it. Such a file is not changed.
        """
        try:
            make_private_folder(path.parent)
        except OSError as error:
            problem = f"cannot be created for the library ({error.strerror})"
            raise LibraryError(problem, Remedy.CHOOSE_DATA_FOLDER, subject=path.parent) from error
        with suppress(OSError):  # SQLite says what is wrong
            create_privately(path)
        for journal in ("-wal", "-shm", "-journal"):
            make_private(path.with_name(path.name + journal))
        database = cls(_create_engine(path), path)
        try:
            database._migrate()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction: committed at the end of the block, rolled back if the block raises.

        Raises:
            LibraryError: If the database cannot be read or written.
        """
        with self._translated_errors(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _migrate(self) -> None:
        """Run the missing migrations; two processes that open a new file at once take turns."""
        with self._translated_errors():
            with self._engine.begin() as connection:
                if _stored_revision(connection) == REVISION:
                    return
                from mien.music.library import upgrade  # imports Alembic, which files that are current do not need

                upgrade.check_revision(connection, self._path)
                stored = _stored_revision(connection)
            if stored is not None:
                self._back_up(stored)
            _enable_write_ahead_log(self._engine)
            with self._engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
                upgrade.check_revision(connection, self._path)
                upgrade.upgrade(connection)

    def _back_up(self, revision: str) -> None:
        """Copy the database as it is, for an older mien, which refuses a migrated one; say where the copy lies."""
        copy = backup_path(self._path, revision)
        if copy.exists():
            return
        made = copy.with_name(f".{copy.name}-{os.getpid()}")
        try:
            create_privately(made)
            with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(made)) as target:
                source.backup(target)
            made.replace(copy)
        except OSError as error:
            problem = f"cannot be copied before it is updated for this version of mien ({error.strerror})"
            raise LibraryError(problem, "check its folder; nothing was changed", subject=self._path) from error
        finally:
            made.unlink(missing_ok=True)
        _log.warning("%s is updated for this version of mien; a copy for the earlier version is %s.", self._path, copy)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Raise SQLite's errors as ``LibraryError``."""
        try:
            yield
        except sa.exc.DatabaseError as error:
            raise self._library_error(error.orig) from error
        except sqlite3.DatabaseError as error:
            raise self._library_error(error) from error

    def _library_error(self, error: BaseException | None) -> LibraryError:
        code = _primary_code(error)
        if code in _DAMAGED:
            problem, remedy = "is damaged, or not a database", "move it away, and mien creates a new one"
        elif code == sqlite3.SQLITE_FULL:
            problem, remedy = "cannot grow: the disk is full", "free some space; everything stored so far is safe"
        elif code in _LOCKED:
            problem = f"was in use by another program for more than {BUSY_TIMEOUT_MS // 1000} s"
            remedy = "try again when that is done; nothing is damaged"
        else:
            problem, remedy = f"cannot be used ({error})", "check its permissions and the disk"
        return LibraryError(problem, remedy, subject=self._path)


def backup_path(path: Path, revision: str) -> Path:
    """Where the copy of a database lies that was made before it was migrated from a revision."""
    return path.with_name(f"{path.stem}-{revision}{path.suffix}")


def _create_engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # SQLAlchemy begins transactions, below: Python's driver would begin them late and end them early.
        connection.isolation_level = None
        for pragma in (f"busy_timeout = {BUSY_TIMEOUT_MS}", "foreign_keys = ON", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")

    return engine


def _stored_revision(connection: sa.Connection) -> str | None:
    """The last migration that was run; None if there was none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _enable_write_ahead_log(engine: sa.Engine) -> None:
    """Let others read while a scan writes. The mode is stored in the file and cannot be set within a transaction.

    SQLite ignores its busy timeout when two processes set the mode at once, so this function retries.
    """
    give_up_s = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    with closing(engine.raw_connection()) as raw:
        while True:
            try:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if _primary_code(error) not in _LOCKED or time.monotonic() > give_up_s:
                    raise
                time.sleep(_WAL_RETRY_S)
            else:
                return


def _primary_code(error: BaseException | None) -> int:
    """SQLite's primary result code, 0 for errors that Python's driver raised by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
