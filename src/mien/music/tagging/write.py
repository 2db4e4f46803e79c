"""Puts a mood into a music file's tags: beside it first, checked, and then in its place, or not at all."""

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
from mien.music.tagging.fields import Fields, FileHead, unusual

_WRITERS: Mapping[str, Callable[[BinaryIO, Fields], FileHead]] = MappingProxyType(
    {".mp3": id3.head_with, ".flac": flac.head_with}
)
_AT_ONCE = 1 << 20


def can_take(path: Path) -> bool:
    """Whether mien writes into files of this kind: MP3 and FLAC."""
    return path.suffix.lower() in _WRITERS


def write_fields(path: Path, fields: Fields) -> bool:
    """Put ``fields`` into a file's tags, and say whether that changed anything.

    A new file is made beside it, brought to the disk and read again; only when it holds the fields and all the rest,
    byte by byte, does it take the old one's place, with its permissions and a time of its own, so that backups see the
    change. Raises ``AudioError``, with the file as it was, when its kind is not written, it is protected or has other
    names (hard links, which would part), it changes meanwhile, or there is no room.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise unusual("only MP3 and FLAC are written")
    place = path.resolve()
    try:
        with place.open("rb") as file:
            before = os.fstat(file.fileno())
            if not os.access(place, os.W_OK):  # a file can be replaced though it may not be written
                raise AudioError(f"{path} is protected from writing; it was left as it is.")
            if not stat.S_ISREG(before.st_mode) or before.st_nlink > 1:
                raise AudioError(f"{path} has several names (hard links), which would part; it was left as it is.")
            head = writer(file, fields)
            file.seek(0)
            if head.data == file.read(head.rest):
                return False
            _replace(place, file, head, before, lambda made: writer(made, fields))
    except OSError as error:
        raise AudioError(f"{path} cannot be written ({error.strerror}); it was left as it is.") from error
    return True


def _replace(
    place: Path, file: BinaryIO, head: FileHead, before: os.stat_result, read_again: Callable[[BinaryIO], FileHead]
) -> None:
    """Make the new file, check it, and let it take the old one's place."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".mien")
    made = Path(name)
    try:
        with os.fdopen(handle, "w+b") as new:
            new.write(head.data)
            file.seek(head.rest)
            shutil.copyfileobj(file, new, _AT_ONCE)
            new.flush()
            os.fsync(new.fileno())
            new.seek(0)
            if read_again(new) != FileHead(head.data, len(head.data)) or not _same(
                file, head.rest, new, len(head.data)
            ):
                raise AudioError(f"{place} could not be copied whole; it was left as it is.")
        shutil.copystat(place, made)
        os.utime(made)
        with suppress(PermissionError, AttributeError):  # whoever may write is not always the owner
            os.chown(made, before.st_uid, before.st_gid)
        after = place.stat()
        if (after.st_ino, after.st_size, after.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
            raise AudioError(f"{place} changed while it was written; it was left as it is now.")
        made.replace(place)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _same(one: BinaryIO, one_from: int, other: BinaryIO, other_from: int) -> bool:
    """Whether two files are the same from there on."""
    one.seek(one_from)
    other.seek(other_from)
    while (piece := one.read(_AT_ONCE)) == other.read(_AT_ONCE):
        if not piece:
            return True
    return False
