"""Looks without a scan whether added folders are still there, and whether what was away is back."""

from __future__ import annotations

import os
from pathlib import Path

from mien.music.cue import is_track_path
from mien.music.library.catalogue import Catalogue
from mien.music.location import LocalFile, Location, ServerFile
from mien.music.sources.source import Source, SourceItem


def check_away(catalogue: Catalogue) -> None:
    """Note which of the added folders are away, and which files that were away are back unchanged.

    Every added folder is listed to its first entry; only files that were away are looked at. For servers see
    ``check_away_server``.
    """
    names = catalogue.names()
    roots = [(names.get(root, root), root) for root, count in catalogue.roots() if count]
    gone = [root for name, root in roots if isinstance(name, LocalFile) and not lists_anything(name.path)]
    changes: dict[Location, Location | None] = {}
    if gone or catalogue.away():
        for location, entry in catalogue.entries().items():
            folder = next((folder for folder in gone if location.is_within(folder)), None)
            if folder is not None:
                if entry.away is None:
                    changes[location] = folder
            elif entry.away is not None and _is_unchanged(entry.item):
                changes[location] = None
    catalogue.set_away(changes)


def check_away_server(catalogue: Catalogue, server: Source) -> None:
    """Note which tracks of a server that were away are listed again, unchanged; nothing is analysed.

    Raises:
        SourceError: If the server cannot be reached.
    """
    listed = set(server.items())
    entries = catalogue.entries(under=ServerFile(server.name))
    back = [location for location, entry in entries.items() if entry.away is not None and entry.item in listed]
    catalogue.set_away(dict.fromkeys(back))


def lists_anything(folder: Path) -> bool:
    """Whether a folder can be listed and is not empty; an empty one may be where a disk is not mounted."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def lies_at(location: LocalFile) -> bool:
    """Whether a file, or the sheet of a CUE track, is where it was."""
    return is_file(location.path.parent if is_track_path(location.path) else location.path)


def is_file(path: Path) -> bool:
    """Whether a path is a file that can be looked at: not if its disk answers with any error."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_unchanged(item: SourceItem) -> bool:
    if not isinstance(item.location, LocalFile):
        return False
    path = item.location.path
    if is_track_path(path):  # a track of a CUE sheet is no file; a scan compares the rest
        return lies_at(item.location)
    try:
        status = path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (item.size_bytes, item.changed_ns)
