"""Brings the tracks of a folder or server up to date: tags first, so that all are listed soon, and then the audio."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from mien.errors import AudioError, Remedy, UndecodableError
from mien.music.analysis import musicnn
from mien.music.analysis.estimate import ANALYSER_VERSION
from mien.music.analysis.pool import AnalysisResult
from mien.music.cue import CUE_SUFFIX, is_track_path
from mien.music.library.absence import find_absences
from mien.music.library.analyse_items import analyse_items
from mien.music.library.away_check import lies_at, lists_anything
from mien.music.library.catalogue import AwayFolder, Catalogue, CatalogueEntry
from mien.music.library.content_hash import content_hash
from mien.music.library.moves import find_moves
from mien.music.library.track_rows import ScannedFile
from mien.music.location import LocalFile, Location
from mien.music.sources.source import BrokenFile, Source, SourceItem
from mien.music.tagging.read import TAG_READER_VERSION
from mien.types import Track

_TAGS_BATCH = 250


class ScanStage(StrEnum):
    """The stages of a scan: it reads the tags of every new file, and then analyses the audio of all."""

    TAGS = "tags"
    SOUND = "sound"


class FileCheck(StrEnum):
    """By what a scan decides whether a file has changed.

    TIME: its size and time of change. CONTENT: these, and a hash of where its tags are. NONE: every file is read again.
    """

    TIME = "time"
    CONTENT = "content"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """The progress of a stage: ``done`` of ``total`` files, the last of them at ``location``."""

    done: int
    total: int
    location: Location
    stage: ScanStage = ScanStage.SOUND


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The result of a scan.

    Attributes:
        added: Number of new tracks, also of copies of files that are away.
        changed: Number of tracks that were analysed again.
        unchanged: Number of tracks that were up to date.
        removed: Number of tracks whose files were deleted.
        broken: Every file that cannot be used, also those known from earlier scans.
        retried: Those in ``broken`` that the next scan tries again, because they were not damaged but out of reach.
        away: The folders or servers, in what was scanned, that are away; their tracks stay.
        returned: Number of tracks that were away and are back.
        moved: Number of tracks whose files have another place or name now, or another time.
    """

    added: int
    changed: int
    unchanged: int
    removed: int
    broken: tuple[BrokenFile, ...]
    retried: tuple[SourceItem, ...] = ()
    away: tuple[AwayFolder, ...] = ()
    returned: int = 0
    moved: int = 0


