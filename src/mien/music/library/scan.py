"""Brings what the catalogue knows of a folder up to date: tags first, so that all is listed at once, then the sound."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from mien.errors import AudioError
from mien.music.analysis import musicnn
from mien.music.analysis.decode import read_excerpts
from mien.music.analysis.estimate import ANALYSER_VERSION, estimate
from mien.music.analysis.pool import AnalysisResult, hear_files, workers_for
from mien.music.library.catalogue import Catalogue, CatalogueEntry, ScannedFile
from mien.music.location import LocalFile, Location, ServerFile
from mien.music.sources.source import BrokenFile, Source, SourceItem
from mien.types import Track

_TAGS_AT_ONCE = 250
_FETCHED_BYTES_MOST = 100_000_000  # a minute of anything is less; a file without an index may be read whole


class ScanStage(StrEnum):
    """What a scan does: it reads the tags of every new file, and then hears them."""

    TAGS = "tags"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a stage of a scan is: ``done`` of ``total`` files, the last of them at ``location``."""

    done: int
    total: int
    location: Location
    stage: ScanStage = ScanStage.SOUND


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan found: numbers of tracks, and every file that cannot be used, also those known from before."""

    added: int
    changed: int
    unchanged: int
    removed: int
    broken: tuple[BrokenFile, ...]


Report = Callable[[ScanProgress], None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a scan has to do, by what is known: files without tags, files to hear, and files known to be broken."""

    unread: list[SourceItem]
    unheard: list[SourceItem]
    broken: list[BrokenFile]
    added: set[Location]


def scan(
    catalogue: Catalogue,
    source: Source,
    folder: Location,
    *,
    report: Report | None = None,
    workers: int | None = None,
    newest_ns: int | None = None,
) -> ScanReport:
    """Read and hear every new or changed file under a folder, and forget those that are gone.

    An unchanged file costs a look at its size and time. Each file is kept as soon as it is done, so a scan that was
    interrupted, however it was, goes on where it stopped. Files are heard by ``workers`` processes (as many as there
    are cores if None; a handful of files in this very process). A file changed after ``newest_ns`` is left for the
    next scan: somebody may still be writing it. Raises ``SourceError`` when a server cannot be asked.
    """
    musicnn.check_files()
    tell = report or (lambda _progress: None)
    known = catalogue.entries(under=folder)
    listed = list(source.items())
    unlisted = [found for found in listed if isinstance(found, BrokenFile)]
    items = [found for found in listed if isinstance(found, SourceItem)]
    settled = [item for item in items if newest_ns is None or item.changed_ns <= newest_ns]
    plan = _plan(settled, known)
    broken = unlisted + plan.broken
    broken += _read_tags(catalogue, source, plan.unread, tell)
    refused = {found.location for found in broken}
    unheard = [item for item in plan.unheard if item.location not in refused]
    broken += _hear(catalogue, source, unheard, tell, workers)
    refused = {found.location for found in broken}
    closed = [found.location for found in unlisted]
    there = {item.location for item in items}
    gone = (entry for location, entry in known.items() if location not in there)
    dropped = [entry for entry in gone if not any(entry.item.location.is_within(folder) for folder in closed)]
    if dropped:
        catalogue.drop([entry.item.location for entry in dropped])
    good = {item.location for item in plan.unheard} - refused
    return ScanReport(
        added=len(good & plan.added),
        changed=len(good - plan.added),
        unchanged=len(settled) - len(plan.unheard) - len(plan.broken),
        removed=sum(entry.error is None for entry in dropped),
        broken=tuple(broken),
    )


