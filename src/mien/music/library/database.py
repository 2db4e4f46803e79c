"""Opens a catalogue's database and brings it to the present tables, or says in one sentence why it cannot."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from mien.errors import LibraryError

_BUSY_MS = 15_000


def open_database(path: Path) -> sa.Engine:
    """Open or make a SQLite file, run the migrations that it lacks, and return an engine for it.

    Raises ``LibraryError`` when the folder or the file cannot be written, when the file is no database or not mien's,
    and when a newer mien made it; such a file is left as it is.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{path.parent}, where the library belongs, cannot be made ({error.strerror})"
        raise LibraryError(f"{reason}; set MIEN_HOME to a folder of yours.") from error
    engine = _engine(path)
    try:
        _migrate(engine, path)
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
        engine.dispose()
        raise LibraryError(_explain(path, error)) from error
    except LibraryError:
        engine.dispose()
        raise
    return engine


class Store:
    """What keeps something in a library's database; a context manager, which closes it in the end."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make the SQLite file of a library; raises ``LibraryError`` as ``open_database`` does."""
        return cls(open_database(path))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction on an engine of ``open_database``; ``LibraryError`` when it cannot be read or written."""
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.DatabaseError as error:
        raise LibraryError(_explain(Path(engine.url.database or ""), error)) from error


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))

    @sa.event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # SQLAlchemy begins transactions below; Python's driver would begin them late and end them early.
        connection.isolation_level = None
        for pragma in (f"busy_timeout = {_BUSY_MS}", "foreign_keys = ON", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")

    return engine


def _migrate(engine: sa.Engine, path: Path) -> None:
    """Run the missing steps; two processes that open a new library at once take turns."""
    config = Config()
    config.set_main_option("script_location", str(files("mien.music.library") / "migrations").replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        if _revision(connection, script, path) == script.get_current_head():
            return
    _let_others_read(engine)
    with engine.connect().execution_options(begin="IMMEDIATE") as connection, connection.begin():
        if _revision(connection, script, path) != script.get_current_head():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _let_others_read(engine: sa.Engine) -> None:
    """Let others read while a scan writes: it stays with the file, and cannot be set within a transaction.

    SQLite does not wait where two processes set it at once, whatever its time for that; so it is waited for here.
    """
    give_up_s = time.monotonic() + _BUSY_MS / 1000
    with closing(engine.raw_connection()) as raw:
        while True:
            try:
                raw.cursor().execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > give_up_s:
                    raise
                time.sleep(0.02)
            else:
                return


def _revision(connection: sa.Connection, script: ScriptDirectory, path: Path) -> str | None:
    """The step that a database stands at, None for a new one; ``LibraryError`` when that is none of ours."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and sa.inspect(connection).get_table_names():
        raise LibraryError(f"{path} is a database of another program; move it away, and mien makes its own.")
    if revision is not None and revision not in {step.revision for step in script.walk_revisions()}:
        raise LibraryError(f"{path} was made by a newer mien; update mien, and open it again. Nothing was changed.")
    return revision


def _explain(path: Path, error: sa.exc.DatabaseError | sqlite3.DatabaseError) -> str:
    """In one sentence, what is wrong with a database, and what to do."""
    reason = str(error.orig if isinstance(error, sa.exc.DatabaseError) else error)
    if "not a database" in reason or "malformed" in reason:
        return f"{path} is damaged, or not a database; move it away, and mien makes a new one."
    if "disk is full" in reason:
        return f"{path} cannot grow: the disk is full; make room, and go on: what was kept until now is kept."
    return f"{path} cannot be used ({reason}); check its permissions and the disk."