ProgressCallback = Callable[[ScanProgress], None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a scan has to do.

    Attributes:
        unread: Files whose tags are to be read.
        retagged: Unchanged files whose tags an older reader read.
        unanalysed: Files whose audio is to be analysed.
        broken: Unchanged files that could not be used before.
        added: The files in ``unanalysed`` that are new.
    """

    unread: list[SourceItem]
    retagged: list[SourceItem]
    unanalysed: list[SourceItem]
    broken: list[BrokenFile]
    added: set[Location]


@dataclass(frozen=True, slots=True)
class ScanFailure:
    """A file that cannot be used, and why."""

    item: SourceItem
    error: AudioError

    @property
    def lasts(self) -> bool:
        """Whether the file itself is at fault, so that another try is of no use before it changes."""
        return isinstance(self.error, UndecodableError)


def scan(
    catalogue: Catalogue,
    source: Source,
    folder: Location,
    *,
    progress: ProgressCallback | None = None,
    workers: int | None = None,
    leave: Callable[[SourceItem], bool] = lambda _item: False,
    check: FileCheck = FileCheck.TIME,
) -> ScanReport:
    """Read and analyse every new or changed file in a folder, and remove those that were deleted.

    Each file is stored as soon as it is done, so that an interrupted scan resumes where it stopped.
    Files that were moved keep what was said about them: see ``moves``. Files that are away stay: see ``absence``.

    Args:
        catalogue: Where the tracks are stored.
        source: Lists and reads the files.
        folder: The folder of the catalogue that ``source`` lists, or a folder in it.
        progress: Called after every file.
        workers: The number of processes that analyse audio. One per core by default; 0 (this process) for a few
            files.
        leave: Whether a file is left for the next scan, because another program may still be writing it.
        check: By what a file counts as changed.

    Raises:
        SourceError: If a server cannot be reached; what was analysed until then is stored.
        ModelError: If a network is missing.
    """
    musicnn.check_files()
    report = progress or (lambda _progress: None)
    known = catalogue.entries(under=folder)
    listed = list(source.items())
    unlisted = [found for found in listed if isinstance(found, BrokenFile)]
    items = [found for found in listed if isinstance(found, SourceItem)]
    moved, copied = _note_moves(catalogue, source, known, items, root=folder)
    if moved or copied:
        known = catalogue.entries(under=folder)
    removed, returned = _note_absences(catalogue, known, items, unlisted, root=folder)
    settled = [item for item in items if not leave(item)]
    plan = _plan(settled, known, check)
    failures = read_tags(catalogue, source, plan.unread, progress=report)
    _read_tags_again(catalogue, source, plan.retagged, report)
    unusable = {failure.item.location for failure in failures}
    unanalysed = [item for item in plan.unanalysed if item.location not in unusable]
    failures += _analyse(catalogue, source, unanalysed, report, workers)
    unusable = {failure.item.location for failure in failures}
    usable = {item.location for item in plan.unanalysed} - unusable
    copied -= {item.location for item in plan.unanalysed} | {found.location for found in plan.broken}
    return ScanReport(
        added=len(usable & plan.added) + len(copied),
        changed=len(usable - plan.added),
        unchanged=len({item.location for item in settled} - copied) - len(plan.unanalysed) - len(plan.broken),
        removed=removed,
        broken=(*unlisted, *plan.broken, *(_broken(failure.item, failure.error) for failure in failures)),
        retried=tuple(failure.item for failure in failures if not failure.lasts),
        away=tuple(away for away in catalogue.away() if away.location.is_within(folder)),
        returned=returned,
        moved=moved,
    )


def _is_outdated(entry: CatalogueEntry, check: FileCheck) -> bool:
    """Whether a file is read again although it has the same size and time."""
    if check is not FileCheck.CONTENT or entry.content_hash is None:
        return check is FileCheck.NONE
    with suppress(AudioError, OSError):
        return content_hash(entry.item.location) != entry.content_hash
    return False


def _note_moves(
    catalogue: Catalogue,
    source: Source,
    known: Mapping[Location, CatalogueEntry],
    items: Sequence[SourceItem],
    *,
    root: Location,
) -> tuple[int, set[Location]]:
    """Find and store which files have another place or name than before, or are copies of files that are away.

    Returns:
        The number of those that were moved, and the copies.
    """
    listed = {item.location: item for item in items}
    other = [item for item in items if item.location not in known or known[item.location].item != item]
    if not other:
        return 0, set()

    def is_gone(location: Location, size_bytes: int, changed_ns: int) -> bool:
        if location.is_within(root):
            item = listed.get(location)
            return item is None or (item.size_bytes, item.changed_ns) != (size_bytes, changed_ns)
        return isinstance(location, LocalFile) and not lies_at(location)

    def hash_of(item: SourceItem) -> str | None:
        with suppress(AudioError, OSError):
            return content_hash(item.location)
        return None

    roots = [place for place, _ in catalogue.roots() if isinstance(place, LocalFile)]
    away_roots = [place for place in roots if not lists_anything(place.path)]
    gone = catalogue.files_gone({item.size_bytes for item in other}, is_gone=is_gone, away_roots=away_roots)
    found = find_moves(gone, other, source_name=source.name, hash_of=hash_of)
    copies = {item: file for item, file in found.items() if file.is_away and not file.location.is_within(root)}
    moves = {item: file for item, file in found.items() if item not in copies}
    if moves:
        catalogue.move(moves, source_name=source.name)
    if copies:
        catalogue.copy(copies, source_name=source.name)
    return len(moves), {item.location for item in copies}


def _note_absences(
    catalogue: Catalogue,
    known: Mapping[Location, CatalogueEntry],
    items: Iterable[SourceItem],
    unlisted: Iterable[BrokenFile],
    *,
    root: Location,
) -> tuple[int, int]:
    """Store what is away and what is back, and remove what was deleted; returns the numbers removed and returned."""
    present = {item.location for item in items}
    unreadable = {found.location for found in unlisted}
    regrouped = _regrouped(known.keys() - unreadable, present)
    rest = {location: entry for location, entry in known.items() if location not in regrouped}
    absences = find_absences(rest, present, unreadable, root=root)
    returned = [location for location in present if location in known and known[location].away is not None]
    changed: dict[Location, Location | None] = dict.fromkeys(returned)
    changed.update((location, away) for location, away in absences.away.items() if known[location].away != away)
    catalogue.set_away(changed)
    removed = [*absences.removed, *regrouped]
    if removed:
        catalogue.remove_files(removed)
    return sum(known[location].error is None for location in removed), len(returned)


def _regrouped(known: Collection[Location], present: Collection[Location]) -> set[Location]:
    """Files that are now listed as the tracks of a CUE sheet, and tracks whose sheet no longer divides a file.

    Args:
        known: The files of earlier scans, without those that cannot be read now.
        present: The files that are listed now.
    """
    folders = {location.folder for location in present if isinstance(location, LocalFile)}
    folders |= {folder.folder for folder in folders if folder.path.suffix.lower() == CUE_SUFFIX}
    found: set[Location] = set()
    for location in set(known) - set(present):
        if not isinstance(location, LocalFile):
            continue
        if is_track_path(location.path):
            divides_nothing = location.folder not in folders and location.folder.folder in folders
            found |= {location} if divides_nothing else set()
        elif location.folder in folders and location.path.is_file():
            found.add(location)
    return found


def read_tags(
    catalogue: Catalogue, source: Source, items: Sequence[SourceItem], *, progress: ProgressCallback
) -> list[ScanFailure]:
    """Read and store the tags of files, in batches.

    Args:
        catalogue: Where the tracks are stored.
        source: Reads the tags.
        items: The files.
        progress: Called after every file.

    Returns:
        The files that cannot be read.
    """
    failures = []
    for first in range(0, len(items), _TAGS_BATCH):
        batch = []
        for done, item in enumerate(items[first : first + _TAGS_BATCH], start=first + 1):
            batch.append(_with_tags(source, item))
            progress(ScanProgress(done, len(items), item.location, ScanStage.TAGS))
        failures += _store(catalogue, batch)
    return failures


def _store(catalogue: Catalogue, batch: Sequence[ScannedFile]) -> list[ScanFailure]:
    """Store scanned files, and the reasons why some cannot be used if these last; returns all that cannot be used."""
    failures = [ScanFailure(scanned.item, scanned.error) for scanned in batch if scanned.error is not None]
    passing = {failure.item.location for failure in failures if not failure.lasts}
    catalogue.put([scanned for scanned in batch if scanned.item.location not in passing])
    return failures


def _read_tags_again(
    catalogue: Catalogue, source: Source, items: Sequence[SourceItem], report: ProgressCallback
) -> None:
    """Read and store the tags of files that have not changed, without analysing their audio again."""
    for first in range(0, len(items), _TAGS_BATCH):
        batch = []
        for done, item in enumerate(items[first : first + _TAGS_BATCH], start=first + 1):
            scanned = _with_tags(source, item)
            if scanned.error is None:
                batch.append(scanned)
            report(ScanProgress(done, len(items), item.location, ScanStage.TAGS))
        catalogue.update_tags(batch)


def _plan(items: Iterable[SourceItem], known: Mapping[Location, CatalogueEntry], check: FileCheck) -> _Plan:
    plan = _Plan([], [], [], [], set())
    for item in items:
        entry = known.get(item.location)
        listed = entry is not None and entry.item == item
        same = listed and entry is not None and not _is_outdated(entry, check)
        if entry is not None and same and entry.error is None and entry.tag_reader_version != TAG_READER_VERSION:
            plan.retagged.append(item)
        if entry is not None and same and entry.error is not None:
            plan.broken.append(BrokenFile(item.location, entry.error))
        elif not (entry is not None and same and entry.analyser_version == ANALYSER_VERSION):
            # What is known of a file that did not change stays until it was analysed again; so do tags that an
            # interrupted scan read.
            if not listed:
                plan.unread.append(item)
            if entry is None or (listed and entry.analyser_version is None):
                plan.added.add(item.location)
            plan.unanalysed.append(item)
    return plan


def _with_tags(source: Source, item: SourceItem) -> ScannedFile:
    try:
        return ScannedFile(item, source.read(item), content_hash=content_hash(item.location))
    except AudioError as error:
        return _unusable(source, item, error)
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        return _unusable(source, item, AudioError(problem, "check its disk", subject=item.location))


def _unusable(source: Source, item: SourceItem, error: AudioError) -> ScannedFile:
    track = Track(f"{source.name}:{item.key}", title="", artist="", album="", duration_s=0.0)
    remedy = error.remedy if isinstance(error.remedy, Remedy) else _valid_text(error.remedy)
    return ScannedFile(item, track, type(error)(_valid_text(error.problem), remedy))


def _valid_text(text: str) -> str:
    """The text without the lone surrogates of a file name that is not valid text."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _broken(item: SourceItem, error: AudioError) -> BrokenFile:
    return BrokenFile(item.location, error.problem, error.remedy)


def _analyse(
    catalogue: Catalogue, source: Source, items: Sequence[SourceItem], report: ProgressCallback, workers: int | None
) -> list[ScanFailure]:
    """Analyse files and store each as soon as it is done; returns those that cannot be used."""
    failures = []
    with closing(analyse_items(source, items, workers=workers)) as results:  # ends the workers, whatever happens
        for done, (item, result) in enumerate(results, start=1):
            failures += _store(catalogue, [_with_features(source, item, result)])
            report(ScanProgress(done, len(items), item.location, ScanStage.SOUND))
    return failures


def _with_features(source: Source, item: SourceItem, result: AnalysisResult | AudioError) -> ScannedFile:
    """A file with its features, and with its tags, which are read again in case they have changed meanwhile."""
    if isinstance(result, AudioError):
        return _unusable(source, item, result)
    scanned = _with_tags(source, item)
    if scanned.error is not None:
        return scanned
    track = replace(scanned.track, features=result.features, duration_s=scanned.track.duration_s or result.duration_s)
    return scanned._replace(track=track)
