"""Stores the folders and servers that the user added, their tracks, and corrections of the tracks' moods."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from mien.errors import LibraryError, Remedy
from mien.music.library.database import Database
from mien.music.library.moved_files import files_gone, remember, store_copies, store_moves
from mien.music.library.moves import KnownFile
from mien.music.library.tables import CHANGES, CORRECTIONS, FOLDERS, TRACKS
from mien.music.library.track_rows import SELECT_TRACKS, ScannedFile, row_of, tags_of, track_of
from mien.music.location import Location
from mien.music.sources.source import SourceItem
from mien.music.tagging.moods import MoodPoint
from mien.types import Track

_ENTRY_COLUMNS = [
    TRACKS.c[name]
    for name in (
        "id",
        "path",
        "size_bytes",
        "changed_ns",
        "analyser_version",
        "tag_reader_version",
        "error",
        "away_folder",
        "content_hash",
    )
]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A file in the catalogue.

    Attributes:
        item: The file as it was when it was last scanned.
        analyser_version: The version of the analyser that analysed it; None if it was not analysed yet.
        tag_reader_version: The version of the reader that read its tags; None if that was before versions.
        error: Why it cannot be played; None if it can.
        away: The folder or server that is away with the file, None if the file is there.
        content_hash: See ``content_hash``; None if the file was never hashed.
    """

    item: SourceItem
    analyser_version: int | None
    tag_reader_version: int | None
    error: str | None
    away: Location | None = None
    content_hash: str | None = None


@dataclass(frozen=True, slots=True)
class AwayFolder:
    """A folder or server that had music and now lists none of it, or less than half; its tracks stay until it is back.

    Attributes:
        location: The folder or server.
        track_count: The number of its tracks that are away.
    """

    location: Location
    track_count: int


class _TrackCache(NamedTuple):
    """The playable tracks after the change with this number, and the ids of those that are away."""

    change: int
    tracks: tuple[Track, ...]
    away_ids: frozenset[str]


