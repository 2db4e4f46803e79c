"""Add the user's ratings, and the propensity that a pick would have without taste."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and add the column, which stays empty for earlier picks: they were made without taste."""
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
