"""Rename the table of ratings, and the propensity that a pick has without taste, to the terms that the code uses."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename the table and both columns; every row stays."""
    op.rename_table("verdicts", "ratings")
    with op.batch_alter_table("ratings") as ratings:
        ratings.alter_column("verdict", new_column_name="rating")
    with op.batch_alter_table("picks") as picks:
        picks.alter_column("untaught", new_column_name="baseline_propensity")


def downgrade() -> None:
    """Restore the former names."""
    with op.batch_alter_table("picks") as picks:
        picks.alter_column("baseline_propensity", new_column_name="untaught")
    with op.batch_alter_table("ratings") as ratings:
        ratings.alter_column("rating", new_column_name="verdict")
    op.rename_table("ratings", "verdicts")
