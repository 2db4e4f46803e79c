"""Finds the files that a command reads and collects the errors of those that it cannot read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mien.cli.terminal.error_words import error_words
from mien.cli.terminal.output import say
from mien.errors import AudioError, ImageError, LibraryError, MienError, file_remedy

PHOTO_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
    | {".avif", ".heic", ".heif", ".hif", ".jp2", ".ppm"}
)
VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".webm", ".avi", ".wmv", ".flv"}
    | {".mpg", ".mpeg", ".vob", ".ts", ".mts", ".m2ts", ".ogv", ".mjpeg"}
)

_TS_PACKET_BYTES = 188


class Failures:
    """Errors about single files: each is printed at once and does not stop the command."""

    def __init__(self) -> None:
        self.errors: list[MienError] = []

    def add(self, error: MienError) -> None:
        """Collect an error and print it on stderr."""
        self.errors.append(error)
        say(error_words(error))

    @contextmanager
    def tolerate(self, path: Path) -> Iterator[None]:
        """Collect an error that the body raises about ``path``; others, such as a missing network, are not caught."""
        try:
            yield
        except (ImageError, AudioError, LibraryError) as error:
            self.add(error if error.subject is not None else _about(path, error))

    def conclude(self) -> None:
        """Exit with status 1 if there was any error."""
        if self.errors:
            raise click.exceptions.Exit(1)


def expand(paths: Iterable[Path], suffixes: frozenset[str], failures: Failures, *, noun: str) -> list[Path]:
    """List the files that ``paths`` name: files as they are, and the files below folders.

    Hidden files are left out, and so is a ``.ts`` file that is not an MPEG transport stream but probably TypeScript.

    Args:
        paths: Files and folders.
        suffixes: The suffixes, in lower case, of the files to list below a folder.
        failures: Collects folders that cannot be listed or hold no such file.
        noun: What such a file is called, such as "picture".
    """
    files: list[Path] = []
    for path in paths:
        if is_folder(path):
            before = len(failures.errors)
            found = _walk(path, suffixes, failures)
            if not found and len(failures.errors) == before:
                failures.add(MienError(f"holds no {noun} that mien can read", "name another folder", subject=path))
            files.extend(found)
        else:
            files.append(path)
    return files


def is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder; unlike ``Path.is_dir``, False without an error if access is denied."""
    return os.path.isdir(path)  # noqa: PTH112


def _walk(folder: Path, suffixes: frozenset[str], failures: Failures) -> list[Path]:
    def collect(error: OSError) -> None:
        problem = f"cannot be listed ({error.strerror})"
        failures.add(MienError(problem, file_remedy(error), subject=Path(error.filename)))

    found: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=collect):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        visible = (Path(here, name) for name in sorted(names) if not name.startswith("."))
        found.extend(path for path in visible if path.suffix.lower() in suffixes and not _is_typescript(path))
    return found


def _is_typescript(path: Path) -> bool:
    """Whether a ``.ts`` file lacks the sync byte of a transport stream, a G (0x47) at the head of each packet."""
    if path.suffix.lower() != ".ts" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_TS_PACKET_BYTES + 1)
    except OSError:
        return False  # reading the file will report the error
    return head[:1] != b"G" or head[_TS_PACKET_BYTES:] not in (b"G", b"")


def _about(path: Path, error: MienError) -> MienError:
    """The same error with the path in front, for errors that are about a file but have no subject."""
    return type(error)(f"{path}: {error.problem}", error.remedy)
