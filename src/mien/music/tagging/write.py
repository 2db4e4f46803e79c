"""Writes tag fields into a music file by replacing it with a new, verified file, or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from mien.errors import AudioError
from mien.music.tagging import flac, id3
from mien.music.tagging.fields import Fields, FileHead, UnsupportedTagsError

_WRITERS: Mapping[str, Callable[[BinaryIO, Fields], FileHead]] = MappingProxyType(
    {".mp3": id3.write_head, ".flac": flac.write_head}
)
_CHUNK_BYTES = 1 << 20
_COPY_PREFIX, _COPY_SUFFIX = ".tags-", ".mien"  # no name that ``mien.storage`` gives to a file that it writes


def is_writable_format(path: Path) -> bool:
    """Whether mien can write tags into the file, by its suffix: MP3 and FLAC."""
    return path.suffix.lower() in _WRITERS


def write_fields(path: Path, fields: Fields) -> bool:
    """Write ``fields`` into a file's tags.

    A new file is written next to it, flushed to the disk and read back. It replaces the old file only if it has the
    fields and all other bytes, with the same permissions but a new time, so that backups notice the change.

    Returns:
        Whether the file changed.

    Raises:
        AudioError: The file was left as it is, because its format or its tags are unsupported, it is write-protected,
            has hard links (which would part), changed meanwhile, or the disk is full.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise _left(path, "has tags that mien cannot write (only MP3 and FLAC)")
    resolved = path.resolve()
    try:
        if not stat.S_ISREG(resolved.stat().st_mode):  # opening a pipe would block
            raise _left(path, "is not a file")
        with resolved.open("rb") as file:
            before = os.fstat(file.fileno())
            if not os.access(resolved, os.W_OK):  # replacing a file does not need write access to it
                raise _left(path, "is protected from writing")
            if before.st_nlink > 1:
                raise _left(path, "has several names (hard links), which would part")
            head = writer(file, fields)
            file.seek(0)
            if head.data == file.read(head.rest):
                return False
            _replace(resolved, file, head, before, lambda made: writer(made, fields))
    except UnsupportedTagsError as error:
        raise _left(path, f"has tags of a kind that mien does not write ({error})") from error
    except OSError as error:
        raise _left(path, f"cannot be written ({error.strerror})") from error
    return True


def clear_unfinished(folder: Path) -> int:
    """Delete the copies in a folder that ``write_fields`` left when it was killed; returns their number.

    A copy that another process is writing stays: it is locked, or on Windows cannot be deleted while it is open.
    """
    count = 0
    with suppress(OSError):
        for made in list(folder.glob(f"{_COPY_PREFIX}*{_COPY_SUFFIX}")):
            with suppress(OSError):
                with made.open("rb") as file:
                    _lock(file)
                made.unlink()
                count += 1
    return count


def _lock(file: BinaryIO) -> None:
    """Lock a file until it is closed; raises ``OSError`` if another process holds the lock."""
    with suppress(ImportError):
        import fcntl  # not on Windows

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _left(path: Path, problem: str) -> AudioError:
    """The error for a file that is not changed."""
    return AudioError(f"{problem}; it was left as it is", subject=path)


def _replace(
    resolved: Path, file: BinaryIO, head: FileHead, before: os.stat_result, read_again: Callable[[BinaryIO], FileHead]
) -> None:
    """Write the new file, verify it, and replace the old one with it."""
    handle, name = tempfile.mkstemp(dir=resolved.parent, prefix=_COPY_PREFIX, suffix=_COPY_SUFFIX)
    made = Path(name)
    try:
        with os.fdopen(handle, "w+b") as new:
            with suppress(OSError):  # some network drives have no locks
                _lock(new)
            new.write(head.data)
            file.seek(head.rest)
            shutil.copyfileobj(file, new, _CHUNK_BYTES)
            new.flush()
            os.fsync(new.fileno())
            new.seek(0)
            if read_again(new) != FileHead(head.data, len(head.data)) or not _same(
                file, head.rest, new, len(head.data)
            ):
                raise _left(resolved, "could not be copied completely")
        shutil.copystat(resolved, made)
        os.utime(made)
        with suppress(PermissionError, AttributeError):  # only the owner may, and not everyone who can write is
            os.chown(made, before.st_uid, before.st_gid)
        after = resolved.stat()
        if (after.st_ino, after.st_size, after.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
            raise AudioError("changed while it was written; it was left as it is now", subject=resolved)
        made.replace(resolved)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _same(one: BinaryIO, one_from: int, other: BinaryIO, other_from: int) -> bool:
    """Whether two files have the same bytes from those offsets on."""
    one.seek(one_from)
    other.seek(other_from)
    while (piece := one.read(_CHUNK_BYTES)) == other.read(_CHUNK_BYTES):
        if not piece:
            return True
    return False
