"""Keep all genres of a track, and which reader read its tags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep each genre as the first of several, and let the next scan read all tags again."""
    op.execute("ALTER TABLE tracks RENAME COLUMN genre TO genres")
    op.add_column("tracks", sa.Column("tag_reader_version", sa.Integer))


def downgrade() -> None:
    """Drop the column, and give the other its old name; a track with several genres has them on several lines."""
    op.execute("ALTER TABLE tracks RENAME COLUMN genres TO genre")
    with op.batch_alter_table("tracks") as tracks:
        tracks.drop_column("tag_reader_version")
