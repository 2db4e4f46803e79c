"""What Alembic runs: the steps, over the connection that the catalogue hands it."""

from __future__ import annotations

from alembic import context

from mien.music.library.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
