"""Stores that files were moved, with all that was said about them, and remembers files that left the library."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

import sqlalchemy as sa

from mien.music.library.moves import KnownFile
from mien.music.library.tables import (
    CORRECTIONS,
    FOLDERS,
    FORMER_FILES,
    PICKS,
    PLAYLIST_ENTRIES,
    PLAYS,
    RATINGS,
    TRACKS,
)
from mien.music.location import Location, ServerFile
from mien.music.sources.source import SourceItem

_SAID: Final = (CORRECTIONS, RATINGS, PICKS, PLAYS, PLAYLIST_ENTRIES)
"""The tables of what was said about tracks, and of what happened to them; each names a track by its ``track_id``."""

_FILE_COLUMNS: Final = ("path", "size_bytes", "changed_ns", "content_hash")


def remember(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> None:
    """Remember the files that are about to be removed, if anything was said about them.

    Args:
        connection: In a transaction.
        condition: Which rows of ``TRACKS`` will be removed.
    """
    said = sa.union(*(sa.select(table.c.track_id) for table in _SAID)).subquery()
    columns = [TRACKS.c[name] for name in ("id", *_FILE_COLUMNS)]
    leaving = sa.select(*columns).where(condition, TRACKS.c.id.in_(sa.select(said.c.track_id)))
    insert = sa.insert(FORMER_FILES).prefix_with("OR REPLACE")
    connection.execute(insert.from_select(["track_id", *_FILE_COLUMNS], leaving))


def files_gone(
    connection: sa.Connection, sizes_bytes: Iterable[int], is_gone: Callable[[Location, int, int], bool]
) -> list[KnownFile]:
    """The known files of some sizes that are no longer where they were, and those that left the library.

    Args:
        connection: In a transaction.
        sizes_bytes: The sizes.
        is_gone: Whether the file at a location, with a size and a time of change, is gone from there, or changed.
    """
    sizes = set(sizes_bytes)
    columns = ("size_bytes", "changed_ns", "content_hash")
    here = sa.select(TRACKS.c.id, TRACKS.c.path, *(TRACKS.c[name] for name in columns))
    former = sa.select(FORMER_FILES.c.track_id, FORMER_FILES.c.path, *(FORMER_FILES.c[name] for name in columns))
    former = former.where(FORMER_FILES.c.track_id.not_in(sa.select(TRACKS.c.id)))
    known = [KnownFile(*row) for row in connection.execute(here) if row.size_bytes in sizes]
    gone = [file for file in known if is_gone(file.location, file.size_bytes, file.changed_ns)]
    return gone + [KnownFile(*row) for row in connection.execute(former) if row.size_bytes in sizes]


def store_moves(connection: sa.Connection, moves: Mapping[SourceItem, KnownFile], *, source_name: str) -> None:
    """Give moved files their new places, and all that was said about them to their new track ids.

    What was said about a file that another one replaced stays with that file, which is remembered.

    Args:
        connection: In a transaction.
        moves: Each file, with what it was before.
        source_name: The source of the files.
    """
    new_ids = {item: f"{source_name}:{item.key}" for item in moves}
    moving = {file.track_id for file in moves.values()}
    for item in moves:
        if new_ids[item] not in moving:
            _set_aside(connection, new_ids[item])
    folders = {row.path: row.id for row in connection.execute(sa.select(FOLDERS.c.path, FOLDERS.c.id))}
    # Files may have changed places with each other, so that every one leaves its place before any comes to another.
    steps = [(file.track_id, f"moving:{number}", item) for number, (item, file) in enumerate(moves.items())]
    for table in _SAID:
        _rename(connection, table.c.track_id, [(old, interim) for old, interim, _ in steps])
        _rename(connection, table.c.track_id, [(interim, new_ids[item]) for _, interim, item in steps])
    away = sa.update(TRACKS).where(TRACKS.c.id == sa.bindparam("old"))
    connection.execute(
        away.values(id=sa.bindparam("interim"), path=sa.bindparam("nowhere")),
        [
            {"old": old, "interim": interim, "nowhere": ServerFile("moving", PurePosixPath(interim))}
            for old, interim, _ in steps
        ],
    )
    for _, interim, item in steps:
        folder_id = next((number for folder, number in folders.items() if item.location.is_within(folder)), None)
        values = {
            "id": new_ids[item],
            "path": item.location,
            "folder_id": folder_id,
            "size_bytes": item.size_bytes,
            "changed_ns": item.changed_ns,
            "away_folder": None,
            "tag_reader_version": None,  # a title may come from the name
        }
        connection.execute(sa.update(TRACKS).where(TRACKS.c.id == interim).values(values))
        connection.execute(
            sa.update(PLAYLIST_ENTRIES).where(PLAYLIST_ENTRIES.c.track_id == new_ids[item]).values(path=item.location)
        )
    former = sa.delete(FORMER_FILES).where(FORMER_FILES.c.track_id == sa.bindparam("old"))
    connection.execute(former, [{"old": old} for old, _, _ in steps])


def _rename(connection: sa.Connection, column: sa.ColumnElement[str], names: list[tuple[str, str]]) -> None:
    table = next(table for table in (*_SAID, FORMER_FILES) if column.table is table)
    update = sa.update(table).where(column == sa.bindparam("old")).values(track_id=sa.bindparam("new"))
    connection.execute(update, [{"old": old, "new": new} for old, new in names])


def _set_aside(connection: sa.Connection, track_id: str) -> None:
    """Remove a file that another one replaced; what was said about it is kept under another id, should it come back."""
    replaced = TRACKS.c.id == track_id
    remember(connection, replaced)
    connection.execute(sa.delete(TRACKS).where(replaced))
    aside = [(track_id, _unused_id(connection, track_id))]
    for table in (*_SAID, FORMER_FILES):
        _rename(connection, table.c.track_id, aside)


def _unused_id(connection: sa.Connection, track_id: str) -> str:
    """The first of ``track_id~1``, ``track_id~2``, ... under which nothing is stored."""
    ids = sa.union(*(sa.select(table.c.track_id) for table in (*_SAID, FORMER_FILES))).subquery()
    prefix = f"{track_id}~"
    taken = sa.select(ids.c.track_id).where(ids.c.track_id.startswith(prefix, autoescape=True))
    used = set(connection.execute(taken).scalars())
    return next(one for number in itertools.count(1) if (one := f"{prefix}{number}") not in used)
