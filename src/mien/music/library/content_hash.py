"""Identifies a file by its content, in bounded time: whether it was moved, or changed without a new size or time."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from mien.music.cue import cue_part, is_track_path
from mien.music.location import LocalFile, Location, open_file
from mien.music.tagging.id3_read import id3v2_size

_END_BYTES = 65_536
_WHOLE_BYTES = 4 * _END_BYTES
_SAMPLES, _SAMPLE_BYTES = 8, 4096
_MAX_TAG_BYTES = 4 << 20


def content_hash(location: Location) -> str | None:
    """A hash of a file's size, of its beginning and end, where tags are, and of eight samples between them.

    A file of at most 256 KiB is hashed whole. A tag before the sound (ID3v2) is hashed whole up to 4 MiB.

    Returns:
        32 hexadecimal digits, for a track of a CUE sheet with the track's name; None for a file on a server.

    Raises:
        AudioError: If the file cannot be opened.
        OSError: If it cannot be read.
    """
    if not isinstance(location, LocalFile):
        return None
    if is_track_path(location.path):
        part = cue_part(location.path)
        return None if part is None else f"{_hash_of(part.path)}/{location.name}"
    return _hash_of(location.path)


def _hash_of(path: Path) -> str:
    with open_file(path) as file:
        size_bytes = os.fstat(file.fileno()).st_size
        found = hashlib.blake2b(str(size_bytes).encode(), digest_size=16)
        if size_bytes <= _WHOLE_BYTES:
            found.update(file.read())
            return found.hexdigest()
        head_bytes = max(_END_BYTES, min(id3v2_size(file), _MAX_TAG_BYTES))
        file.seek(0)
        found.update(file.read(head_bytes))
        for sample in range(_SAMPLES):
            file.seek(size_bytes * (2 * sample + 1) // (2 * _SAMPLES))
            found.update(file.read(_SAMPLE_BYTES))
        file.seek(-_END_BYTES, os.SEEK_END)
        found.update(file.read(_END_BYTES))
        return found.hexdigest()
