"""A person's music, from every source: what everything above music uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self

from mien.errors import AudioError, LibraryError, TrackNotFoundError
from mien.music.analyse import ANALYSER_VERSION, estimate
from mien.music.catalogue import Catalogue, Entry
from mien.music.decode import read_excerpts
from mien.music.sources.source import BrokenFile, Cover, Item, Source, find_source
from mien.types import Mood, Pick, Track

__all__ = ["BrokenFile", "Cover", "Library", "LibraryFolder", "PlayEvent", "ScanProgress", "ScanReport"]


class PlayEvent(StrEnum):
    """What happened to a track in the player."""

    STARTED = "started"
    FINISHED = "finished"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class LibraryFolder:
    """A folder that was added, and how many tracks of it can be played."""

    path: Path
    track_count: int


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is: ``done`` of ``total`` files, the last of them ``path``."""

    done: int
    total: int
    path: Path


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan found: numbers of tracks, and every file that cannot be used, also those known from before."""

    added: int
    changed: int
    unchanged: int
    removed: int
    broken: tuple[BrokenFile, ...]


class _Piece(NamedTuple):
    """A track that needs no catalogue, and where it comes from."""

    source: Source
    item: Item
    track: Track


class Library:
    """The starter library and the folders that a person added; safe to use from several threads."""

    def __init__(self, catalogue: Catalogue, *, standing: Sequence[Source] = ()) -> None:
        """Take a catalogue, and sources whose pieces are always there and need no catalogue."""
        self._catalogue = catalogue
        pieces = [_Piece(source, item, source.read(item)) for source in standing for item in _usable(source.items())]
        self._standing = {piece.track.id: piece for piece in pieces}

    @classmethod
    def open(cls, path: Path | str, *, starter: bool = True) -> Self:
        """Open the library kept in the SQLite file ``path``, or make it, with or without the starter library.

        Raises ``LibraryError`` when the file is damaged, from a newer version, or cannot be written.
        """
        return cls(Catalogue.open(Path(path)), standing=[find_source("starter")()] if starter else [])

    def close(self) -> None:
        """Close the file."""
        self._catalogue.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tracks(self) -> list[Track]:
        """Every track that can be played: the person's own by artist and album, then the starter library."""
        return self._catalogue.tracks() + [piece.track for piece in self._standing.values()]

    def track(self, track_id: str) -> Track:
        """One track; raises ``TrackNotFoundError`` when there is none of that id."""
        standing = self._standing.get(track_id)
        track = standing.track if standing else self._catalogue.track(track_id)
        if track is None:
            raise _not_found(track_id)
        return track

    def audio_path(self, track_id: str) -> Path:
        """The track's audio file; raises ``TrackNotFoundError`` when there is no such track, or its file is gone."""
        path = self._item(track_id).path
        if not path.is_file():
            raise TrackNotFoundError(f"{path} is gone; bring it back, or add its folder again.")
        return path

    def cover(self, track_id: str) -> Cover | None:
        """The track's picture, if it has one; raises ``TrackNotFoundError`` when there is no such track."""
        standing = self._standing.get(track_id)
        if standing:
            return standing.source.cover(standing.item)
        item = self._item(track_id)
        return _folder_source(item.path.parent).cover(item)

    def _item(self, track_id: str) -> Item:
        known = self._standing.get(track_id) or self._catalogue.entry(track_id)
        if known is None:
            raise _not_found(track_id)
        return known.item

    def folders(self) -> list[LibraryFolder]:
        """The folders that were added, in the order of their paths."""
        return [LibraryFolder(path, count) for path, count in self._catalogue.folders()]

    def add(self, folder: Path, *, progress: Callable[[ScanProgress], None] | None = None) -> ScanReport:
        """Hear every new or changed file under a folder, and forget those that are gone.

        Adding a folder again brings it up to date: an unchanged file costs a look at its size and time. Adding one
        inside another brings only that part up to date; adding one around others takes them over. Each file is kept
        as soon as it was heard, so an interrupted scan goes on where it stopped. A file that cannot be used is listed
        in the report and stops nothing. Raises ``LibraryError`` when the folder itself cannot be opened.
        """
        root = _existing_folder(folder)
        source = _folder_source(root)
        self._catalogue.enter_folder(root)
        known = self._catalogue.entries(under=root)
        listed = list(source.items())
        items = list(_usable(listed))
        unlisted = [found for found in listed if isinstance(found, BrokenFile)]
        broken = list(unlisted)
        counts = {"added": 0, "changed": 0, "unchanged": 0}
        for done, item in enumerate(items, start=1):
            before = known.pop(item.path, None)
            current = before is not None and _is_current(before, item)
            reason = before.error if before is not None and current else self._take_in(source, item)
            if reason is not None:
                broken.append(BrokenFile(item.path, reason))
            else:
                counts["unchanged" if current else "changed" if before is not None else "added"] += 1
            if progress is not None:
                progress(ScanProgress(done, len(items), item.path))
        closed = {found.path for found in unlisted}
        gone = [entry for path, entry in known.items() if closed.isdisjoint(path.parents)]
        self._catalogue.drop([entry.item.path for entry in gone])
        return ScanReport(**counts, removed=sum(entry.error is None for entry in gone), broken=tuple(broken))

    def remove(self, folder: Path) -> int:
        """Forget a folder that was added, and say how many tracks went; its files stay as they are.

        Raises ``LibraryError`` when it was not added.
        """
        return self._catalogue.drop_folder(folder.expanduser().resolve())

    def record_pick(self, pick: Pick, mood: Mood, *, at: datetime) -> None:
        """Remember that a track was chosen for a mood; ``at`` knows its time zone."""
        self._catalogue.log_pick(pick, mood, at=at)

    def record_play(self, track_id: str, event: PlayEvent, *, position_s: float, at: datetime) -> None:
        """Remember what happened to a track in the player, ``position_s`` seconds from its start."""
        self._catalogue.log_play(track_id, event, position_s=position_s, at=at)

    def _take_in(self, source: Source, item: Item) -> str | None:
        """Read and hear a file and keep what was found; returns why it cannot be used, if so."""
        try:
            track = source.read(item)
            excerpts = read_excerpts(item.path)
        except AudioError as error:
            # A file's name need not be text, but a reason is.
            reason = str(error).encode("utf-8", "replace").decode("utf-8")
            unheard = Track(id=f"{source.name}:{item.key}", title="", artist="", album="", duration_s=0.0)
            self._catalogue.put(item, unheard, error=reason)
            return reason
        heard = replace(track, features=estimate(excerpts), duration_s=track.duration_s or excerpts.duration_s)
        self._catalogue.put(item, heard)
        return None


def _usable(found: Iterable[Item | BrokenFile]) -> Iterator[Item]:
    return (item for item in found if isinstance(item, Item))


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


def _is_current(known: Entry, item: Item) -> bool:
    """Whether a file is the one that was heard, by the analyser that we have."""
    return known.item == item and (known.error is not None or known.analyser_version == ANALYSER_VERSION)
