"""Reads ID3 tags of every version, also in the forms in which old programs wrote them: https://id3.org.

ID3v2 is at the beginning of MP3, AAC and TTA files, in a chunk of WAV and AIFF, and at the end of DSF; ID3v1 is at the
very end of MP3.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from mien.music.tagging.id3_genres import ID3_GENRES, genres_of_text
from mien.music.tagging.raw import RawTags

MAX_TAG_BYTES = 64_000_000
"""The largest tag that is read, and the most that its frames may hold together once they are decompressed."""

_HEADER = 10
_UNSYNCHRONISED, _EXTENDED = 0x80, 0x40
_V1_BYTES = 128
_MAX_CHUNKS = 1000
_FRONT_COVER = 3

# fmt: off
_FIELDS = {
    "TIT2": "title", "TT2": "title", "TPE1": "artist", "TP1": "artist", "TPE2": "albumartist", "TP2": "albumartist",
    "TALB": "album", "TAL": "album", "TCON": "genre", "TCO": "genre", "TDRC": "year", "TYER": "year", "TYE": "year",
    "TLAN": "language", "TLA": "language", "TMOO": "mood",
}
# fmt: on
_CUSTOM, _PICTURES = frozenset(("TXXX", "TXX")), frozenset(("APIC", "PIC"))


class _Frame(NamedTuple):
    name: str
    body: bytes


def read_id3v2(file: BinaryIO) -> RawTags | None:
    """Read the ID3v2 tag of a file, wherever its format has it; None if it has none that can be read."""
    found = _find(file)
    if found is None:
        return None
    file.seek(found)
    header = file.read(_HEADER)
    if len(header) < _HEADER or header[:3] != b"ID3" or header[3] not in {2, 3, 4}:
        return None
    version, flags, size = header[3], header[5], _synchsafe(header[6:10])
    body = file.read(min(size, MAX_TAG_BYTES))
    if flags & _UNSYNCHRONISED and version < 4:
        body = _synchronised(body)
    if flags & _EXTENDED and version > 2:
        body = body[_extended_size(body, version) :]
    tags = RawTags()
    for frame in _frames(body, version, all_unsynchronised=bool(flags & _UNSYNCHRONISED)):
        _take(frame, tags)
    return tags


def id3v2_size(file: BinaryIO) -> int:
    """The bytes of the ID3v2 tag at the beginning of a file, 0 if it has none there."""
    file.seek(0)
    header = file.read(_HEADER)
    if header[:3] != b"ID3" or len(header) < _HEADER:
        return 0
    return _HEADER + _synchsafe(header[6:10])


def read_id3v1(file: BinaryIO) -> RawTags | None:
    """Read the ID3v1 tag at the end of a file; None if it has none."""
    size = file.seek(0, os.SEEK_END)
    if size < _V1_BYTES:
        return None
    file.seek(-_V1_BYTES, os.SEEK_END)
    data = file.read(_V1_BYTES)
    if data[:3] != b"TAG":
        return None
    tags = RawTags()
    for name, start, end in (("title", 3, 33), ("artist", 33, 63), ("album", 63, 93), ("year", 93, 97)):
        tags.add(name, data[start:end].partition(b"\0")[0].decode("latin-1"))
    if data[127] < len(ID3_GENRES):
        tags.add("genre", ID3_GENRES[data[127]])
    return tags


def _find(file: BinaryIO) -> int | None:
    """Where the tag begins; None if the file has none."""
    file.seek(0)
    head = file.read(28)
    if head[:3] == b"ID3":
        return 0
    if head[:4] == b"DSD ":
        at = int.from_bytes(head[20:28], "little")
        return at if 0 < at < file.seek(0, os.SEEK_END) else None
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _find_chunk(file, "little")
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return _find_chunk(file, "big")
    return None


def _find_chunk(file: BinaryIO, order: str) -> int | None:
    """Where the chunk with the tag begins in a WAV or AIFF file."""
    at = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return None
        if header[:4].lower() == b"id3 ":
            return at + 8
        size = int.from_bytes(header[4:], "little" if order == "little" else "big")
        at += 8 + size + size % 2
    return None


def _frames(body: bytes, version: int, *, all_unsynchronised: bool) -> Iterator[_Frame]:
    """The frames of a tag, up to its padding, the first that is damaged, or ``MAX_TAG_BYTES`` of content."""
    if version == 2:
        yield from _frames_of_2(body)
        return
    safe = version == 4 and not _has_plain_sizes(body)
    at, left = 0, MAX_TAG_BYTES
    while left > 0 and at + _HEADER <= len(body):
        name, size = _name(body[at : at + 4]), _size(body, at, safe=safe)
        flags, start = body[at + 9], at + _HEADER
        if not name or size > len(body) - start:
            return
        at = start + size
        content = _content(body[start:at], version, flags, all_unsynchronised=all_unsynchronised, max_bytes=left)
        left -= len(content)
        if content:
            yield _Frame(name, content)


def _frames_of_2(body: bytes) -> Iterator[_Frame]:
    """The frames of a tag of version 2.2, with shorter headers."""
    at = 0
    while at + 6 <= len(body):
        name, size = _name(body[at : at + 3]), int.from_bytes(body[at + 3 : at + 6], "big")
        at += 6
        if not name or size > len(body) - at:
            return
        if size:
            yield _Frame(name, body[at : at + size])
        at += size


def _content(data: bytes, version: int, flags: int, *, all_unsynchronised: bool, max_bytes: int) -> bytes:
    """A frame's content without what its flags say was done to it; empty if it is encrypted or damaged.

    What is compressed is cut after ``max_bytes``, which is positive.
    """
    grouped, compressed, encrypted = (0x40, 0x08, 0x04) if version == 4 else (0x20, 0x80, 0x40)
    if flags & encrypted:
        return b""
    if flags & grouped:
        data = data[1:]
    has_length = flags & (0x01 if version == 4 else compressed)
    if has_length:
        data = data[4:]
    if version == 4 and (flags & 0x02 or all_unsynchronised):
        data = _synchronised(data)
    if flags & compressed:
        try:
            data = zlib.decompressobj().decompress(data, max_bytes)
        except zlib.error:
            return b""
    return data


def _has_plain_sizes(body: bytes) -> bool:
    """Whether a tag of version 2.4 has sizes as in version 2.3, as iTunes wrote them for years.

    Of the two ways to read the sizes, the one is right by which every frame is followed by another or by padding.
    """
    return not _ends_well(body, safe=True) and _ends_well(body, safe=False)


def _ends_well(body: bytes, *, safe: bool) -> bool:
    at = 0
    while at + _HEADER <= len(body) and body[at]:
        size = _size(body, at, safe=safe)
        at += _HEADER + size
        if not _name(body[at - size - _HEADER : at - size - 6]) or at > len(body):
            return False
    return not any(body[at : at + _HEADER])


def _size(body: bytes, at: int, *, safe: bool) -> int:
    data = body[at + 4 : at + 8]
    return _synchsafe(data) if safe else int.from_bytes(data, "big")


def _synchsafe(data: bytes) -> int:
    """An integer of four bytes with seven bits each."""
    return data[0] << 21 | data[1] << 14 | data[2] << 7 | data[3]


def _synchronised(data: bytes) -> bytes:
    """Undo the unsynchronisation, which put a zero after each byte of ones that could look like sound."""
    return data.replace(b"\xff\x00", b"\xff")


def _extended_size(body: bytes, version: int) -> int:
    if len(body) < 4:
        return 0
    return _synchsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4], "big")


def _name(data: bytes) -> str:
    """A frame's name; empty if it is none, as in padding."""
    text = data.decode("latin-1").rstrip("\0 ")
    return text if len(text) >= 3 and text.isascii() and text.isalnum() and text.isupper() else ""