def _plan(items: Iterable[SourceItem], known: dict[Location, CatalogueEntry]) -> _Plan:
    plan = _Plan([], [], [], set())
    for item in items:
        entry = known.get(item.location)
        same = entry is not None and entry.item == item
        if entry is not None and same and entry.error is not None:
            plan.broken.append(BrokenFile(item.location, entry.error))
        elif not (entry is not None and same and entry.analyser_version == ANALYSER_VERSION):
            # What an older analyser heard stays until it is heard again; so do the tags of a scan that was interrupted.
            if not same:
                plan.unread.append(item)
            if entry is None or (same and entry.analyser_version is None):
                plan.added.add(item.location)
            plan.unheard.append(item)
    return plan


def _read_tags(catalogue: Catalogue, source: Source, items: Sequence[SourceItem], tell: Report) -> list[BrokenFile]:
    """Keep the tags of new and changed files, many at once; returns the files that cannot be read."""
    broken = []
    for first in range(0, len(items), _TAGS_AT_ONCE):
        batch = items[first : first + _TAGS_AT_ONCE]
        found = []
        for done, item in enumerate(batch, start=first + 1):
            found.append(_with_tags(source, item))
            tell(ScanProgress(done, len(items), item.location, ScanStage.TAGS))
        catalogue.put_all(found)
        broken += [BrokenFile(one.item.location, one.error) for one in found if one.error is not None]
    return broken


def _with_tags(source: Source, item: SourceItem) -> ScannedFile:
    try:
        return ScannedFile(item, source.read(item))
    except AudioError as error:
        return _refused(source, item, str(error).encode("utf-8", "replace").decode("utf-8"))


def _refused(source: Source, item: SourceItem, reason: str) -> ScannedFile:
    return ScannedFile(item, Track(f"{source.name}:{item.key}", title="", artist="", album="", duration_s=0.0), reason)


def _hear(
    catalogue: Catalogue, source: Source, items: Sequence[SourceItem], tell: Report, workers: int | None
) -> list[BrokenFile]:
    """Hear files and keep each as soon as it is done; returns those that cannot be used."""
    broken = []
    by_location = {item.location: item for item in items}
    paths = [location.path for location in by_location if isinstance(location, LocalFile)]
    remote = [item for item in items if isinstance(item.location, ServerFile)]
    heard_files = _heard_remotely(source, remote) if remote else _heard(paths, workers)
    with closing(heard_files):  # which ends the workers, however this ends
        for done, (location, heard) in enumerate(heard_files, start=1):
            found = _with_sound(source, by_location[location], heard)
            catalogue.put_all([found])
            if found.error is not None:
                broken.append(BrokenFile(location, found.error))
            tell(ScanProgress(done, len(items), location, ScanStage.SOUND))
    return broken


def _heard(paths: Sequence[Path], workers: int | None) -> Generator[tuple[Location, AnalysisResult | str]]:
    with closing(hear_files(paths, workers=workers_for(len(paths)) if workers is None else workers)) as heard_files:
        for path, heard in heard_files:
            yield LocalFile(path), heard


def _heard_remotely(source: Source, items: Sequence[SourceItem]) -> Generator[tuple[Location, AnalysisResult | str]]:
    """Hear pieces on a server: what the excerpts need is fetched into memory, piece by piece, and nothing is kept.

    Raises ``SourceError`` when the server cannot be asked any longer: its pieces are then out of reach, not broken.
    """
    for item in items:
        try:
            with source.open(item, bytes_most=_FETCHED_BYTES_MOST) as file:
                excerpts = read_excerpts(file, name=item.location.name)
            yield item.location, AnalysisResult(estimate(excerpts), excerpts.duration_s)
        except AudioError as error:
            yield item.location, str(error).encode("utf-8", "replace").decode("utf-8")


def _with_sound(source: Source, item: SourceItem, heard: AnalysisResult | str) -> ScannedFile:
    """A file with its tags, read again in case they changed meanwhile, and its sound."""
    if isinstance(heard, str):
        return _refused(source, item, heard)
    found = _with_tags(source, item)
    if found.error is not None:
        return found
    track = replace(found.track, features=heard.features, duration_s=found.track.duration_s or heard.duration_s)
    return ScannedFile(item, track)
