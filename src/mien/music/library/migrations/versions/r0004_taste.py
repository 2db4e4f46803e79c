"""Keep what a person said of tracks, and how likely a pick would have been without taste."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of verdicts and add the column; picks made before had no taste, so it stays empty there."""
    op.create_table(
        "verdicts",
        sa.Column("track_id", sa.String, primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("picks", sa.Column("untaught", sa.Float))


def downgrade() -> None:
    """Drop both."""
    with op.batch_alter_table("picks") as picks:
        picks.drop_column("untaught")
    op.drop_table("verdicts")
