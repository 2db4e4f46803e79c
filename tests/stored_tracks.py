"""Tracks in a library's database that nobody had to analyse, each with an empty file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mien.music.library.catalogue import Catalogue
from mien.music.library.database import Database
from mien.music.library.track_rows import ScannedFile
from mien.music.location import LocalFile
from mien.music.sources.source import SourceItem
from mien.types import Track


def store_tracks(database_path: Path, folder: Path, tracks: Iterable[Track]) -> None:
    """Store tracks of the source "folder" as if a scan of ``folder`` had found and analysed them."""
    folder.mkdir(parents=True, exist_ok=True)
    database_path.parent.mkdir(parents=True, exist_ok=True)
    scanned = []
    for track in tracks:
        source, _, key = track.id.partition(":")
        assert source == "folder", f"{track.id} is not of a folder"
        path = folder / f"{key}.mp3"
        path.touch()
        scanned.append(ScannedFile(SourceItem(key, LocalFile(path), 0, 0), track))
    with Database.open(database_path) as database:
        catalogue = Catalogue(database)
        catalogue.add_root(LocalFile(folder))
        catalogue.put(scanned)
