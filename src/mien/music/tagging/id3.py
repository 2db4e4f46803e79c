"""Writes fields into the ID3v2 tag of an MP3: https://id3.org/id3v2.3.0 and id3v2.4.0-structure.

Every other frame keeps its bytes and its order. A tag in one of the format's rare forms is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from mien.music.tagging.fields import Fields, FileHead, UnsupportedTagsError, replaced

_HEADER, _FRAME_HEADER = 10, 10
_NEW_PADDING = 1024
_MAX_TAG = 64_000_000
_TEXT, _MOOD_FRAME = b"TXXX", b"TMOO"
_ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")


class _Frame(NamedTuple):
    name: bytes
    body: bytes
    raw: bytes


def write_head(file: BinaryIO, fields: Fields) -> FileHead:
    """The beginning of an MP3 with ``fields`` in its tag.

    Raises:
        UnsupportedTagsError: The tag is damaged or of a kind that cannot be rewritten without loss.
    """
    header = file.read(_HEADER)
    if header[:3] != b"ID3":
        if len(header) < 2 or header[0] != 0xFF or header[1] < 0xE0:
            raise UnsupportedTagsError("it does not begin as an MP3 does")
        return FileHead(_tag(3, b"".join(_frame(name, text) for name, text in fields.items()), min_size=0), rest=0)
    version, flags, size = header[3], header[5], _synchsafe(header[6:10])
    if version not in {3, 4} or flags or size is None or size > _MAX_TAG:
        raise UnsupportedTagsError(f"ID3v2.{version}, flags {flags:#04x}")
    body = file.read(size)
    if len(body) < size:
        raise UnsupportedTagsError("the tag is cut off")
    frames = list(_frames(body, version))
    found = [(frame, *_field_of(frame)) for frame in frames]
    written = replaced({name: text for _, name, text in found}, fields)
    kept = b"".join(frame.raw for frame, name, _ in found if name not in written)
    return FileHead(
        _tag(version, kept + b"".join(_frame(name, text) for name, text in written.items()), min_size=size),
        rest=_HEADER + size,
    )


def _frames(body: bytes, version: int) -> Iterator[_Frame]:
    """The frames of a tag, up to its padding."""
    at = 0
    while at < len(body) and body[at]:
        name, size_bytes = body[at : at + 4], body[at + 4 : at + 8]
        size = (_synchsafe(size_bytes) if version == 4 else int.from_bytes(size_bytes, "big")) or 0
        end = at + _FRAME_HEADER + size
        if not (name.isalnum() and name.isupper()) or not size or end > len(body):
            raise UnsupportedTagsError("a frame is damaged")
        yield _Frame(name, body[at + _FRAME_HEADER : end], body[at:end])
        at = end
    if any(body[at:]):
        raise UnsupportedTagsError("something follows its frames")


def _field_of(frame: _Frame) -> tuple[str, str]:
    """The name, in capitals, and the text of a field; empty if the frame is of another kind."""
    if frame.name not in {_TEXT, _MOOD_FRAME} or frame.body[0] >= len(_ENCODINGS):
        return "", ""
    text = frame.body[1:].decode(_ENCODINGS[frame.body[0]], "replace")
    name, _, value = text.partition("\0") if frame.name == _TEXT else ("MOOD", "", text)
    return name.strip().upper(), value.rstrip("\0")


def _frame(name: str, text: str) -> bytes:
    """A field as a frame for both versions, which encode sizes below 128 alike."""
    body = b"\0" + f"{name}\0{text}".encode("ascii")
    return _TEXT + struct.pack(">IH", len(body), 0) + body


def _tag(version: int, frames: bytes, *, min_size: int) -> bytes:
    """A whole tag, of the same size as before if the frames fit, so that the sound keeps its offset."""
    size = min_size if len(frames) <= min_size else len(frames) + _NEW_PADDING
    header = b"ID3" + bytes((version, 0, 0)) + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return header + frames.ljust(size, b"\0")


def _synchsafe(data: bytes) -> int | None:
    """An integer of four bytes with seven bits each; None if a byte has its eighth bit set."""
    if len(data) != 4 or max(data) > 0x7F:
        return None
    return data[0] << 21 | data[1] << 14 | data[2] << 7 | data[3]
