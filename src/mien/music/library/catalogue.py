"""Keeps what is known of a person's music: all queries, over SQLAlchemy Core, so that another database can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from mien.errors import LibraryError
from mien.music.library.database import Database
from mien.music.library.tables import CHANGES, CORRECTIONS, FOLDERS, PICKS, PLAYS, TRACKS
from mien.music.location import Location
from mien.music.sources.source import SourceItem
from mien.types import AudioFeatures, Mood, MoodOrigin, Pick, Track

_FEATURES = tuple(name for name in AudioFeatures.__dataclass_fields__ if name != "origin")
_PLAIN = tuple(name for name in Track.__dataclass_fields__ if name not in {"features", "tagged"})
_TAGGED = ("tag_valence", "tag_arousal")
_CORRECTED = ("corrected_valence", "corrected_arousal")
_COLUMN_NAMES = (*_PLAIN, *_FEATURES, *_TAGGED, *_CORRECTED)
_TRACK_COLUMNS = [
    *(TRACKS.c[name] for name in (*_PLAIN, *_FEATURES, *_TAGGED)),
    CORRECTIONS.c.valence.label(_CORRECTED[0]),
    CORRECTIONS.c.arousal.label(_CORRECTED[1]),
]
_ALL_TRACKS = sa.select(*_TRACK_COLUMNS).outerjoin_from(TRACKS, CORRECTIONS, TRACKS.c.id == CORRECTIONS.c.track_id)

Place = tuple[float, float]
"""A valence and an arousal, both -1..1."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A file that the catalogue knows: what it was when it was heard, and if it could not be, why."""

    item: SourceItem
    analyser_version: int | None
    error: str | None


class ScannedFile(NamedTuple):
    """What was found out about a file; ``error`` says why it cannot be played, if so."""

    item: SourceItem
    track: Track
    error: str | None = None


class _Read(NamedTuple):
    """The tracks as they were after a change, so that they are read from the database once."""

    change: int
    tracks: tuple[Track, ...]


