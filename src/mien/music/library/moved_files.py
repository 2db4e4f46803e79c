"""Stores that files were moved, with all that was said about them, and remembers files that left the library."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

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

_HOLDS_FOR_COPIES: Final = (CORRECTIONS, RATINGS)
"""Those in ``_SAID`` that hold for every copy of a file; each has at most one row a track."""

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
    connection: sa.Connection,
    sizes_bytes: Iterable[int],
    is_gone: Callable[[Location, int, int], bool],
    away_roots: Collection[Location],
) -> list[KnownFile]:
    """The known files of some sizes that are no longer where they were, and those that left the library.

    Args:
        connection: In a transaction.
        sizes_bytes: The sizes.
        is_gone: Whether the file at a location, with a size and a time of change, is gone from there, or changed.
        away_roots: The added folders that list nothing now.
    """
    sizes = set(sizes_bytes)
    columns = ("size_bytes", "changed_ns", "content_hash")
    is_away = sa.or_(TRACKS.c.away_folder.is_not(None), FOLDERS.c.path.in_(away_roots))
    here: sa.Select[Any] = sa.select(TRACKS.c.id, TRACKS.c.path, *(TRACKS.c[name] for name in columns), is_away)
    here = here.join_from(TRACKS, FOLDERS, TRACKS.c.folder_id == FOLDERS.c.id)
    former = sa.select(FORMER_FILES.c.track_id, FORMER_FILES.c.path, *(FORMER_FILES.c[name] for name in columns))
    former = former.where(FORMER_FILES.c.track_id.not_in(sa.select(TRACKS.c.id)))
    known = [KnownFile(*row) for row in connection.execute(here) if row.size_bytes in sizes]
    gone = [file for file in known if is_gone(file.location, file.size_bytes, file.changed_ns)]
    return gone + [KnownFile(*row) for row in connection.execute(former) if row.size_bytes in sizes]


def store_moves(connection: sa.Connection, moves: Mapping[SourceItem, KnownFile], *, source_name: str) -> None:
    """Give moved files their new places, and all that was said about them to their new track ids.

    What was said about a file that another one replaced stays with that file, which is remembered. Files in no added
    folder are skipped: somebody may just have removed it.

    Args:
        connection: In a transaction.
        moves: Each file, with what it was before.
        source_name: The source of the files.
    """
    folder_ids = _folder_ids(connection, moves)
    if not folder_ids:
        return
    new_ids = {item: f"{source_name}:{item.key}" for item in folder_ids}
    moving = {moves[item].track_id for item in folder_ids}
    for item in folder_ids:
        if new_ids[item] not in moving:
            _set_aside(connection, new_ids[item])
    # Files may have changed places with each other, so that every one leaves its place before any comes to another.
    steps = [(moves[item].track_id, f"moving:{number}", item) for number, item in enumerate(folder_ids)]
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
        values = _place(item, track_id=new_ids[item], folder_id=folder_ids[item])
        connection.execute(sa.update(TRACKS).where(TRACKS.c.id == interim).values(values))
        _correct_playlists(connection, item, track_id=new_ids[item])
    former = sa.delete(FORMER_FILES).where(FORMER_FILES.c.track_id == sa.bindparam("old"))
    connection.execute(former, [{"old": old} for old, _, _ in steps])


def store_copies(connection: sa.Connection, copies: Mapping[SourceItem, KnownFile], *, source_name: str) -> None:
    """Store files that have the content of files that are away, without analysis; the files that are away stay.

    Nobody can tell whether such a file was moved or copied before the other one is back. Corrections and ratings hold
    for both from then on; plays, picks and entries of playlists are those of the file that is here. Files in no added
    folder are skipped.

    Args:
        connection: In a transaction.
        copies: Each file, with the one that is away.
        source_name: The source of the files.
    """
    added_folder = sa.select(FOLDERS.c.path).where(FOLDERS.c.id == TRACKS.c.folder_id).scalar_subquery()
    for item, folder_id in _folder_ids(connection, copies).items():
        old, new = copies[item].track_id, f"{source_name}:{item.key}"
        _set_aside(connection, new)
        here = sa.and_(TRACKS.c.id == old, TRACKS.c.away_folder.is_(None))  # no scan has noticed it yet
        connection.execute(sa.update(TRACKS).where(here).values(away_folder=added_folder))
        row = connection.execute(sa.select(TRACKS).where(TRACKS.c.id == old)).mappings().one()
        connection.execute(sa.insert(TRACKS).values({**row, **_place(item, track_id=new, folder_id=folder_id)}))
        for table in _SAID:
            if table in _HOLDS_FOR_COPIES:
                for said in connection.execute(sa.select(table).where(table.c.track_id == old)).mappings().all():
                    connection.execute(sa.insert(table).values({**said, "track_id": new}))
            else:
                _rename(connection, table.c.track_id, [(old, new)])
        _correct_playlists(connection, item, track_id=new)


def _folder_ids(connection: sa.Connection, items: Iterable[SourceItem]) -> dict[SourceItem, int]:
    """The number of the added folder that each item is in, without the items that are in none."""
    folders = connection.execute(sa.select(FOLDERS.c.path, FOLDERS.c.id)).all()
    return {item: number for item in items for folder, number in folders if item.location.is_within(folder)}


def _place(item: SourceItem, *, track_id: str, folder_id: int) -> dict[str, Any]:
    """The columns of ``TRACKS`` that say where a file is and how it was found there."""
    return {
        "id": track_id,
        "path": item.location,
        "folder_id": folder_id,
        "size_bytes": item.size_bytes,
        "changed_ns": item.changed_ns,
        "away_folder": None,
        "tag_reader_version": None,  # a title may come from the name
    }


def _correct_playlists(connection: sa.Connection, item: SourceItem, *, track_id: str) -> None:
    update = sa.update(PLAYLIST_ENTRIES).where(PLAYLIST_ENTRIES.c.track_id == track_id)
    connection.execute(update.values(path=item.location))


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
