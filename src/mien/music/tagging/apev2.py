"""Reads APEv2 tags, at the end of WavPack, Monkey's Audio, Musepack and some MP3 files.

https://wiki.hydrogenaudio.org/index.php?title=APEv2_specification
"""

from __future__ import annotations

import os
from typing import BinaryIO

from mien.music.tagging.raw import RawTags

_FOOTER = 32
_SIGNATURE = b"APETAGEX"
_MAX_TAG_BYTES = 64_000_000
_MAX_ITEMS = 10_000
_BINARY = 1
_V1_BYTES = 128
_NAMES = {"album artist": "albumartist", "date": "year"}
_FRONT = "cover art (front)"


def read_apev2(file: BinaryIO) -> RawTags | None:
    """Read the tag at the end of a file, which an ID3v1 tag may follow; None if there is none."""
    size = file.seek(0, os.SEEK_END)
    for behind in (0, _V1_BYTES):
        at = size - behind - _FOOTER
        if at < 0:
            return None
        file.seek(at)
        footer = file.read(_FOOTER)
        if footer[:8] == _SIGNATURE:
            tag_size, count = (int.from_bytes(footer[start : start + 4], "little") for start in (12, 16))
            start = at + _FOOTER - tag_size
            if not _FOOTER <= tag_size <= _MAX_TAG_BYTES or start < 0:
                return None
            file.seek(start)
            return _tags(file.read(tag_size - _FOOTER), min(count, _MAX_ITEMS))
    return None


def _tags(body: bytes, count: int) -> RawTags:
    tags, at = RawTags(), 0
    for _ in range(count):
        size, flags = (int.from_bytes(body[start : start + 4], "little") for start in (at, at + 4))
        end_of_name = body.find(b"\0", at + 8)
        if end_of_name < 0 or end_of_name + 1 + size > len(body):
            break
        name = body[at + 8 : end_of_name].decode("latin-1").lower()
        value = body[end_of_name + 1 : end_of_name + 1 + size]
        at = end_of_name + 1 + size
        if name.startswith("cover art"):
            tags.add_picture(value.partition(b"\0")[2], is_front=name == _FRONT)
        elif flags >> 1 & 0b11 != _BINARY:
            for text in value.decode("utf-8", "replace").split("\0"):
                tags.add(_NAMES.get(name, name), text)
    return tags