class Catalogue:
    """One person's folders, tracks, picks and plays; safe to use from several threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read = _Read(change=-1, tracks=())

    @contextmanager
    def _change(self) -> Iterator[sa.Connection]:
        """A transaction that changes folders or tracks; by counting itself first, it waits for others at once."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(CHANGES).values(count=CHANGES.c.count + 1))
            yield connection

    def folders(self) -> list[tuple[Location, int]]:
        """Every folder that was added, with the number of tracks that can be played."""
        playable = sa.and_(TRACKS.c.folder_id == FOLDERS.c.id, TRACKS.c.error.is_(None))
        query = (
            sa.select(FOLDERS.c.path, sa.func.count(TRACKS.c.id))
            .outerjoin(TRACKS, playable)
            .group_by(FOLDERS.c.id, FOLDERS.c.path)
            .order_by(FOLDERS.c.path)
        )
        with self._database.transaction() as connection:
            return [(path, count) for path, count in connection.execute(query)]

    def enter_folder(self, folder: Location) -> None:
        """Make a folder known, unless it is or lies in one that is; it takes over the folders inside it."""
        with self._change() as connection:
            known = _folder_ids(connection)
            if any(folder.is_within(other) for other in known):
                return
            connection.execute(sa.insert(FOLDERS).values(path=folder))
            folder_id = connection.execute(sa.select(FOLDERS.c.id).where(FOLDERS.c.path == folder)).scalar_one()
            inside = [known[other] for other in known if other.is_within(folder)]
            connection.execute(sa.update(TRACKS).where(TRACKS.c.folder_id.in_(inside)).values(folder_id=folder_id))
            connection.execute(sa.delete(FOLDERS).where(FOLDERS.c.id.in_(inside)))

    def drop_folder(self, folder: Location) -> int:
        """Forget a folder and its tracks, and say how many could be played; ``LibraryError`` if it was never added."""
        counts = dict(self.folders())
        if folder not in counts:
            around = next((other for other in counts if folder.is_within(other)), None)
            remedy = f"it belongs to {around}; remove that" if around else "run 'mien library list' to see what was"
            raise LibraryError(f"{folder} was not added: {remedy}.")
        with self._change() as connection:
            connection.execute(sa.delete(FOLDERS).where(FOLDERS.c.path == folder))
        return counts[folder]

    def tracks(self) -> list[Track]:
        """Every track that can be played, in the order of artist, album and path."""
        query = _ALL_TRACKS.where(TRACKS.c.error.is_(None))
        with self._database.transaction() as connection:
            change = connection.execute(sa.select(CHANGES.c.count)).scalar_one()
            if change != self._read.change:
                rows = connection.execute(query.order_by(TRACKS.c.artist, TRACKS.c.album, TRACKS.c.path))
                self._read = _Read(change, tuple(_track(row) for row in rows))
        return list(self._read.tracks)

    def track(self, track_id: str) -> Track | None:
        """One track that can be played."""
        query = _ALL_TRACKS.where(TRACKS.c.id == track_id, TRACKS.c.error.is_(None))
        with self._database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _track(row)

    def entries(self, *, under: Location | None = None) -> dict[Location, CatalogueEntry]:
        """What is known of all files, or of those under a folder, broken ones too."""
        return {
            entry.item.location: entry
            for entry in self._entries()
            if under is None or entry.item.location.is_within(under)
        }

    def entry(self, track_id: str) -> CatalogueEntry | None:
        """What is known of the file of one track."""
        return next(iter(self._entries(TRACKS.c.id == track_id)), None)

    def locations(self) -> dict[str, Location]:
        """Where every track lies that can be played, by its id."""
        query = sa.select(TRACKS.c.id, TRACKS.c.path).where(TRACKS.c.error.is_(None))
        with self._database.transaction() as connection:
            return {track_id: location for track_id, location in connection.execute(query)}  # noqa: C416 - rows, not pairs

    def _entries(self, *conditions: sa.ColumnElement[bool]) -> list[CatalogueEntry]:
        columns = [TRACKS.c[name] for name in ("id", "path", "size_bytes", "changed_ns", "analyser_version", "error")]
        with self._database.transaction() as connection:
            rows = connection.execute(sa.select(*columns).where(*conditions)).all()
        return [
            CatalogueEntry(SourceItem(track_id.partition(":")[2], location, size_bytes, changed_ns), version, error)
            for track_id, location, size_bytes, changed_ns, version, error in rows
        ]

    def put(self, item: SourceItem, track: Track, *, error: str | None = None) -> None:
        """Keep what was found out about one file: ``put_all`` of it alone."""
        self.put_all([ScannedFile(item, track, error)])

    def put_all(self, found: Sequence[ScannedFile]) -> None:
        """Keep what was found out about files, in place of what was known, all of it or nothing.

        A file that belongs to no folder (which somebody may just have removed) is not kept.
        """
        with self._change() as connection:
            folders = _folder_ids(connection)
            rows = [_row(one, folders) for one in found]
            if found:
                known_before = sa.delete(TRACKS).where(TRACKS.c.path == sa.bindparam("known_path"))
                connection.execute(known_before, [{"known_path": one.item.location} for one in found])
            kept = [row for row in rows if row["folder_id"] is not None]
            if kept:
                connection.execute(sa.insert(TRACKS), kept)

    def keep_item(self, item: SourceItem) -> None:
        """Keep the size and the time that a file has now; what was heard of it still holds."""
        now = sa.update(TRACKS).where(TRACKS.c.path == item.location)
        with self._change() as connection:
            connection.execute(now.values(size_bytes=item.size_bytes, changed_ns=item.changed_ns))

    def drop(self, locations: Sequence[Location]) -> None:
        """Forget files."""
        with self._change() as connection:
            for location in locations:
                connection.execute(sa.delete(TRACKS).where(TRACKS.c.path == location))

    def correct(self, track_id: str, place: Place | None, *, at: datetime) -> None:
        """Keep what a person says of a track's mood, in place of what they said before; None takes it back."""
        with self._change() as connection:
            connection.execute(sa.delete(CORRECTIONS).where(CORRECTIONS.c.track_id == track_id))
            if place is not None:
                values = {"valence": place[0], "arousal": place[1], "at": at}
                connection.execute(sa.insert(CORRECTIONS).values(track_id=track_id, **values))

    def corrections(self) -> dict[str, Place]:
        """What the person said, by the ids of the tracks."""
        query = sa.select(CORRECTIONS.c.track_id, CORRECTIONS.c.valence, CORRECTIONS.c.arousal)
        with self._database.transaction() as connection:
            return {track_id: (valence, arousal) for track_id, valence, arousal in connection.execute(query)}

    def log_pick(self, pick: Pick, mood: Mood, *, at: datetime) -> None:
        """Remember that a track was chosen for a mood, and how likely that was."""
        values = {name: getattr(pick, name) for name in ("score", "propensity", "baseline_propensity")}
        values["reasons"] = tuple(map(str, pick.reasons))
        sought = {"valence": mood.valence, "arousal": mood.arousal, "mood_confidence": mood.confidence}
        self._log(PICKS, at, track_id=pick.track.id, **values, **sought)

    def log_play(self, track_id: str, event: str, *, position_s: float, at: datetime) -> None:
        """Remember what happened to a track in the player."""
        self._log(PLAYS, at, track_id=track_id, event=event, position_s=position_s)

    def open_play(self) -> tuple[str, float, datetime] | None:
        """The latest play, unless it is known to have ended: of which track, from which second on, and since when."""
        began = sa.select(PLAYS).where(PLAYS.c.event == "started").order_by(PLAYS.c.id.desc()).limit(1)
        ends = sa.select(sa.func.count()).select_from(PLAYS).where(PLAYS.c.event != "started")
        with self._database.transaction() as connection:
            play = connection.execute(began).one_or_none()
            if play is None:
                return None
            ended = connection.execute(ends.where(PLAYS.c.track_id == play.track_id, PLAYS.c.id > play.id)).scalar_one()
        return None if ended else (play.track_id, play.position_s, play.at)

    def _log(self, table: sa.Table, at: datetime, **values: Any) -> None:
        """Append a row; times are kept in UTC."""
        with self._database.transaction() as connection:
            connection.execute(sa.insert(table).values(at=at, **values))


