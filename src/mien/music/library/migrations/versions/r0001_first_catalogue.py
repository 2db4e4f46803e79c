"""Create the first tables: folders, tracks, picks and plays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "folders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path", sa.LargeBinary, nullable=False, unique=True),
    )
    op.create_table(
        "tracks",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("folder_id", sa.Integer, sa.ForeignKey("folders.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("path", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("changed_ns", sa.BigInteger, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("artist", sa.String, nullable=False),
        sa.Column("album", sa.String, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("genre", sa.String, nullable=False),
        sa.Column("credit", sa.String, nullable=False),
        sa.Column("has_cover", sa.Boolean, nullable=False),
        sa.Column("tempo_bpm", sa.Float),
        sa.Column("loudness_lufs", sa.Float),
        sa.Column("valence", sa.Float),
        sa.Column("arousal", sa.Float),
        sa.Column("confidence", sa.Float),
        sa.Column("analyser_version", sa.Integer),
        sa.Column("error", sa.String),
    )
    op.create_table(
        "picks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("track_id", sa.String, nullable=False, index=True),
        sa.Column("valence", sa.Float, nullable=False),
        sa.Column("arousal", sa.Float, nullable=False),
        sa.Column("mood_confidence", sa.Float, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("propensity", sa.Float, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "plays",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("track_id", sa.String, nullable=False, index=True),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("position_s", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop every table."""
    for name in ("plays", "picks", "tracks", "folders"):
        op.drop_table(name)
