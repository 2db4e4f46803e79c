"""Reads the tensors of a TensorFlow checkpoint (version 2) without TensorFlow.

A checkpoint has two files. The data file contains the tensors' bytes. The index file is a sorted table in LevelDB's
format (github.com/google/leveldb, doc/table_format.md) that maps names to ``BundleEntryProto`` messages
(tensorflow/core/protobuf/tensor_bundle.proto) with each tensor's shape and offset.
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
    """A little-endian float32 array in row-major order."""

    shape: tuple[int, ...]
    data: bytes


def read_checkpoint(index: bytes, data: bytes) -> dict[str, Tensor]:
    """Read every float32 tensor by name.

    Raises:
        ValueError: The files are not a valid checkpoint.
        IndexError: They are cut off.
    """
    found = {}
    for name, entry in _entries(index):
        if name:  # the first entry, without a name, describes the checkpoint
            tensor = _tensor(entry, data)
            if tensor is not None:
                found[name.decode()] = tensor
    return found


def _entries(index: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every key and value of the table, found through the index block at its end."""
    footer = index[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or struct.unpack("<Q", footer[-8:])[0] != _MAGIC:
        raise ValueError("not a LevelDB table")
    _, at = read_varint(footer, 0)
    _, at = read_varint(footer, at)  # the handle of the metaindex block, which is empty
    for _, place in _block(index, *_handle(footer, at)):
        yield from _block(index, *_handle(place, 0))


def _handle(data: bytes, at: int) -> tuple[int, int]:
    """The offset and the length of a block."""
    offset, at = read_varint(data, at)
    length, _ = read_varint(data, at)
    return offset, length


def _block(table: bytes, offset: int, length: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of one block; each key is stored as a suffix to a prefix of the key before."""
    if table[offset + length] != 0:
        raise ValueError("the table is compressed, which a checkpoint's never is")
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
    """The tensor of one entry; None if it is not float32."""
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
    """The sizes in a ``TensorShapeProto``; a size of 0 is omitted there."""
    return tuple(_size(value) for field, value in read_fields(message) if field == 2 and isinstance(value, bytes))


def _size(dimension: bytes) -> int:
    return next((value for field, value in read_fields(dimension) if field == 1 and isinstance(value, int)), 0)
