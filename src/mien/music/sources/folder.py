"""The source for a folder of audio files on this computer."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mien.errors import AudioError
from mien.music.location import LocalFile
from mien.music.sources.source import BrokenFile, SourceItem, local_path, open_file
from mien.music.tagging.cover import cover_beside
from mien.music.tagging.read import embedded_cover, read_tags
from mien.types import Cover, Track

# fmt: off
AUDIO_SUFFIXES = frozenset((
    ".aac", ".aif", ".aiff", ".ape", ".flac", ".m4a", ".m4b", ".mka", ".mp2", ".mp3",
    ".mp4", ".mpc", ".oga", ".ogg", ".opus", ".wav", ".weba", ".wma", ".wv",
))
# fmt: on


class FolderSource:
    """The audio files below a folder at any depth, without hidden ones; symbolic links are followed once."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._has_cover_by_folder: dict[Path, bool] = {}

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List the audio files in the order of their names, and the folders that could not be opened."""
        yield from _walk(self._folder)

    def read(self, item: SourceItem) -> Track:
        """Read a file's tags; a missing title and artist are taken from its name."""
        path = local_path(item)
        try:
            found = read_tags(path)
        except OSError as error:
            raise AudioError(f"cannot be read ({error.strerror})", "check its permissions", subject=path) from error
        return Track(
            id=f"{self.name}:{item.key}",
            title=found.title,
            artist=found.artist,
            album=found.album,
            duration_s=0.0,
            year=found.year,
            genres=found.genres,
            has_cover=found.has_picture or self._has_cover_beside(path),
            language=found.language,
            explicit=found.explicit,
            tagged=found.mood,
        )

    def cover(self, item: SourceItem) -> Cover | None:
        """The picture in the file, or else cover.jpg, folder.jpg or the like in its folder."""
        match item.location:
            case LocalFile(path):
                return embedded_cover(path) or cover_beside(path)
            case _:
                return None

    def _has_cover_beside(self, path: Path) -> bool:
        """Whether the file's folder has a cover picture; looked up once per folder."""
        if path.parent not in self._has_cover_by_folder:
            self._has_cover_by_folder[path.parent] = cover_beside(path) is not None
        return self._has_cover_by_folder[path.parent]

    def open(self, item: SourceItem, *, max_bytes: int | None = None) -> BinaryIO:  # noqa: ARG002 - a local file costs nothing
        """Open the file."""
        return open_file(local_path(item))


def key_of(path: Path) -> str:
    """The key of a file: 32 hexadecimal digits that depend on its path only."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


def _walk(top: Path) -> Iterator[SourceItem | BrokenFile]:
    """All files below a folder; each folder is visited once, so a cycle of symbolic links ends."""
    pending, visited = [top], set[tuple[int, int]]()
    while pending:
        folder = pending.pop()
        try:
            paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        except OSError as error:
            yield BrokenFile(LocalFile(folder), f"cannot be opened ({error.strerror})", "check its permissions")
            continue
        subfolders = []
        for path in paths:
            try:
                status = path.stat()
            except OSError as error:
                if path.suffix.lower() in AUDIO_SUFFIXES:
                    yield BrokenFile(LocalFile(path), f"cannot be read ({error.strerror})", "check what it links to")
                continue
            if stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in visited:
                visited.add((status.st_dev, status.st_ino))
                subfolders.append(path)
            elif stat.S_ISREG(status.st_mode) and path.suffix.lower() in AUDIO_SUFFIXES:
                yield SourceItem(key_of(path), LocalFile(path), status.st_size, status.st_mtime_ns)
        pending += reversed(subfolders)
