"""Cleans text from tags and servers: control characters, wrong encodings, endless strings."""

from __future__ import annotations

from contextlib import suppress

_TEXT_MOST = 1000
_LETTERS_SURE = 4


def clean_text(text: str | None) -> str:
    """A tag's text without control characters and outer blanks, its encoding mended where that is certain.

    What is longer than any name, as damaged tags can be, is cut.
    """
    if not text:
        return ""
    mended = _mended(text[:_TEXT_MOST]).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else " " for char in mended).strip()


def _mended(text: str) -> str:
    """Undo common mistakes in what a tag claims to be.

    UTF-8 taken for Latin-1 ("BjÃ¶rk"); Windows' Cyrillic taken for Latin-1 ("Êèíî": no language writes four letters
    without a plain one among them); the two bytes of each letter of UTF-16 the wrong way round ("匀漀渀最").
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
    if len(letters) >= _LETTERS_SURE and not any(map(str.isascii, letters)):
        with suppress(UnicodeError):
            return raw.decode("cp1251")
    return text
