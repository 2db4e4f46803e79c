"""Reads the tensors of a TensorFlow checkpoint (version 2) without TensorFlow.

A checkpoint is two files. The data file holds the numbers end to end. The index says where each tensor lies; it is a
sorted table as LevelDB writes it (github.com/google/leveldb, doc/table_format.md), whose values are messages
``BundleEntryProto`` (tensorflow/core/protobuf/tensor_bundle.proto).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import NamedTuple

from conversion.wire import read_fields, read_varint

_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
_FLOAT32 = 1


class Tensor(NamedTuple):
    """An array of float32, little-endian, its last axis running fastest."""

    shape: tuple[int, ...]
    data: bytes


def read_checkpoint(index: bytes, data: bytes) -> dict[str, Tensor]:
    """Every float32 tensor by name; ``ValueError`` or ``IndexError`` where the files are none of a checkpoint's."""
    found = {}
    for name, entry in _entries(index):
        if name:  # the nameless first entry describes the checkpoint itself
            tensor = _tensor(entry, data)
            if tensor is not None:
                found[name.decode()] = tensor
    return found


def _entries(index: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every key and value of the table, through the block at its end that says where the others lie."""
    footer = index[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or struct.unpack("<Q", footer[-8:])[0] != _MAGIC:
        raise ValueError("this is no table of LevelDB's")
    _, at = read_varint(footer, 0)
    _, at = read_varint(footer, at)  # both belong to a block that describes the table, and is empty
    for _, place in _block(index, *_handle(footer, at)):
        yield from _block(index, *_handle(place, 0))


def _handle(data: bytes, at: int) -> tuple[int, int]:
    """Where a block begins, and how long it is."""
    offset, at = read_varint(data, at)
    length, _ = read_varint(data, at)
    return offset, length


def _block(table: bytes, offset: int, length: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of one block; each key says how much of it it shares with the key before."""
    if table[offset + length] != 0:
        raise ValueError("the table is compressed; a checkpoint's never is")
    block = table[offset : offset + length]
    restarts = struct.unpack("<I", block[-4:])[0]
    end = length - 4 * (restarts + 1)
    at, key = 0, b""
    while at < end:
        shared, at = read_varint(block, at)
        own, at = read_varint(block, at)
        size, at = read_varint(block, at)
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + size]
        at += own + size


def _tensor(entry: bytes, data: bytes) -> Tensor | None:
    """What one entry describes; None for what is not float32."""
    kind = offset = size = 0
    shape: tuple[int, ...] = ()
    for field, value in read_fields(entry):
        if isinstance(value, bytes):
            shape = _shape(value) if field == 2 else shape
        elif field == 1:
            kind = value
        elif field == 4:
            offset = value
        elif field == 5:
            size = value
    if kind != _FLOAT32:
        return None
    if size != 4 * math.prod(shape) or offset + size > len(data):
        raise ValueError("a tensor reaches beyond the checkpoint's data")
    return Tensor(shape, data[offset : offset + size])


def _shape(message: bytes) -> tuple[int, ...]:
    """The sizes in a ``TensorShapeProto``; a size of 0 is not written."""
    return tuple(_size(value) for field, value in read_fields(message) if field == 2 and isinstance(value, bytes))


def _size(dimension: bytes) -> int:
    return next((value for field, value in read_fields(dimension) if field == 1 and isinstance(value, int)), 0)
