"""The library database's current tables; ``migrations`` holds the steps from older ones."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from mien.music.location import Location, parse_location

REVISION: Final = "0009"
"""The migration that makes these tables."""


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
    """A tuple of words, stored as text with one word a line; an empty tuple reads back from NULL or empty text."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else "\n".join(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> tuple[str, ...]:  # noqa: ARG002
        """From the database."""
        return tuple(value.split("\n")) if value else ()


class UtcDateTimeType(sa.TypeDecorator[datetime]):
    """An aware time, stored in UTC: SQLite does not store time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


METADATA = sa.MetaData()

FOLDERS = sa.Table(
    "folders",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("path", LocationType, nullable=False, unique=True),
    sa.Column("added_as", LocationType),
)
"""The folders and servers that were added. ``added_as`` is a folder's name before links in it were followed."""

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
    sa.Column("genres", WordListType, nullable=False),
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
    sa.Column("sound", sa.LargeBinary),
    sa.Column("analyser_version", sa.Integer),
    sa.Column("tag_reader_version", sa.Integer),
    sa.Column("tag_valence", sa.Float),
    sa.Column("tag_arousal", sa.Float),
    sa.Column("error", sa.String),
    sa.Column("away_folder", LocationType),
    sa.Column("content_hash", sa.String),
)
"""The files that were found. ``away_folder`` is the folder or server that is away with the file, NULL if it is there;
``content_hash`` is NULL until the file is analysed."""

FORMER_FILES = sa.Table(
    "former_files",
    METADATA,
    sa.Column("track_id", sa.String, primary_key=True),
    sa.Column("path", LocationType, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False, index=True),
    sa.Column("changed_ns", sa.BigInteger, nullable=False),
    sa.Column("content_hash", sa.String),
)
"""Files that left the library, by which what was said about them follows if they come back under another name."""

CORRECTIONS = sa.Table(
    "corrections",
    METADATA,
    sa.Column("track_id", sa.String, primary_key=True),
    sa.Column("valence", sa.Float, nullable=False),
    sa.Column("arousal", sa.Float, nullable=False),
    sa.Column("at", UtcDateTimeType, nullable=False),
)
"""The user's corrections of tracks' moods; stored by track id, so that they survive a folder's removal."""

PICKS = sa.Table(
    "picks",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTimeType, nullable=False, index=True),
    sa.Column("track_id", sa.String, nullable=False, index=True),
    sa.Column("valence", sa.Float, nullable=False),
    sa.Column("arousal", sa.Float, nullable=False),
    sa.Column("mood_confidence", sa.Float, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("propensity", sa.Float, nullable=False),
    sa.Column("reasons", WordListType, nullable=False),
    sa.Column("baseline_propensity", sa.Float),
)

PLAYS = sa.Table(
    "plays",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcDateTimeType, nullable=False, index=True),
    sa.Column("track_id", sa.String, nullable=False, index=True),
    sa.Column("event", sa.String, nullable=False),
    sa.Column("position_s", sa.Float, nullable=False),
)

RATINGS = sa.Table(
    "ratings",
    METADATA,
    sa.Column("track_id", sa.String, primary_key=True),
    sa.Column("rating", sa.String, nullable=False),
    sa.Column("at", UtcDateTimeType, nullable=False),
)
"""The user's ratings: more like this track, or never this track; stored by track id, as corrections are."""

PLAYLISTS = sa.Table(
    "playlists",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("at", UtcDateTimeType, nullable=False),
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
"""A playlist's entries; ``track_id`` is empty or the id of a track that may be gone: entries survive their tracks."""

CHANGES = sa.Table(
    "changes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
)
"""One row: the number of changes of folders and tracks so far, by which a reader knows whether its copy is current."""
