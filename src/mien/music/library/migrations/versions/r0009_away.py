"""Add what is away, by what files are known again, and how folders were named; scan again what failed before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table.

    Files that could not be used are forgotten, so that the next scan tries them again: it may have been the disk's
    fault.
    """
    op.add_column("tracks", sa.Column("away_folder", sa.LargeBinary))
    op.add_column("tracks", sa.Column("content_hash", sa.String))
    op.add_column("folders", sa.Column("added_as", sa.LargeBinary))
    op.create_table(
        "former_files",
        sa.Column("track_id", sa.String, primary_key=True),
        sa.Column("path", sa.LargeBinary, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False, index=True),
        sa.Column("changed_ns", sa.BigInteger, nullable=False),
        sa.Column("content_hash", sa.String),
    )
    op.execute("DELETE FROM tracks WHERE error IS NOT NULL")


def downgrade() -> None:
    """Drop the table and the columns; tracks that are away stay."""
    op.drop_table("former_files")
    with op.batch_alter_table("folders") as folders:
        folders.drop_column("added_as")
    with op.batch_alter_table("tracks") as tracks:
        tracks.drop_column("content_hash")
        tracks.drop_column("away_folder")
