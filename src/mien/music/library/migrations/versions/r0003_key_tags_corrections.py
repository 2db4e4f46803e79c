"""Add a track's key, tags, language and tagged mood, and the table of corrections."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _new_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("language", sa.String, nullable=False, server_default=""),
        sa.Column("explicit", sa.Boolean),
        sa.Column("valence_confidence", sa.Float),
        sa.Column("tonic", sa.Integer),
        sa.Column("minor", sa.Boolean),
        sa.Column("tags", sa.String),
        sa.Column("tag_valence", sa.Float),
        sa.Column("tag_arousal", sa.Float),
    )


def upgrade() -> None:
    """Add the columns, empty until the files are analysed again, and create the table."""
    for column in _new_columns():
        op.add_column("tracks", column)
    op.create_table(
        "corrections",
        sa.Column("track_id", sa.String, primary_key=True),
        sa.Column("valence", sa.Float, nullable=False),
        sa.Column("arousal", sa.Float, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_table("corrections")
    with op.batch_alter_table("tracks") as tracks:
        for column in _new_columns():
            tracks.drop_column(column.name)
