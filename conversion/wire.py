"""Reads and writes the Protocol Buffers wire format, as far as checkpoints and ONNX need it.

https://protobuf.dev/programming-guides/encoding: a message is a sequence of fields, each a key (number and wire type)
and a value.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned integer at offset ``at``, and the offset of its end; ``IndexError`` if the data ends first."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def read_fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Every field's number and value, an integer or bytes; ``ValueError`` for an unsupported wire type."""
    at = 0
    while at < len(message):
        key, at = read_varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = read_varint(message, at)
            yield key >> 3, value
        elif kind in (_BYTES, _FIXED32, _FIXED64):
            length, at = read_varint(message, at) if kind == _BYTES else ((4, at) if kind == _FIXED32 else (8, at))
            yield key >> 3, message[at : at + length]
            at += length
        else:
            raise ValueError(f"fields of the kind {kind} are not supported")


def varint(value: int) -> bytes:
    """Encode an integer, 0 or more."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """Encode a field with an integer, 0 or more."""
    return varint(field << 3 | _VARINT) + varint(value)


def real(field: int, value: float) -> bytes:
    """Encode a field with a 32-bit floating-point number."""
    return varint(field << 3 | _FIXED32) + struct.pack("<f", value)


def block(field: int, value: bytes | str) -> bytes:
    """Encode a field with bytes, a string or a message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | _BYTES) + varint(len(data)) + data
