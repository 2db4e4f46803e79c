"""Which files a command reads, and what becomes of those that it cannot."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mien.cli.terminal.output import say
from mien.errors import AudioError, ImageError, LibraryError

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".jp2", ".ppm"})
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".webm", ".avi", ".wmv", ".flv"}
    | {".mpg", ".mpeg", ".vob", ".ts", ".mts", ".m2ts", ".ogv", ".mjpeg"}
)

_TS_PACKET_BYTES = 188


class Failures:
    """The files that could not be read: each is told at once and none stops the others."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, path: Path, reason: str) -> None:
        """Tell one on stderr, with its whole path."""
        self.count += 1
        say(with_path(path, reason))

    @contextmanager
    def tolerated(self, path: Path) -> Iterator[None]:
        """Turn an error that is about ``path`` into a failure; one about mien itself, a missing network, goes on up."""
        try:
            yield
        except (ImageError, AudioError, LibraryError) as error:
            self.add(path, str(error))

    def conclude(self) -> None:
        """Leave with status 1 if there was any."""
        if self.count:
            raise click.exceptions.Exit(1)


def expand(paths: Iterable[Path], suffixes: frozenset[str], failures: Failures) -> list[Path]:
    """The files that ``paths`` name: a file as it is, a folder as the files below it with one of ``suffixes``.

    Hidden files are left out, and a ``.ts`` that is no transport stream: TypeScript is called so too. A folder that
    holds none, or cannot be listed, is a failure.
    """
    files: list[Path] = []
    for path in paths:
        if is_folder(path):
            before = failures.count
            found = _walk(path, suffixes, failures)
            if not found and failures.count == before:
                failures.add(path, f"{path} holds no file that ends in {', '.join(sorted(suffixes))}.")
            files.extend(found)
        else:
            files.append(path)
    return files


def is_folder(path: Path) -> bool:
    """Whether a folder can be seen at ``path``; unlike ``Path.is_dir`` it says no where it may not look."""
    return os.path.isdir(path)  # noqa: PTH112


def _walk(folder: Path, suffixes: frozenset[str], failures: Failures) -> list[Path]:
    def unreadable(error: OSError) -> None:
        failures.add(Path(error.filename), f"{error.filename} cannot be listed ({error.strerror}).")

    found: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        shown = (Path(here, name) for name in sorted(names) if not name.startswith("."))
        found.extend(path for path in shown if path.suffix.lower() in suffixes and not _is_typescript(path))
    return found


def _is_typescript(path: Path) -> bool:
    """Whether a ``.ts`` lacks the mark of a transport stream, a G (0x47) at the head of each packet."""
    if path.suffix.lower() != ".ts" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_TS_PACKET_BYTES + 1)
    except OSError:
        return False  # whoever reads it will say why it cannot be
    return head[:1] != b"G" or head[_TS_PACKET_BYTES:] not in (b"G", b"")


def with_path(path: Path, reason: str) -> str:
    """A sentence about a file that names its whole path, once."""
    if str(path) in reason:
        return reason
    return f"{path}{reason.removeprefix(path.name)}" if reason.startswith(path.name) else f"{path}: {reason}"
