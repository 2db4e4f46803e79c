"""Rename a table and columns to the code's terms: ratings, a pick's reasons, its propensity without taste."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename the table and the columns; every row stays.

    A pick's reasons are one per line; an older pick has one, the sentence that it was explained with.
    """
    op.rename_table("verdicts", "ratings")
    with op.batch_alter_table("ratings") as ratings:
        ratings.alter_column("verdict", new_column_name="rating")
    with op.batch_alter_table("picks") as picks:
        picks.alter_column("untaught", new_column_name="baseline_propensity")
        picks.alter_column("reason", new_column_name="reasons")


def downgrade() -> None:
    """Restore the former names."""
    with op.batch_alter_table("picks") as picks:
        picks.alter_column("baseline_propensity", new_column_name="untaught")
        picks.alter_column("reasons", new_column_name="reason")
    with op.batch_alter_table("ratings") as ratings:
        ratings.alter_column("rating", new_column_name="verdict")
    op.rename_table("ratings", "verdicts")
