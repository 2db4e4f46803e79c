"""Cleans text from tags and servers: control characters, wrong encodings, overlong strings."""

from __future__ import annotations

from contextlib import suppress

_MAX_LENGTH = 1000
_MIN_LETTERS = 4


def clean_text(text: str | None) -> str:
    """Remove control characters and outer white space, and repair a wrong encoding if it is certain.

    Text longer than any name, as in damaged tags, is cut.
    """
    if not text:
        return ""
    repaired = _repaired(text[:_MAX_LENGTH]).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else " " for char in repaired).strip()


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
