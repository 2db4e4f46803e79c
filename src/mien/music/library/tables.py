"""The catalogue's tables as they are now; ``migrations`` tells how they came to be."""

from __future__ import annotations

import os

import sqlalchemy as sa

from mien.music.location import Location, parse_location


class LocationType(sa.TypeDecorator[Location]):
    """A location in its text form, as the bytes that the system uses: not every file name is valid text."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Location | None, dialect: sa.Dialect) -> bytes | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else os.fsencode(str(value))

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> Location | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else parse_location(os.fsdecode(value))


class WordListType(sa.TypeDecorator[tuple[str, ...]]):
    """Several words in one text, a line each; nothing known is no text."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else "\n".join(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> tuple[str, ...]:  # noqa: ARG002
        """From the database."""
        return tuple(value.split("\n")) if value else ()


METADATA = sa.MetaData()

FOLDERS = sa.Table(
    "folders",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("path", LocationType, nullable=False, unique=True),
)

TRACKS = sa.Table(
    "tracks",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("folder_id", sa.Integer, sa.ForeignKey("folders.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("path", LocationType, nullable=False, unique=True),
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
    sa.Column("language", sa.String, nullable=False, server_default=""),
    sa.Column("explicit", sa.Boolean),
    sa.Column("tempo_bpm", sa.Float),
    sa.Column("loudness_lufs", sa.Float),
    sa.Column("valence", sa.Float),
    sa.Column("arousal", sa.Float),
    sa.Column("confidence", sa.Float),
    sa.Column("valence_confidence", sa.Float),
    sa.Column("tonic", sa.Integer),
    sa.Column("minor", sa.Boolean),
    sa.Column("tags", WordListType),
    sa.Column("analyser_version", sa.Integer),
    sa.Column("tag_valence", sa.Float),
    sa.Column("tag_arousal", sa.Float),
    sa.Column("error", sa.String),
)

CORRECTIONS = sa.Table(
    "corrections",
    METADATA,
    sa.Column("track_id", sa.String, primary_key=True),
    sa.Column("valence", sa.Float, nullable=False),
    sa.Column("arousal", sa.Float, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
"""What a person said of a track's mood; kept by id, so that it outlives a folder that is removed and added again."""

PICKS = sa.Table(
    "picks",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("track_id", sa.String, nullable=False, index=True),
    sa.Column("valence", sa.Float, nullable=False),
    sa.Column("arousal", sa.Float, nullable=False),
    sa.Column("mood_confidence", sa.Float, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("propensity", sa.Float, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("baseline_propensity", sa.Float),
)

PLAYS = sa.Table(
    "plays",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("track_id", sa.String, nullable=False, index=True),
    sa.Column("event", sa.String, nullable=False),
    sa.Column("position_s", sa.Float, nullable=False),
)

RATINGS = sa.Table(
    "ratings",
    METADATA,
    sa.Column("track_id", sa.String, primary_key=True),
    sa.Column("rating", sa.String, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
"""A person's ratings: more like this track, or never this track; stored by track id, as corrections are."""

PLAYLISTS = sa.Table(
    "playlists",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

PLAYLIST_ENTRIES = sa.Table(
    "playlist_entries",
    METADATA,
    sa.Column("playlist_id", sa.Integer, sa.ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("path", LocationType, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("artist", sa.String, nullable=False),
    sa.Column("album", sa.String, nullable=False),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("track_id", sa.String, nullable=False),
)
"""What a playlist named; ``track_id`` is empty, or of a track that there was, so that entries outlive tracks."""

CHANGES = sa.Table(
    "changes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)
"""One row: how often folders and tracks were changed, so that a reader knows whether what it read is still right."""
