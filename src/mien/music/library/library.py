"""The user's music from every source: folders, servers and the starter library."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from mien.errors import AudioError, LibraryError, Remedy, SourceClosedError, SourceError, TrackNotFoundError
from mien.music.cue import is_track_path
from mien.music.library.away_check import check_away, check_away_server, is_file
from mien.music.library.bundled_tracks import BundledTracks
from mien.music.library.catalogue import AwayFolder, Catalogue
from mien.music.library.content_hash import content_hash
from mien.music.library.database import Database
from mien.music.library.play_log import PlayEvent, PlayLog
from mien.music.library.scan import FileCheck, ScanProgress, ScanReport, scan
from mien.music.library.server_outages import ServerOutages
from mien.music.location import LocalFile, Location, ServerFile
from mien.music.recommender.placement import place_in_library
from mien.music.sources.source import Disconnectable, RemoteSource, Source, SourceItem, find_source
from mien.music.spelling import path_on_disk
from mien.music.tagging.fields import fields_of
from mien.music.tagging.write import write_fields
from mien.types import Cover, Mood, Pick, Track

AWAY_LIST_S = 300.0
"""A server whose music is away is listed again after so long: that may take many requests."""


@dataclass(frozen=True, slots=True)
class LibraryRoot:
    """A folder or server that the user added.

    Attributes:
        location: The folder or server.
        track_count: The number of its playable tracks, also of those that are away.
        name: What it was added as, before links were followed.
        away: What of it is away.
    """

    location: Location
    track_count: int
    name: Location
    away: tuple[AwayFolder, ...] = ()


class _PlacedTracks(NamedTuple):
    """The user's own tracks, and the same with their places among each other."""

    own: list[Track]
    tracks: list[Track]


class PlayingTrack(NamedTuple):
    """A track that began to play ``since_s`` seconds ago."""

    track: Track
    since_s: float


