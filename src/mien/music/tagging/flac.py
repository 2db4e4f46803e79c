"""Writes fields into the comments of a FLAC file: RFC 9639, sections 8.1 to 8.6.

Every other block, picture and comment keeps its bytes; only the padding grows or shrinks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from mien.music.tagging.fields import Fields, FileHead, UnsupportedTagsError, replaced

_SIGNATURE = b"fLaC"
_STREAM_INFO, _PADDING, _COMMENTS = 0, 1, 4
_BLOCK_HEADER = 4
_LAST_FLAG = 0x80
_NEW_PADDING = 4096
_MAX_BLOCK = (1 << 24) - 1
_VENDOR = b"mien"


class _Block(NamedTuple):
    kind: int
    body: bytes


def write_head(file: BinaryIO, fields: Fields) -> FileHead:
    """The beginning of a FLAC file with ``fields`` in its comments.

    Raises:
        UnsupportedTagsError: The file is damaged or its comments are too large.
    """
    if file.read(len(_SIGNATURE)) != _SIGNATURE:
        raise UnsupportedTagsError("it does not begin as a FLAC file does")
    blocks = list(_blocks(file))
    rest = len(_SIGNATURE) + sum(_BLOCK_HEADER + len(block.body) for block in blocks)
    if not blocks or blocks[0].kind != _STREAM_INFO or sum(block.kind == _COMMENTS for block in blocks) > 1:
        raise UnsupportedTagsError("its blocks are out of order")
    if all(block.kind != _COMMENTS for block in blocks):
        blocks.insert(1, _Block(_COMMENTS, struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", 0)))
    written = [
        _Block(_COMMENTS, _with_fields(block.body, fields)) if block.kind == _COMMENTS else block
        for block in blocks
        if block.kind != _PADDING
    ]
    if any(len(block.body) > _MAX_BLOCK for block in written):
        raise UnsupportedTagsError("its comments fill a whole block")
    data = _SIGNATURE + b"".join(_encoded(block) for block in written)
    padding = rest - len(data) - _BLOCK_HEADER
    data += _encoded(_Block(_PADDING, bytes(padding if 0 <= padding <= _MAX_BLOCK else _NEW_PADDING)), last=True)
    return FileHead(data, rest)


def _blocks(file: BinaryIO) -> Iterator[_Block]:
    last = False
    while not last:
        header = file.read(_BLOCK_HEADER)
        size = int.from_bytes(header[1:], "big")
        body = file.read(size)
        if len(header) < _BLOCK_HEADER or len(body) < size:
            raise UnsupportedTagsError("a block is cut off")
        last = header[0] >= _LAST_FLAG
        yield _Block(header[0] % _LAST_FLAG, body)


def _encoded(block: _Block, *, last: bool = False) -> bytes:
    return bytes((block.kind | (_LAST_FLAG if last else 0),)) + len(block.body).to_bytes(3, "big") + block.body


def _with_fields(body: bytes, fields: Fields) -> bytes:
    """A comment block with the fields; all other comments keep their bytes."""
    try:
        vendor, at = _text(body, 0)
        (count,) = struct.unpack_from("<I", body, at)
        at += 4
        comments = []
        for _ in range(count):
            comment, at = _text(body, at)
            comments.append(comment)
    except struct.error as error:
        raise UnsupportedTagsError("its comments are damaged") from error
    if any(body[at:]):
        raise UnsupportedTagsError("something follows its comments")
    found = [comment.decode("utf-8", "replace").partition("=") for comment in comments]
    written = replaced({name.upper(): text for name, _, text in found}, fields)
    comments = [comment for comment, (name, *_) in zip(comments, found, strict=True) if name.upper() not in written]
    comments += [f"{name}={text}".encode() for name, text in written.items()]
    counted = [struct.pack("<I", len(one)) + one for one in (vendor, *comments)]
    return counted[0] + struct.pack("<I", len(comments)) + b"".join(counted[1:])


def _text(body: bytes, at: int) -> tuple[bytes, int]:
    """A string with its length before it, and the offset of its end."""
    (size,) = struct.unpack_from("<I", body, at)
    end = at + 4 + size
    if end > len(body):
        raise struct.error
    return body[at + 4 : end], end