def _take(frame: _Frame, tags: RawTags) -> None:
    """Add what a frame says to the tags."""
    name, body = frame
    if name in _PICTURES:
        _take_picture(body, tags, has_short_format=name == "PIC")
    elif name in _CUSTOM:
        description, *values = _texts(body)
        for value in values:
            tags.add(description.strip().lower(), value)
    elif name in _FIELDS:
        field = _FIELDS[name]
        for value in _texts(body):
            for text in genres_of_text(value) if field == "genre" else (value,):
                tags.add(field, text)


def _texts(body: bytes) -> list[str]:
    """The texts of a frame that begins with their encoding; at least one, which may be empty."""
    encoding, data = body[0], body[1:]
    if encoding not in {1, 2}:
        return _without_end(data.decode("utf-8" if encoding == 3 else "latin-1", "replace").split("\0"))
    if len(data) % 2:
        data = data[:-1]
    big = encoding == 2
    texts = []
    for piece in _split_wide(data):
        if piece[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            big, piece = piece[:2] == b"\xfe\xff", piece[2:]
        texts.append(piece.decode("utf-16-be" if big else "utf-16-le", "replace"))
    return _without_end(texts)


def _split_wide(data: bytes) -> list[bytes]:
    """Split text of two bytes a character at its zeros."""
    pieces, start = [], 0
    for at in range(0, len(data), 2):
        if data[at : at + 2] == b"\0\0":
            pieces.append(data[start:at])
            start = at + 2
    return [*pieces, data[start:]]


def _without_end(texts: list[str]) -> list[str]:
    while len(texts) > 1 and not texts[-1]:
        texts.pop()
    return texts


def _take_picture(body: bytes, tags: RawTags, *, has_short_format: bool) -> None:
    """Add a picture: encoding, format, kind, description, data."""
    encoding = body[0]
    after = 4 if has_short_format else body.find(b"\0", 1) + 1
    if after <= 0 or after >= len(body):
        return
    kind, start = body[after], after + 1
    if encoding in {1, 2}:
        end = start
        while end + 1 < len(body) and body[end : end + 2] != b"\0\0":
            end += 2
        end += 2
    else:
        end = body.find(b"\0", start) + 1
    if start < end < len(body):
        tags.add_picture(body[end:], is_front=kind == _FRONT_COVER)
