"""Runs the migrations on the connection that ``Database`` provides; Alembic loads this file."""

from __future__ import annotations

from alembic import context

from mien.music.library.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite needs to copy a table to alter it
)
context.run_migrations()
