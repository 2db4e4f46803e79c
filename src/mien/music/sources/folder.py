"""The source for a folder of audio files on this computer."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mien.errors import AudioError
from mien.music.cue import CUE_SUFFIX, CuePart, cue_part, divided_files, track_path
from mien.music.formats import AUDIO_SUFFIXES, UNPLAYABLE_SUFFIXES
from mien.music.location import LocalFile, open_file
from mien.music.names import genres_in
from mien.music.sources.source import BrokenFile, SourceItem, local_path
from mien.music.tagging.cover import cover_beside
from mien.music.tagging.read import FileTags, embedded_cover, read_tags, year_in
from mien.music.wave import open_part
from mien.types import Cover, Track


class FolderSource:
    """The audio files below a folder at any depth, without hidden ones; symbolic links are followed once.

    A file that a CUE sheet in its folder divides is listed as the sheet's tracks: see ``mien.music.cue``.
    """

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
        part = cue_part(path)
        try:
            file = path if part is None else part.path
            with open_file(file):  # not a pipe, which would block
                found = read_tags(file)
        except OSError as error:
            raise AudioError(f"cannot be read ({error.strerror})", "check its permissions", subject=path) from error
        if part is not None:
            found, path = _tags_of_part(part, found), part.path
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
                part = cue_part(path)
                path = path if part is None else part.path
                with suppress(AudioError, OSError), open_file(path):  # not a pipe, which would block
                    return embedded_cover(path) or cover_beside(path)
                return None
            case _:
                return None

    def _has_cover_beside(self, path: Path) -> bool:
        """Whether the file's folder has a cover picture; looked up once per folder."""
        if path.parent not in self._has_cover_by_folder:
            self._has_cover_by_folder[path.parent] = cover_beside(path) is not None
        return self._has_cover_by_folder[path.parent]

    def open(self, item: SourceItem, *, max_bytes: int | None = None) -> BinaryIO:  # noqa: ARG002 - a local file costs nothing
        """Open the file, or a part of it as a WAV file."""
        path = local_path(item)
        part = cue_part(path)
        return open_file(path) if part is None else open_part(part.path, part.track.start_s, part.track.end_s)


def key_of(path: Path) -> str:
    """The key of a file: 32 hexadecimal digits that depend on its path only."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


def _divided(paths: Sequence[Path]) -> dict[Path, tuple[Path, list[CuePart]]]:
    """The files of a folder that its CUE sheets divide, each with its sheet and its parts."""
    divided: dict[Path, tuple[Path, list[CuePart]]] = {}
    for cue in paths:
        if cue.suffix.lower() == CUE_SUFFIX:
            for path, parts in divided_files(cue, paths).items():
                divided.setdefault(path, (cue, parts))
    return divided


def _parts(divided: Mapping[Path, tuple[Path, Sequence[CuePart]]]) -> Iterator[SourceItem | BrokenFile]:
    """List the parts of divided files; they change when the file or its sheet changes."""
    for path, (cue, parts) in divided.items():
        try:
            status, sheet_status = path.stat(), cue.stat()
        except OSError as error:
            yield BrokenFile(LocalFile(path), f"cannot be read ({error.strerror})", "check what it links to")
            continue
        for part in parts:
            location = track_path(cue, part.track)
            changed_ns = max(status.st_mtime_ns, sheet_status.st_mtime_ns)
            yield SourceItem(key_of(location), LocalFile(location), status.st_size, changed_ns)


def _tags_of_part(part: CuePart, whole: FileTags) -> FileTags:
    """What a sheet says of a track, and what the file's tags say of the album where the sheet does not."""
    track, sheet = part.track, part.sheet
    return replace(
        whole,
        title=track.title or f"{sheet.album or whole.album or whole.title}, track {track.number}",
        artist=track.artist or whole.artist,
        album=sheet.album or whole.album or whole.title,
        genres=genres_in([sheet.genre]) or whole.genres,
        year=year_in(sheet.date) or whole.year,
        mood=None,
    )


class _Found(NamedTuple):
    """What a walk found; ``identity`` is the file's device and inode, ``linked`` whether a symbolic link led to it."""

    piece: SourceItem | BrokenFile
    identity: tuple[int, int] | None = None
    linked: bool = False


def _walk(top: Path) -> Iterator[SourceItem | BrokenFile]:
    """All files below a folder, each once, under its own name rather than that of a link.

    Links that lead to folders are followed after all other folders, and only to folders that were not visited yet, so
    that a cycle ends. Of several hard links the first counts.
    """
    found = list(_visit(top))
    own = {one.identity for one in found if not one.linked}
    yielded: set[tuple[int, int]] = set()
    for piece, identity, linked in found:
        if identity is not None:
            if identity in yielded or (linked and identity in own):
                continue
            yielded.add(identity)
        yield piece


def _visit(top: Path) -> Iterator[_Found]:
    """All files below a folder, under every name in every folder; each folder is visited once."""
    pending, links, visited = [top], deque[Path](), set[tuple[int, int] | None]()
    with suppress(OSError):
        visited.add(_identity(top.stat()))
    linked_folder = False
    while pending or links:
        if not pending:
            linked_folder = True
            link = links.popleft()
            with suppress(OSError):
                if (target := _identity(link.stat())) in visited:
                    continue
                visited.add(target)
            pending.append(link)
        folder = pending.pop()
        try:
            paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        except OSError as error:
            problem = f"cannot be opened ({error.strerror})"
            yield _Found(BrokenFile(LocalFile(folder), problem, "check its permissions"))
            continue
        subfolders: list[Path] = []
        divided = _divided(paths)
        yield from map(_Found, _parts(divided))
        for path in paths:
            if path in divided:
                continue
            suffix = path.suffix.lower()
            try:
                status, is_link = path.stat(), path.is_symlink()
            except OSError as error:
                if suffix in AUDIO_SUFFIXES:
                    problem = f"cannot be read ({error.strerror})"
                    yield _Found(BrokenFile(LocalFile(path), problem, "check what it links to"))
                continue
            if stat.S_ISDIR(status.st_mode):
                identity = _identity(status)
                if is_link:
                    links.append(path)
                elif identity not in visited:
                    visited.add(identity)
                    subfolders.append(path)
            elif stat.S_ISREG(status.st_mode) and suffix in AUDIO_SUFFIXES:
                item = SourceItem(key_of(path), LocalFile(path), status.st_size, status.st_mtime_ns)
                yield _Found(item, _identity(status), linked_folder or is_link)
            elif stat.S_ISREG(status.st_mode) and suffix in UNPLAYABLE_SUFFIXES:
                yield _Found(BrokenFile(LocalFile(path), *UNPLAYABLE_SUFFIXES[suffix]))
        pending += reversed(subfolders)


def _identity(status: os.stat_result) -> tuple[int, int] | None:
    """The device and inode of a file, None on file systems that number no files."""
    return (status.st_dev, status.st_ino) if status.st_ino else None
