"""Stores the user's playlists. They keep entries whose tracks are removed from the library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from mien.errors import PlaylistError, Remedy
from mien.music.library.database import Database
from mien.music.library.tables import PLAYLIST_ENTRIES, PLAYLISTS
from mien.music.names import comparison_form
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.text import clean_text

_MAX_NAME_LENGTH = 200
_MAX_SUGGESTIONS = 5
_COLUMNS = {"location": "path"} | {name: name for name in PlaylistEntry.__dataclass_fields__ if name != "location"}
"""The column that stores each field of an entry."""


@dataclass(frozen=True, slots=True)
class PlaylistSummary:
    """A stored playlist: its name, its number of entries and when it was stored."""

    name: str
    count: int
    at: datetime


class PlaylistStore:
    """The user's playlists, by name; safe to use from several threads, and several processes on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[PlaylistSummary]:
        """Every playlist, ordered by name."""
        count = sa.func.count(PLAYLIST_ENTRIES.c.position)
        query = sa.select(PLAYLISTS.c.name, count, PLAYLISTS.c.at).outerjoin(PLAYLIST_ENTRIES)
        query = query.group_by(PLAYLISTS.c.id).order_by(sa.func.lower(PLAYLISTS.c.name), PLAYLISTS.c.name)
        with self._database.transaction() as connection:
            return [PlaylistSummary(*row) for row in connection.execute(query)]

    def load(self, name: str) -> Playlist:
        """The playlist with this name in any spelling; raises ``PlaylistError`` if there is none."""
        name = self._stored_name(name)
        columns = (PLAYLIST_ENTRIES.c[column].label(field) for field, column in _COLUMNS.items())
        query = sa.select(*columns).join(PLAYLISTS).where(PLAYLISTS.c.name == name)
        with self._database.transaction() as connection:
            rows = connection.execute(query.order_by(PLAYLIST_ENTRIES.c.position)).mappings()
            entries = tuple(PlaylistEntry(**row) for row in rows)
        if not entries:
            raise self._unknown(name)
        return Playlist(name, entries)

    def put(self, playlist: Playlist, *, at: datetime, replace: bool = False) -> None:
        """Store a playlist: all of it, or nothing if that fails.

        Args:
            playlist: The playlist.
            at: An aware time.
            replace: Whether it may replace a playlist of the same name.

        Raises:
            PlaylistError: If it is empty, if its name is invalid, or if the name is taken and ``replace`` is False.
        """
        name = playlist.name
        if not name.strip() or len(name) > _MAX_NAME_LENGTH or not name.isprintable():
            remedy = f"use up to {_MAX_NAME_LENGTH} letters on one line"
            shown = clean_text(name)[:_MAX_NAME_LENGTH]
            raise PlaylistError("is not a valid name for a playlist", remedy, subject=shown)
        if not playlist.entries:
            raise PlaylistError("would be empty", "choose a playlist with at least one track", subject=name)
        with self._database.transaction() as connection:
            earlier = sa.delete(PLAYLISTS).where(PLAYLISTS.c.name == name)
            if connection.execute(earlier).rowcount and not replace:
                raise PlaylistError("is already the name of a playlist", Remedy.REMOVE_PLAYLIST, subject=name)
            inserted = connection.execute(sa.insert(PLAYLISTS).values(name=name, at=at))
            (playlist_id,) = inserted.inserted_primary_key or (None,)
            rows = [
                {"playlist_id": playlist_id, "position": position}
                | {column: getattr(entry, field) for field, column in _COLUMNS.items()}
                for position, entry in enumerate(playlist.entries)
            ]
            connection.execute(sa.insert(PLAYLIST_ENTRIES), rows)

    def delete(self, name: str) -> None:
        """Delete a playlist; raises ``PlaylistError`` if there is none with this name in any spelling."""
        name = self._stored_name(name)
        with self._database.transaction() as connection:
            deleted = connection.execute(sa.delete(PLAYLISTS).where(PLAYLISTS.c.name == name)).rowcount
        if not deleted:
            raise self._unknown(name)

    def _stored_name(self, name: str) -> str:
        """The name as it is stored: itself, or else the only one with the same comparison form."""
        names = [stored.name for stored in self.all()]
        alike = [stored for stored in names if comparison_form(stored) == comparison_form(name)]
        return alike[0] if name not in names and len(alike) == 1 else name

    def _unknown(self, name: str) -> PlaylistError:
        names = [stored.name for stored in self.all()]
        more = f" and {len(names) - _MAX_SUGGESTIONS} more" if len(names) > _MAX_SUGGESTIONS else ""
        remedy = f"choose one of {', '.join(names[:_MAX_SUGGESTIONS])}{more}" if names else Remedy.IMPORT_PLAYLIST
        return PlaylistError("is not a stored playlist", remedy, subject=name)