def _folder_ids(connection: sa.Connection) -> dict[Location, int]:
    return {row.path: row.id for row in connection.execute(sa.select(FOLDERS.c.path, FOLDERS.c.id))}


def _row(found: ScannedFile, folders: Mapping[Location, int]) -> dict[str, Any]:
    """A file as the table of tracks holds it; ``folder_id`` is None where it belongs to no folder."""
    item, track, error = found
    features = track.features
    folder_id = next((number for folder, number in folders.items() if item.location.is_within(folder)), None)
    return {
        "folder_id": folder_id,
        "path": item.location,
        "size_bytes": item.size_bytes,
        "changed_ns": item.changed_ns,
        "error": error,
        **{name: getattr(track, name) for name in _PLAIN},
        **{name: getattr(features, name) if features else None for name in _FEATURES},
        **dict(zip(_TAGGED, track.tagged or (None, None), strict=True)),
    }


def _track(row: sa.Row[Any]) -> Track:
    """A track as everybody sees it: a person's word on its mood before the file's, and that before the estimate."""
    known = dict(zip(_COLUMN_NAMES, row, strict=True))
    tagged, corrected = _pair(known, _TAGGED), _pair(known, _CORRECTED)
    track = Track(**{name: known[name] for name in _PLAIN}, tagged=tagged)
    if known["analyser_version"] is None:
        return track
    # An analyser that did not know the confidence of the valence left it open.
    known["valence_confidence"] = known["valence_confidence"] or 0.0
    features = AudioFeatures(**{name: known[name] for name in _FEATURES})
    return replace(track, features=with_mood(features, tagged=tagged, corrected=corrected))


def with_mood(features: AudioFeatures, *, tagged: Place | None, corrected: Place | None) -> AudioFeatures:
    """What was heard, with the mood of the one whose word counts most: the person, the file, the estimate."""
    stated = corrected or tagged
    if stated is None:
        return features
    valence, arousal = stated
    return replace(
        features,
        valence=valence,
        arousal=arousal,
        confidence=1.0,
        valence_confidence=1.0,
        origin=MoodOrigin.PERSON if corrected else MoodOrigin.TAG,
    )


def _pair(known: Mapping[str, Any], names: tuple[str, str]) -> Place | None:
    valence, arousal = known[names[0]], known[names[1]]
    return None if valence is None or arousal is None else (valence, arousal)
