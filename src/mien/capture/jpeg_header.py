"""Reads what a JPEG says about itself, before anything is decoded."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from mien.errors import ImageError

JPEG_START: Final = b"\xff\xd8\xff"

_END_OF_IMAGE: Final = 0xD9
_START_OF_SCAN: Final = 0xDA
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # those three are headers of tables
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_IN_SCAN: Final = frozenset({0x00, *range(0xD0, 0xD8)})
"""What may follow 0xFF in the data of a scan: a stuffed zero, or a restart marker."""


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """Size and structure of a JPEG.

    Attributes:
        width_px: Width.
        height_px: Height.
        scans: How many scans it consists of: one in a baseline JPEG, about ten in a progressive one.
        complete: Whether its end was found after the last scan.
    """

    width_px: int
    height_px: int
    scans: int
    complete: bool


def read_jpeg_header(data: bytes) -> JpegHeader:
    """Walk through the markers of a JPEG (ITU-T T.81, annex B).

    Raises:
        ImageError: If the data is not a JPEG, or ends before its first scan.
    """
    if not data.startswith(JPEG_START):
        raise ImageError("the frame is not a JPEG", "send one")
    size, scans, position = (0, 0), 0, 2
    while position + 2 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker == _END_OF_IMAGE and scans:
            return JpegHeader(*size, scans, complete=True)
        if marker in _WITHOUT_LENGTH:
            position += 2
            continue
        if position + 4 > len(data):
            break
        if marker in _FRAME_HEADERS and position + 9 <= len(data):
            height_px, width_px = struct.unpack_from(">HH", data, position + 5)
            # Decoders differ in which of several sizes they use, so the largest is the one that counts.
            size = max(size, (width_px, height_px), key=lambda sides: sides[0] * sides[1])
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
        if marker == _START_OF_SCAN:
            if min(size) == 0:
                break
            scans += 1
            position = _end_of_scan(data, position)
    if scans == 0:
        raise ImageError("the frame is cut off or damaged", "send the whole JPEG")
    return JpegHeader(*size, scans, complete=False)


def _end_of_scan(data: bytes, position: int) -> int:
    """Where the next marker begins that ends the scan; the length of the data if there is none."""
    while (position := data.find(b"\xff", position)) >= 0 and position + 1 < len(data):
        following = data[position + 1]
        if following not in _IN_SCAN and following != 0xFF:
            return position
        position += 1 if following == 0xFF else 2
    return len(data)
