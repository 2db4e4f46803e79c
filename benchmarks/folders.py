"""Analyses folders of music for benchmarks, once: a library in a temporary folder keeps the results."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.music.library.library import Library
from mien.music.location import LocalFile
from mien.types import Track

CACHE = Path(tempfile.gettempdir()) / "mien-libraries"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for the folders and where the results are kept."""
    parser.add_argument("folders", metavar="DIR", type=Path, nargs="+", help="a soundtrack or an album each")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"the folder for what was analysed ({CACHE})")
    parser.add_argument("--workers", type=int, help="processes that analyse; one per core")


def analysed(options: argparse.Namespace) -> dict[str, list[Track]]:
    """The analysed tracks of each folder, by its name; files that are no music are left out."""
    options.cache.mkdir(parents=True, exist_ok=True)
    with Library.open(options.cache / "library.sqlite3", starter=False) as library:
        for folder in options.folders:
            library.add(folder, workers=options.workers)
        return _by_folder(options.folders, library.tracks(), library.files())


def _by_folder(folders: Sequence[Path], tracks: Sequence[Track], files: Mapping[str, Path]) -> dict[str, list[Track]]:
    heard = [track for track in tracks if track.features is not None and track.id in files]
    roots = {folder.name: LocalFile(folder.resolve()) for folder in folders}
    found = {
        name: [track for track in heard if LocalFile(files[track.id]).is_within(root)] for name, root in roots.items()
    }
    return {name: inside for name, inside in found.items() if inside}
