"""Runs the migrations of a library's database; in a module of its own because Alembic takes long to import."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from mien.errors import LibraryError


def check_revision(connection: sa.Connection, path: Path) -> None:
    """Check that the migrations can run.

    Args:
        connection: A connection to the database, in a transaction.
        path: The file, for the error's message.

    Raises:
        LibraryError: If the database is another program's, or if a newer version of mien wrote it.
    """
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and sa.inspect(connection).get_table_names():
        problem, remedy = "is a database of another program", "move it away, and mien creates a new one"
        raise LibraryError(problem, remedy, subject=path)
    known = {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        problem = "was written by a newer version of mien and has not been changed"
        raise LibraryError(problem, "update mien, and open it again", subject=path)


def upgrade(connection: sa.Connection) -> None:
    """Run every migration that the database lacks, in the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("mien.music.library") / "migrations").replace("%", "%%"))
    return config
