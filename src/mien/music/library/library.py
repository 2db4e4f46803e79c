"""A person's music, from every source: what everything above music uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from mien.errors import AudioError, LibraryError, Remedy, TrackNotFoundError
from mien.music.library.catalogue import Catalogue, with_mood
from mien.music.library.database import Database
from mien.music.library.scan import ScanProgress, ScanReport, ScanStage, scan
from mien.music.location import LocalFile, Location, ServerFile
from mien.music.sources.source import BrokenFile, Source, SourceItem, find_source
from mien.music.tagging.fields import fields_of
from mien.music.tagging.write import write_fields
from mien.types import Cover, Mood, Pick, Track

__all__ = [
    "BrokenFile",
    "Cover",
    "Library",
    "LibraryFolder",
    "Play",
    "PlayEvent",
    "ScanProgress",
    "ScanReport",
    "ScanStage",
]


class PlayEvent(StrEnum):
    """What happened to a track in the player."""

    STARTED = "started"
    FINISHED = "finished"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class LibraryFolder:
    """A folder that was added, and how many tracks of it can be played."""

    location: Location
    track_count: int


class Play(NamedTuple):
    """A track that began to play so many seconds ago."""

    track: Track
    since_s: float


class _Piece(NamedTuple):
    """A track that needs no catalogue, and where it comes from."""

    source: Source
    item: SourceItem
    track: Track


class Library:
    """The folders and servers that a person added, and the starter library; safe to use from several threads.

    Args:
        database: Stores what is known of the tracks. The library does not close it.
        starter: Whether the starter library is part of it.
        servers: The music servers that can be asked for their tracks' audio and covers.
    """

    def __init__(self, database: Database, *, starter: bool = True, servers: Sequence[Source] = ()) -> None:
        self._catalogue = Catalogue(database)
        self._servers = {source.name: source for source in servers}
        bundled = [find_source("starter")()] if starter else []
        pieces = [_Piece(source, item, source.read(item)) for source in bundled for item in _usable(source.items())]
        self._standing = {piece.track.id: piece for piece in pieces}
        self._opened = ExitStack()

    @classmethod
    def open(cls, path: Path | str, *, starter: bool = True, servers: Sequence[Source] = ()) -> Self:
        """Open a library with a database of its own, which ``close`` closes.

        Args:
            path: The SQLite file; it is created if it does not exist.
            starter: Whether the starter library is part of it.
            servers: The music servers that can be asked for their tracks' audio and covers.

        Raises:
            LibraryError: If the file cannot be opened: see ``Database.open``.
        """
        with ExitStack() as opened:
            library = cls(opened.enter_context(Database.open(Path(path))), starter=starter, servers=servers)
            library._opened = opened.pop_all()
        return library

    def close(self) -> None:
        """Close the database if ``open`` opened it."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tracks(self) -> list[Track]:
        """Every track that can be played: the person's own by artist and album, then the starter library."""
        standing = [piece.track for piece in self._standing.values()]
        return self._catalogue.tracks() + self._all_as_corrected(standing)

    def track(self, track_id: str) -> Track:
        """One track; raises ``TrackNotFoundError`` when there is none of that id."""
        standing = self._standing.get(track_id)
        track = self._as_corrected(standing.track) if standing else self._catalogue.track(track_id)
        if track is None:
            raise _not_found(track_id)
        return track

    def audio_path(self, track_id: str) -> Path:
        """The track's audio file; raises ``TrackNotFoundError`` when there is no such track, or its file is gone."""
        match self._item(track_id).location:
            case LocalFile(path) if path.is_file():
                return path
            case LocalFile(path):
                raise TrackNotFoundError("is gone", "bring it back, or add its folder again", subject=path)
            case ServerFile() as file:
                problem = "lies on a server, not in a file here"
                raise TrackNotFoundError(problem, "play it on the page", subject=str(file))

    def cover(self, track_id: str) -> Cover | None:
        """The track's picture, if it has one; raises ``TrackNotFoundError`` when there is no such track."""
        standing = self._standing.get(track_id)
        if standing:
            return standing.source.cover(standing.item)
        item = self._item(track_id)
        source = self._source_of(item.location)
        return source.cover(item) if source else None

    def location(self, track_id: str) -> Location:
        """Where the track lies; raises ``TrackNotFoundError`` when there is no such track."""
        return self._item(track_id).location

    def locations(self) -> dict[str, Location]:
        """Where every track lies, by its id."""
        standing = {track_id: piece.item.location for track_id, piece in self._standing.items()}
        return self._catalogue.locations() | standing

    def open_audio(self, track_id: str) -> tuple[BinaryIO, str]:
        """The track's audio, wherever it lies, as a file to read and to seek in, and the ending of its name.

        Close it. Raises ``TrackNotFoundError`` when there is no such track, or it cannot be had any longer, and
        ``SourceError`` when its server cannot be asked.
        """
        item = self._item(track_id)
        source = self._source_of(item.location)
        if source is None:
            name = item.location.server if isinstance(item.location, ServerFile) else ""
            raise TrackNotFoundError(f"There is no server called “{name}” any longer", Remedy.ADD_SERVER)
        try:
            return source.open(item), item.location.suffix.lower()
        except AudioError as error:
            raise TrackNotFoundError(str(error)) from error

    def _source_of(self, location: Location) -> Source | None:
        """The source that reads a location; None if its server was removed."""
        match location:
            case LocalFile(path):
                return _folder_source(path.parent)
            case ServerFile(server, _):
                return self._servers.get(server)

    def _item(self, track_id: str) -> SourceItem:
        known = self._standing.get(track_id) or self._catalogue.entry(track_id)
        if known is None:
            raise _not_found(track_id)
        return known.item

    def folders(self) -> list[LibraryFolder]:
        """The folders that were added, in the order of their paths; a server is a location without a path."""
        return [LibraryFolder(location, count) for location, count in self._catalogue.folders()]

    def add(
        self,
        folder: Path,
        *,
        progress: Callable[[ScanProgress], None] | None = None,
        workers: int | None = None,
        newest_ns: int | None = None,
    ) -> ScanReport:
        """Hear every new or changed file under a folder, and forget those that are gone: see ``scan.scan``.

        Adding a folder again brings it up to date. Adding one inside another brings only that part up to date; adding
        one around others takes them over. A file that cannot be used is listed in the report and stops nothing. Raises
        ``LibraryError`` when the folder itself cannot be opened, and ``ModelError`` when a network is missing.
        """
        root = _existing_folder(folder)
        self._catalogue.enter_folder(LocalFile(root))
        return scan(
            self._catalogue,
            _folder_source(root),
            LocalFile(root),
            report=progress,
            workers=workers,
            newest_ns=newest_ns,
        )

    def add_server(self, server: Source, *, progress: Callable[[ScanProgress], None] | None = None) -> ScanReport:
        """List what a server has and hear what is new: the excerpts are fetched into memory, and no file is kept.

        Asking again brings it up to date. Raises ``SourceError`` when the server cannot be asked; what was heard until
        then is kept.
        """
        root = ServerFile(server.name)
        self._servers[server.name] = server
        self._catalogue.enter_folder(root)
        return scan(self._catalogue, server, root, report=progress)

    def remove_server(self, name: str) -> int:
        """Forget a server's tracks, and say how many went; none where it was never listened to."""
        self._servers.pop(name, None)
        root = ServerFile(name)
        return self._catalogue.drop_folder(root) if root in dict(self._catalogue.folders()) else 0

    def remove(self, folder: Path) -> int:
        """Forget a folder that was added, and say how many tracks went; its files stay as they are.

        Raises ``LibraryError`` when it was not added.
        """
        return self._catalogue.drop_folder(LocalFile(folder.expanduser().resolve()))

    def record_pick(self, pick: Pick, mood: Mood, *, at: datetime) -> None:
        """Remember that a track was chosen for a mood; ``at`` knows its time zone."""
        self._catalogue.log_pick(pick, mood, at=at)

    def record_play(self, track_id: str, event: PlayEvent, *, position_s: float, at: datetime) -> None:
        """Remember what happened to a track in the player, ``position_s`` seconds from its start."""
        self._catalogue.log_play(track_id, event, position_s=position_s, at=at)

    def playing(self, *, at: datetime) -> Play | None:
        """What plays as far as a player has told: what began last, was not left, and cannot have ended by itself."""
        play = self._catalogue.open_play()
        if play is None:
            return None
        track_id, position_s, began = play
        try:
            track = self.track(track_id)
        except TrackNotFoundError:
            return None
        since_s = (at - began).total_seconds()
        return Play(track, since_s) if 0 <= since_s < track.duration_s - position_s else None

    def correct(self, track_id: str, mood: Mood | None, *, at: datetime) -> Track:
        """Keep a person's word on a track's mood, which counts more than any other; None takes it back.

        It outlives every scan, and the folder's removal. Returns the track as it is then; raises
        ``TrackNotFoundError`` when there is no such track.
        """
        self.track(track_id)
        place = None if mood is None else (mood.valence, mood.arousal)
        self._catalogue.correct(track_id, place, at=at)
        return self.track(track_id)

    def files(self) -> dict[str, Path]:
        """The files of the person's own tracks, by id; what lies on a server has none."""
        return {
            f"folder:{entry.item.key}": location.path
            for location, entry in self._catalogue.entries().items()
            if isinstance(location, LocalFile) and entry.error is None
        }

    def write_mood(self, track_id: str) -> bool:
        """Write a track's mood into its file's tags, and say whether that changed the file.

        It is not heard again for that. Raises ``AudioError``, with the file as it was, where it had better be left
        alone, and ``TrackNotFoundError`` when there is no such track, or it was not heard.
        """
        item, features = self._item(track_id), self.track(track_id).features
        if features is None or not isinstance(item.location, LocalFile):
            raise TrackNotFoundError("has no mood to write", Remedy.ADD_FOLDER, subject=str(item.location))
        path = item.location.path
        changed = write_fields(path, fields_of(features))
        if changed:
            status = path.stat()
            self._catalogue.keep_item(replace(item, size_bytes=status.st_size, changed_ns=status.st_mtime_ns))
        return changed

    def find(self, name: str) -> list[Track]:
        """The tracks that a person means: by id, by the path of a file, or by a folder that they lie in."""
        if (standing := self._standing.get(name)) is not None:
            return [self._as_corrected(standing.track)]
        if (track := self._catalogue.track(name)) is not None:
            return [track]
        folder = LocalFile(Path(name).expanduser().resolve())
        inside = {f"folder:{entry.item.key}" for entry in self._catalogue.entries(under=folder).values()}
        return [track for track in self.tracks() if track.id in inside] if inside else []

    def _as_corrected(self, track: Track) -> Track:
        return self._all_as_corrected([track])[0]

    def _all_as_corrected(self, tracks: Sequence[Track]) -> list[Track]:
        """Standing pieces, with a person's word on their mood; the catalogue sees to its own."""
        said = self._catalogue.corrections() if tracks else {}
        return [
            replace(track, features=with_mood(track.features, tagged=None, corrected=said[track.id]))
            if track.id in said and track.features
            else track
            for track in tracks
        ]


def _usable(found: Iterable[SourceItem | BrokenFile]) -> Iterator[SourceItem]:
    return (item for item in found if isinstance(item, SourceItem))


def _not_found(track_id: str) -> TrackNotFoundError:
    return TrackNotFoundError(f"the library has no track '{track_id}'; list its tracks again.")


def _folder_source(folder: Path) -> Source:
    return find_source("folder")(folder)


def _existing_folder(folder: Path) -> Path:
    root = folder.expanduser().resolve()
    try:
        next(root.iterdir(), None)
    except FileNotFoundError as error:
        raise LibraryError(f"{folder} does not exist; check its name.") from error
    except NotADirectoryError as error:
        raise LibraryError(f"{folder} is a file; add the folder that it lies in.") from error
    except OSError as error:
        raise LibraryError(f"{folder} cannot be opened ({error.strerror}); check its permissions.") from error
    return root
