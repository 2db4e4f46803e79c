"""Lets several programs change one file: whether another has changed it, and a lock while it is read and replaced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FileState = tuple[int, int, int]
"""When a file was changed, in nanoseconds, its size in bytes and its number on the disk."""


def file_state(path: Path) -> FileState | None:
    """What tells a file from the one that replaced it; None if there is none, or it cannot be asked for."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Wait until no other program holds this lock; one that ends, however it does, gives its lock back.

    Windows and some network drives have no such lock; then nothing is waited for.
    """
    handle = None
    with suppress(OSError, ImportError):
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