class Library:
    """The folders and servers that the user added, and the starter library; safe to use from several threads.

    Args:
        database: Stores what is known of the tracks. The library does not close it.
        starter: Whether the starter library is part of it.
        servers: The music servers that can be asked for their tracks' audio and covers.
    """

    def __init__(self, database: Database, *, starter: bool = True, servers: Sequence[RemoteSource] = ()) -> None:
        self._catalogue = Catalogue(database)
        self._play_log = PlayLog(database)
        self._servers = {source.name: source for source in servers}
        self._outages = ServerOutages()
        self._next_lists_s: dict[str, float] = {}
        self._bundled = BundledTracks(find_source("starter")() if starter else None)
        self._opened = ExitStack()
        self._placed = _PlacedTracks([], [])

    @classmethod
    def open(cls, path: Path | str, *, starter: bool = True, servers: Sequence[RemoteSource] = ()) -> Self:
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

    def disconnect(self) -> None:
        """End every request to a music server, in whichever thread it waits, and make no more."""
        for server in self._servers.values():
            if isinstance(server, Disconnectable):
                server.disconnect()

    def tracks(self) -> list[Track]:
        """Every playable track with its absolute mood, also those that are away: the user's own, then the starter's."""
        return self._catalogue.tracks() + self._bundled.tracks(self._catalogue.corrections())

    def placed_tracks(self) -> list[Track]:
        """Every playable track as music is chosen from: the user's own with their places among each other.

        The starter library keeps its moods. See ``placement.place_in_library``.
        """
        own, placed = self._catalogue.tracks(), self._placed
        if len(own) != len(placed.own) or not all(map(operator.is_, own, placed.own)):
            self._placed = placed = _PlacedTracks(own, place_in_library(own))
        return placed.tracks + self._bundled.tracks(self._catalogue.corrections())

    def available(self) -> list[Track]:
        """The placed tracks that can be played now: none that is away, or on a server that did not answer."""
        outages, away = self._outages.names(), self._catalogue.away_ids()
        return [track for track in self.placed_tracks() if track.source not in outages and track.id not in away]

    def choosable(self, *, starter_until: int) -> list[Track]:
        """The tracks to choose music from: all, without the starter library once the user's own suffice.

        Args:
            starter_until: So many of the user's own tracks suffice if their moods are known.
        """
        tracks = self.available()
        own = [track for track in tracks if track.id not in self._bundled]
        offered = sum(track.features is not None and track.features.offered for track in own)
        return own if offered >= starter_until else tracks

    def track(self, track_id: str) -> Track:
        """The track with this id; raises ``TrackNotFoundError`` if there is none."""
        if track_id in self._bundled:
            track = self._bundled.track(track_id, self._catalogue.corrections())
        else:
            track = self._catalogue.track(track_id)
        if track is None:
            raise _not_found(track_id)
        return track

    def find_tracks(self, name: str) -> list[Track]:
        """The tracks with an id, in a file or in a folder, at any depth.

        Args:
            name: A track's id, or the path of a local file or folder.

        Returns:
            The tracks; empty if ``name`` is neither.
        """
        if name in self._bundled:
            return [self.track(name)]
        if (track := self._catalogue.track(name)) is not None:
            return [track]
        folder = LocalFile(path_on_disk(Path(name).expanduser()).resolve())
        inside = {f"folder:{entry.item.key}" for entry in self._catalogue.entries(under=folder).values()}
        return [track for track in self.tracks() if track.id in inside] if inside else []

    def location(self, track_id: str) -> Location:
        """The location of a track's audio; raises ``TrackNotFoundError`` if there is no such track."""
        return self._item(track_id).location

    def locations(self) -> dict[str, Location]:
        """The locations of all tracks' audio, by track id."""
        return self._catalogue.locations() | self._bundled.locations()

    def files(self) -> dict[str, Path]:
        """The files of the user's own tracks, by track id; tracks on servers are left out."""
        return {
            f"folder:{entry.item.key}": location.path
            for location, entry in self._catalogue.entries().items()
            if isinstance(location, LocalFile) and entry.error is None
        }

    def audio_path(self, track_id: str) -> Path:
        """A track's audio file on this computer.

        Raises:
            TrackNotFoundError: If there is no such track, or if it is gone, on a server or part of a file.
        """
        match self._item(track_id).location:
            case LocalFile(path) if is_file(path):
                return path
            case LocalFile(path) if is_track_path(path):
                raise TrackNotFoundError("is a part of a file", "play it on the page", subject=path)
            case LocalFile(path):
                raise TrackNotFoundError("is gone", "bring it back, or add its folder again", subject=path)
            case ServerFile() as file:
                raise TrackNotFoundError("is on a server, not in a file here", "play it on the page", subject=file)

    def open_audio(self, track_id: str) -> tuple[BinaryIO, str]:
        """Open a track's audio, wherever it is.

        Returns:
            A seekable file, which the caller closes, and the suffix of its name in lower case, such as ".mp3".

        Raises:
            TrackNotFoundError: If there is no such track, or its audio is no longer there.
            SourceError: If its server cannot be reached.
        """
        item = self._item(track_id)
        source = self._source_of(item.location)
        if source is None:
            raise TrackNotFoundError("is on a server that was removed", Remedy.ADD_SERVER, subject=item.location)
        try:
            suffix = ".wav" if is_track_path(item.location.path) else item.location.suffix.lower()
            return source.open(item), suffix
        except AudioError as error:
            raise TrackNotFoundError(error.problem, error.remedy, subject=error.subject) from error
        except SourceClosedError:
            raise
        except SourceError as error:
            self._outages.failed(source.name, error, at_s=time.monotonic())
            raise

    def retry_servers(self, *, at_s: float) -> None:
        """Ask the servers that did not answer again, each after a while, and list those whose music is away.

        Args:
            at_s: The present time, of the monotonic clock.
        """
        self._outages.retry(self._servers, at_s=at_s)
        away = {one.location.server for one in self.away() if isinstance(one.location, ServerFile)}
        for name in away & self._servers.keys():
            if at_s >= self._next_lists_s.get(name, at_s):
                self._next_lists_s[name] = at_s + AWAY_LIST_S
                with suppress(SourceError):
                    check_away_server(self._catalogue, self._servers[name])

    def cover(self, track_id: str) -> Cover | None:
        """A track's cover, None if it has none; raises ``TrackNotFoundError`` if there is no such track."""
        if track_id in self._bundled:
            return self._bundled.cover(track_id)
        item = self._item(track_id)
        source = self._source_of(item.location)
        return source.cover(item) if source else None

    def roots(self) -> list[LibraryRoot]:
        """The folders and servers that were added, ordered by path."""
        all_away, names = self._catalogue.away(), self._catalogue.names()

        def root_of(location: Location, count: int) -> LibraryRoot:
            away = tuple(one for one in all_away if one.location.is_within(location))
            return LibraryRoot(location, count, names.get(location, location), away)

        return [root_of(location, count) for location, count in self._catalogue.roots()]

    def away(self) -> list[AwayFolder]:
        """The folders and servers that are away, ordered by path."""
        return self._catalogue.away()

    def check_away(self) -> None:
        """Look, without a scan, whether added folders are away, and whether tracks that were away are back."""
        check_away(self._catalogue)

    def forget_away(self) -> int:
        """Remove the tracks that are away from the library; returns their number. What was said about them stays."""
        return self._catalogue.remove_away()

    def add(
        self,
        folder: Path,
        *,
        progress: Callable[[ScanProgress], None] | None = None,
        workers: int | None = None,
        leave: Callable[[SourceItem], bool] = lambda _item: False,
        check: FileCheck = FileCheck.TIME,
    ) -> ScanReport:
        """Add a folder, or bring it up to date if it was added before: see ``scan.scan``.

        Adding a folder inside an added one brings only that part up to date; adding a folder around added ones takes
        them over.

        Args:
            folder: The folder.
            progress: Called after every file.
            workers: The number of processes that analyse audio, one per core by default; 0 for this process.
            leave: Whether a file is left for the next scan.
            check: By what a file counts as changed.

        Returns:
            What changed, and the files that cannot be used.

        Raises:
            LibraryError: If the folder cannot be opened; the tracks that it had are away from then on.
            ModelError: If a network is missing.
        """
        location, name = LocalFile(folder.expanduser().resolve()), LocalFile(folder.expanduser().absolute())
        if (problem := _folder_problem(location.path)) is not None:
            if is_file(location.path):
                raise problem
            # A link that leads nowhere does not tell where it led before.
            root = next((place for place, other in self._catalogue.names().items() if other == name), location)
            known = self._catalogue.entries(under=root)
            self._catalogue.set_away(dict.fromkeys(known, root))
            count = sum(entry.error is None for entry in known.values())
            raise _away_error(problem, count) if count else problem
        self._catalogue.add_root(location, added_as=name)
        source = _folder_source(location.path)
        return scan(self._catalogue, source, location, progress=progress, workers=workers, leave=leave, check=check)

    def add_server(self, server: RemoteSource, *, progress: Callable[[ScanProgress], None] | None = None) -> ScanReport:
        """Add a server's tracks, or bring them up to date.

        The excerpts to analyse are fetched into memory; no audio is stored.

        Args:
            server: The server.
            progress: Called after every file.

        Returns:
            What changed, and the files that cannot be used.

        Raises:
            SourceError: If the server cannot be reached; what was analysed until then is stored.
        """
        root = ServerFile(server.name)
        self._servers[server.name] = server
        self._catalogue.add_root(root)
        return scan(self._catalogue, server, root, progress=progress)

    def remove(self, folder: Path) -> int:
        """Remove a folder and its tracks from the library; the files stay.

        Returns:
            The number of playable tracks that it had.

        Raises:
            LibraryError: If the folder was not added.
        """
        return self._catalogue.remove_root(LocalFile(folder.expanduser().resolve()))

    def remove_server(self, name: str) -> int:
        """Remove a server's tracks from the library; returns their number, 0 if it was never added."""
        self._servers.pop(name, None)
        root = ServerFile(name)
        return self._catalogue.remove_root(root) if root in dict(self._catalogue.roots()) else 0

    def correct(self, track_id: str, mood: Mood | None, *, at: datetime) -> Track:
        """Correct a track's mood. A correction takes precedence over tags and estimate, and survives every scan.

        Args:
            track_id: The track's id.
            mood: The corrected mood; None withdraws the correction.
            at: An aware time.

        Returns:
            The track with its new mood.

        Raises:
            TrackNotFoundError: If there is no such track.
        """
        self.track(track_id)
        self._catalogue.correct(track_id, None if mood is None else (mood.valence, mood.arousal), at=at)
        return self.track(track_id)

    def write_mood(self, track_id: str) -> bool:
        """Write a track's mood into the tags of its file, which is not analysed again for that.

        Returns:
            Whether the file changed.

        Raises:
            AudioError: If the file cannot be changed safely; it stays as it was.
            TrackNotFoundError: If there is no such track, if it was not analysed, or if it is on a server.
        """
        item, features = self._item(track_id), self.track(track_id).features
        if features is None or not isinstance(item.location, LocalFile):
            raise TrackNotFoundError("has no mood to write", Remedy.ADD_FOLDER, subject=item.location)
        path = item.location.path
        changed = write_fields(path, fields_of(features))
        if changed:
            status = path.stat()
            written = replace(item, size_bytes=status.st_size, changed_ns=status.st_mtime_ns)
            self._catalogue.update_item(written, content_hash=content_hash(item.location))
        return changed

    def record_pick(self, pick: Pick, mood: Mood, *, at: datetime) -> None:
        """Log a pick that began to play.

        Args:
            pick: The pick.
            mood: The mood that it was chosen for.
            at: An aware time.
        """
        self._play_log.add_pick(pick, mood, at=at)

    def record_play(self, track_id: str, event: PlayEvent, *, position_s: float, at: datetime) -> None:
        """Log what happened to a track in the player.

        Args:
            track_id: The track's id.
            event: What happened.
            position_s: Where in the track it happened, in seconds from its beginning.
            at: An aware time.
        """
        self._play_log.add_play(track_id, event, position_s=position_s, at=at)

    def now_playing(self, *, at: datetime) -> PlayingTrack | None:
        """The track that plays at a time, by the log: the last that started, unless it has ended or was skipped."""
        start = self._play_log.open_play()
        if start is None:
            return None
        try:
            track = self.track(start.track_id)
        except TrackNotFoundError:
            return None
        since_s = (at - start.at).total_seconds()
        return PlayingTrack(track, since_s) if 0 <= since_s < track.duration_s - start.position_s else None

    def _item(self, track_id: str) -> SourceItem:
        if (item := self._bundled.item(track_id)) is not None:
            return item
        if (entry := self._catalogue.entry(track_id)) is not None:
            return entry.item
        raise _not_found(track_id)

    def _source_of(self, location: Location) -> Source | None:
        """The source that reads a location, None if its server was removed."""
        match location:
            case LocalFile(path):
                return _folder_source(path.parent)
            case ServerFile(server, _):
                return self._servers.get(server)


def _not_found(track_id: str) -> TrackNotFoundError:
    return TrackNotFoundError("is not a track of the library", "list its tracks again", subject=track_id)


def _folder_source(folder: Path) -> Source:
    return find_source("folder")(folder)


def _folder_problem(folder: Path) -> LibraryError | None:
    """Why a folder cannot be added, None if it can."""
    try:
        next(folder.iterdir(), None)
    except FileNotFoundError:
        return LibraryError("does not exist", "check its name", subject=folder)
    except NotADirectoryError:
        return LibraryError("is a file", "add the folder that contains it", subject=folder)
    except OSError as error:
        return LibraryError(f"cannot be opened ({error.strerror})", "check its permissions", subject=folder)
    return None


def _away_error(error: LibraryError, track_count: int) -> LibraryError:
    """The error for a folder that was added and cannot be opened now."""
    tracks = "its track is" if track_count == 1 else f"its {track_count} tracks are"
    problem = f"{error.problem}: {tracks} away until it is back"
    return LibraryError(problem, f"connect its disk, or {error.remedy}", subject=error.subject)
