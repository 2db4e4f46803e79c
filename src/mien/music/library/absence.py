"""Tells files that are away, with the disk or the server that they are on, from files that were deleted. Pure.

A disk that is not mounted leaves an empty folder, a link to it leads nowhere, and a server whose disk is missing lists
no songs. Removing the tracks then would lose hours of analysis, so only what a folder loses piece by piece is removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mien.music.library.catalogue import CatalogueEntry
from mien.music.location import Location


@dataclass(frozen=True, slots=True)
class Absences:
    """The known files that a scan did not find.

    Attributes:
        away: The folder or server that is away with each file, by the file's location.
        removed: The files that were deleted.
    """

    away: Mapping[Location, Location]
    removed: tuple[Location, ...]


def find_absences(
    known: Mapping[Location, CatalogueEntry],
    found: Collection[Location],
    unreadable: Collection[Location],
    *,
    root: Location,
) -> Absences:
    """Tell what is away from what was deleted.

    A folder is away if it cannot be listed, if it had music and now has none, or if it lost more than half of it at
    once. So is a file that is there but cannot be read, and what was away before and is still missing. Files that could
    not be used are no music.

    Args:
        known: The files of earlier scans in ``root``, by location.
        found: The files that are there now.
        unreadable: Files and folders that could not be listed or looked at.
        root: The folder or server that was scanned.

    Returns:
        What became of each known file that is not among ``found``.
    """
    missing = [entry for location, entry in known.items() if location not in found]
    if not missing:
        return Absences({}, ())
    had, lost = Counter[Location](), Counter[Location]()
    for location, entry in known.items():
        if entry.error is None and (entry.away is None or location in found):
            for folder in _folders(location, root):
                had[folder] += 1
                lost[folder] += location not in found
    filled = {folder for location in found for folder in _folders(location, root)}
    away: dict[Location, Location] = {}
    for entry in missing:
        location = entry.item.location
        folders = [*reversed(list(_folders(location, root))), location]
        unlisted = (folder for folder in folders if folder in unreadable)
        empty = (folder for folder in folders if folder not in filled and folder != location)
        halved = (folder for folder in folders if 2 * lost[folder] > had[folder])
        choices = (unlisted, empty, halved) if entry.error is None else (unlisted,)
        absent = next((folder for choice in choices for folder in choice), entry.away)
        if absent is not None:
            away[location] = absent
    return Absences(away, tuple(entry.item.location for entry in missing if entry.item.location not in away))


def _folders(location: Location, root: Location) -> Iterator[Location]:
    """The folders that a file is in, from the innermost to ``root``."""
    folder = location
    while folder != root and folder.is_within(root):
        folder = folder.folder
        yield folder
