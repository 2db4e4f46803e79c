"""Keeps a person's playlists in the library's database, whatever becomes of the tracks that they name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from mien.errors import PlaylistError
from mien.music.library.database import Database
from mien.music.library.tables import PLAYLIST_ENTRIES, PLAYLISTS
from mien.music.playlists.playlist import Playlist, PlaylistEntry

_NAME_MOST = 200
_NAMED_MOST = 5
_COLUMNS = {"location": "path"} | {name: name for name in PlaylistEntry.__dataclass_fields__ if name != "location"}
"""The column that stores each field of an entry."""


@dataclass(frozen=True, slots=True)
class PlaylistSummary:
    """A playlist that is kept: its name, how many entries it has, and when it was put there."""

    name: str
    count: int
    at: datetime


class PlaylistStore:
    """One person's playlists, by their names; safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[PlaylistSummary]:
        """Every playlist, in the order of their names."""
        count = sa.func.count(PLAYLIST_ENTRIES.c.position)
        query = sa.select(PLAYLISTS.c.name, count, PLAYLISTS.c.at).outerjoin(PLAYLIST_ENTRIES)
        query = query.group_by(PLAYLISTS.c.id).order_by(sa.func.lower(PLAYLISTS.c.name), PLAYLISTS.c.name)
        with self._database.transaction() as connection:
            return [PlaylistSummary(name, many, at) for name, many, at in connection.execute(query)]

    def load(self, name: str) -> Playlist:
        """One playlist; raises ``PlaylistError`` when there is none of that name."""
        query = sa.select(*(PLAYLIST_ENTRIES.c[column].label(field) for field, column in _COLUMNS.items())).join(
            PLAYLISTS
        )
        query = query.where(PLAYLISTS.c.name == name).order_by(PLAYLIST_ENTRIES.c.position)
        with self._database.transaction() as connection:
            entries = tuple(PlaylistEntry(**row) for row in connection.execute(query).mappings())
        if not entries:
            raise self._unknown(name)
        return Playlist(name, entries)

    def put(self, playlist: Playlist, *, at: datetime, replace: bool = False) -> None:
        """Keep a playlist, all of it or nothing.

        Raises ``PlaylistError`` for an empty one, a name that is none, and unless ``replace`` one that is taken.
        """
        name = playlist.name
        if not name.strip() or len(name) > _NAME_MOST or not name.isprintable():
            raise PlaylistError(f"{name[:_NAME_MOST]!r} is no name for a playlist; use up to 200 letters on one line.")
        if not playlist.entries:
            raise PlaylistError(f"“{name}” would be empty; there is nothing to keep.")
        with self._database.transaction() as connection:
            gone = sa.delete(PLAYLISTS).where(PLAYLISTS.c.name == name)
            if connection.execute(gone).rowcount and not replace:
                remedy = f"choose another name, or run: mien playlist remove '{name}'"
                raise PlaylistError(f"There is a playlist “{name}” already; {remedy}")
            made = connection.execute(sa.insert(PLAYLISTS).values(name=name, at=at))
            (playlist_id,) = made.inserted_primary_key or (None,)
            rows = [
                {"playlist_id": playlist_id, "position": position}
                | {column: getattr(entry, field) for field, column in _COLUMNS.items()}
                for position, entry in enumerate(playlist.entries)
            ]
            connection.execute(sa.insert(PLAYLIST_ENTRIES), rows)

    def delete(self, name: str) -> None:
        """Forget a playlist; raises ``PlaylistError`` when there is none of that name."""
        with self._database.transaction() as connection:
            gone = connection.execute(sa.delete(PLAYLISTS).where(PLAYLISTS.c.name == name)).rowcount
        if not gone:
            raise self._unknown(name)

    def _unknown(self, name: str) -> PlaylistError:
        known = [kept.name for kept in self.all()]
        if not known:
            return PlaylistError(f"There is no playlist “{name}”; bring one in with: mien playlist import FILE")
        more = f" and {len(known) - _NAMED_MOST} more" if len(known) > _NAMED_MOST else ""
        return PlaylistError(f"There is no playlist “{name}”; there are {', '.join(known[:_NAMED_MOST])}{more}.")
