"""Add what MusiCNN computes of a track's sound, by which tracks that sound alike are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty until the files are analysed again."""
    op.add_column("tracks", sa.Column("sound", sa.LargeBinary))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("tracks") as tracks:
        tracks.drop_column("sound")