class Catalogue:
    """The user's folders and tracks; safe to use from several threads, and several processes on one database.

    A root is an added folder, or an added server: the root of its ``ServerFile`` locations.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache = _TrackCache(change=-1, tracks=(), away_ids=frozenset())

    @contextmanager
    def _change(self) -> Iterator[sa.Connection]:
        """A transaction that changes folders or tracks.

        It begins by counting the change, which invalidates every process's cache and waits for other writers.
        """
        with self._database.transaction() as connection:
            connection.execute(sa.update(CHANGES).values(count=CHANGES.c.count + 1))
            yield connection

    def roots(self) -> list[tuple[Location, int]]:
        """Every folder and server that was added, ordered by path, with its number of tracks, also of those away."""
        playable = sa.and_(TRACKS.c.folder_id == FOLDERS.c.id, TRACKS.c.error.is_(None))
        query = (
            sa.select(FOLDERS.c.path, sa.func.count(TRACKS.c.id))
            .outerjoin(TRACKS, playable)
            .group_by(FOLDERS.c.id, FOLDERS.c.path)
            .order_by(FOLDERS.c.path)
        )
        with self._database.transaction() as connection:
            return [(location, count) for location, count in connection.execute(query)]

    def add_root(self, root: Location, *, added_as: Location | None = None) -> None:
        """Add a root, unless it is inside one that was added; it takes over the tracks of added folders inside it.

        Args:
            root: The folder or server.
            added_as: The folder's name before links were followed. A root of this name that is elsewhere is replaced:
                a link now leads to another folder.
        """
        with self._change() as connection:
            if added_as is not None:
                replaced = sa.and_(FOLDERS.c.added_as == added_as, FOLDERS.c.path != root)
                folder_ids = sa.select(FOLDERS.c.id).where(replaced).scalar_subquery()
                remember(connection, TRACKS.c.folder_id.in_(folder_ids))
                connection.execute(sa.delete(FOLDERS).where(replaced))
            ids = _folder_ids(connection)
            if any(root.is_within(other) for other in ids):
                return
            connection.execute(sa.insert(FOLDERS).values(path=root, added_as=added_as))
            folder_id = connection.execute(sa.select(FOLDERS.c.id).where(FOLDERS.c.path == root)).scalar_one()
            inside = [ids[other] for other in ids if other.is_within(root)]
            connection.execute(sa.update(TRACKS).where(TRACKS.c.folder_id.in_(inside)).values(folder_id=folder_id))
            connection.execute(sa.delete(FOLDERS).where(FOLDERS.c.id.in_(inside)))

    def names(self) -> dict[Location, Location]:
        """The folders whose names lead to other places by links: those names, by the folders' places."""
        query = sa.select(FOLDERS.c.path, FOLDERS.c.added_as).where(FOLDERS.c.added_as.is_not(None))
        with self._database.transaction() as connection:
            return {path: name for path, name in connection.execute(query) if name != path}

    def remove_root(self, root: Location) -> int:
        """Remove a root and its tracks.

        Returns:
            The number of playable tracks that it had.

        Raises:
            LibraryError: If it was not added itself.
        """
        counts = dict(self.roots())
        if root not in counts:
            around = next((other for other in counts if root.is_within(other)), None)
            if around is not None:
                problem = f"was not added separately; it is inside {around}"
                raise LibraryError(problem, f"remove {around} instead", subject=root)
            raise LibraryError("was not added", Remedy.LIST_FOLDERS, subject=root)
        with self._change() as connection:
            folder_id = sa.select(FOLDERS.c.id).where(FOLDERS.c.path == root).scalar_subquery()
            remember(connection, TRACKS.c.folder_id == folder_id)
            connection.execute(sa.delete(FOLDERS).where(FOLDERS.c.path == root))
        return counts[root]

    def tracks(self) -> list[Track]:
        """Every playable track, also those that are away, ordered by artist, album and path."""
        return list(self._current().tracks)

    def away_ids(self) -> frozenset[str]:
        """The ids of the tracks that are away."""
        return self._current().away_ids

    def _current(self) -> _TrackCache:
        query = SELECT_TRACKS.where(TRACKS.c.error.is_(None))
        away = sa.select(TRACKS.c.id).where(TRACKS.c.away_folder.is_not(None), TRACKS.c.error.is_(None))
        with self._database.transaction() as connection:
            change = connection.execute(sa.select(CHANGES.c.count)).scalar_one()
            cache = self._cache
            if change != cache.change:
                rows = connection.execute(query.order_by(TRACKS.c.artist, TRACKS.c.album, TRACKS.c.path))
                away_ids = connection.execute(away).scalars()
                cache = _TrackCache(change, tuple(track_of(row) for row in rows), frozenset(away_ids))
                self._cache = cache
        return cache

    def track(self, track_id: str) -> Track | None:
        """The playable track with this id, None if there is none."""
        query = SELECT_TRACKS.where(TRACKS.c.id == track_id, TRACKS.c.error.is_(None))
        with self._database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else track_of(row)

    def entries(self, *, under: Location | None = None) -> dict[Location, CatalogueEntry]:
        """The files in a folder, or all files, by location; also those that cannot be played."""
        return {
            entry.item.location: entry
            for entry in self._entries()
            if under is None or entry.item.location.is_within(under)
        }

    def entry(self, track_id: str) -> CatalogueEntry | None:
        """The file of one track, None if there is no such track."""
        return next(iter(self._entries(TRACKS.c.id == track_id)), None)

    def locations(self) -> dict[str, Location]:
        """The locations of all playable tracks, by track id."""
        query = sa.select(TRACKS.c.id, TRACKS.c.path).where(TRACKS.c.error.is_(None))
        with self._database.transaction() as connection:
            return {row.id: row.path for row in connection.execute(query)}

    def _entries(self, *conditions: sa.ColumnElement[bool]) -> list[CatalogueEntry]:
        with self._database.transaction() as connection:
            rows = connection.execute(sa.select(*_ENTRY_COLUMNS).where(*conditions)).all()
        return [
            CatalogueEntry(SourceItem(track_id.partition(":")[2], location, size_bytes, changed_ns), *state)
            for track_id, location, size_bytes, changed_ns, *state in rows
        ]

    def put(self, scanned: Sequence[ScannedFile]) -> None:
        """Store scanned files in place of what was known of them: all of them, or none if that fails.

        Files in no added folder are skipped: somebody may just have removed it.
        """
        with self._change() as connection:
            folder_ids = _folder_ids(connection)
            rows = [row_of(one, folder_ids) for one in scanned]
            if scanned:
                # A server may name the same song by another path than before.
                same = sa.or_(TRACKS.c.path == sa.bindparam("scanned_path"), TRACKS.c.id == sa.bindparam("scanned_id"))
                known = [{"scanned_path": one.item.location, "scanned_id": one.track.id} for one in scanned]
                connection.execute(sa.delete(TRACKS).where(same), known)
            stored = [row for row in rows if row["folder_id"] is not None]
            if stored:
                connection.execute(sa.insert(TRACKS), stored)

    def update_tags(self, scanned: Sequence[ScannedFile]) -> None:
        """Store the tags of files that were read again, and keep what the analysis found."""
        with self._change() as connection:
            for one in scanned:
                update = sa.update(TRACKS).where(TRACKS.c.path == one.item.location)
                connection.execute(update.values(tags_of(one.track) | {"content_hash": one.content_hash}))

    def update_item(self, item: SourceItem, *, content_hash: str | None) -> None:
        """Store a file's new size, time of change and hash without scanning it again."""
        update = sa.update(TRACKS).where(TRACKS.c.path == item.location)
        values = {"size_bytes": item.size_bytes, "changed_ns": item.changed_ns, "content_hash": content_hash}
        with self._change() as connection:
            connection.execute(update.values(values))

    def files_gone(
        self,
        sizes_bytes: Iterable[int],
        *,
        is_gone: Callable[[Location, int, int], bool],
        away_roots: Collection[Location],
    ) -> list[KnownFile]:
        """The known files of some sizes that are gone: see ``moved_files.files_gone``.

        Args:
            sizes_bytes: The sizes.
            is_gone: Whether the file at a location, with a size and a time of change, is gone from there, or changed.
            away_roots: The added folders that list nothing now.
        """
        with self._database.transaction() as connection:
            return files_gone(connection, sizes_bytes, is_gone, away_roots)

    def move(self, moves: Mapping[SourceItem, KnownFile], *, source_name: str) -> None:
        """Give moved files their new places, with all that was said about them: see ``moved_files.store_moves``."""
        with self._change() as connection:
            store_moves(connection, moves, source_name=source_name)

    def copy(self, copies: Mapping[SourceItem, KnownFile], *, source_name: str) -> None:
        """Store files that have the content of files that are away: see ``moved_files.store_copies``."""
        with self._change() as connection:
            store_copies(connection, copies, source_name=source_name)

    def set_away(self, folders: Mapping[Location, Location | None]) -> None:
        """Note which files are away.

        Args:
            folders: The folder or server that is away with each file, by the file's location; None if it is back.
        """
        if not folders:
            return
        update = sa.update(TRACKS).where(TRACKS.c.path == sa.bindparam("file")).values(away_folder=sa.bindparam("away"))
        with self._change() as connection:
            connection.execute(update, [{"file": file, "away": away} for file, away in folders.items()])

    def away(self) -> list[AwayFolder]:
        """The folders and servers that are away, ordered by path."""
        playable = sa.and_(TRACKS.c.away_folder.is_not(None), TRACKS.c.error.is_(None))
        query = sa.select(TRACKS.c.away_folder, sa.func.count()).where(playable).group_by(TRACKS.c.away_folder)
        with self._database.transaction() as connection:
            return [AwayFolder(*row) for row in connection.execute(query.order_by(TRACKS.c.away_folder))]

    def remove_away(self) -> int:
        """Remove every file that is away; returns the number of playable tracks among them."""
        count = len(self.away_ids())
        with self._change() as connection:
            remember(connection, TRACKS.c.away_folder.is_not(None))
            connection.execute(sa.delete(TRACKS).where(TRACKS.c.away_folder.is_not(None)))
        return count

    def remove_files(self, locations: Sequence[Location]) -> None:
        """Remove files and their tracks; what was said about them follows if they come back under another name."""
        with self._change() as connection:
            for location in locations:
                remember(connection, TRACKS.c.path == location)
                connection.execute(sa.delete(TRACKS).where(TRACKS.c.path == location))

    def correct(self, track_id: str, mood: MoodPoint | None, *, at: datetime) -> None:
        """Store the user's correction of a track's mood in place of an earlier one.

        Args:
            track_id: The track's id.
            mood: The corrected valence and arousal; None deletes the correction.
            at: An aware time.
        """
        with self._change() as connection:
            connection.execute(sa.delete(CORRECTIONS).where(CORRECTIONS.c.track_id == track_id))
            if mood is not None:
                values = {"valence": mood[0], "arousal": mood[1], "at": at}
                connection.execute(sa.insert(CORRECTIONS).values(track_id=track_id, **values))

    def corrections(self) -> dict[str, MoodPoint]:
        """Every correction, by track id."""
        query = sa.select(CORRECTIONS.c.track_id, CORRECTIONS.c.valence, CORRECTIONS.c.arousal)
        with self._database.transaction() as connection:
            return {row.track_id: (row.valence, row.arousal) for row in connection.execute(query)}


def _folder_ids(connection: sa.Connection) -> dict[Location, int]:
    return {row.path: row.id for row in connection.execute(sa.select(FOLDERS.c.path, FOLDERS.c.id))}
