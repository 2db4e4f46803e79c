"""Cleans text from tags and servers: control characters, wrong encodings, overlong strings."""

from __future__ import annotations

import codecs
from contextlib import suppress

_MAX_LENGTH = 1000
_MIN_LETTERS = 4
_PROBE_BYTES = 1000
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def clean_text(text: str | None) -> str:
    """Remove control characters and outer white space, and repair a wrong encoding if it is certain.

    Text longer than any name, as in damaged tags, is cut.
    """
    if not text:
        return ""
    repaired = _repaired(text[:_MAX_LENGTH]).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else " " for char in repaired).strip()


def decode_text(data: bytes) -> str:
    """Decode the text of a playlist or a CUE sheet: UTF-8, UTF-16 with or without a mark, or else Windows' Latin-1."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(encoding, "replace")
    head = data[:_PROBE_BYTES]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        # Plain letters make every second byte a zero.
        if len(head) > 3 and head[start::2].count(0) * 2 > len(head[start::2]) and not head[1 - start :: 2].count(0):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _repaired(text: str) -> str:
    """Undo common encoding mistakes.

    UTF-8 taken for Latin-1 ("BjÃ¶rk"); Windows' Cyrillic taken for Latin-1 ("Êèíî": no language writes four letters
    without a plain one among them); UTF-16 with swapped bytes ("匀漀渀最").
    """
    if text.isascii():
        return text
    try:
        raw = text.encode("latin-1")
    except UnicodeError:
        turned = text.encode("utf-16-le", "replace").decode("utf-16-be", "replace")
        return turned if turned.isascii() else text
    with suppress(UnicodeError):
        return raw.decode("utf-8")
    letters = [char for char in text if char.isalpha()]
    if len(letters) >= _MIN_LETTERS and not any(map(str.isascii, letters)):
        with suppress(UnicodeError):
            return raw.decode("cp1251")
    return text
