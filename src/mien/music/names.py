"""Compares the names of artists, titles, genres and files, and separates names that one tag joins."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼ′`´", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ı": "i",
        "ŀ": "l",
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufe0e\ufe0f", ""),
    }
)
_ACCENTED_SCRIPTS: Final = ("LATIN", "GREEK")

_CERTAIN: Final = r"\s*[;\0\u2022\uff1b]\s* | \s*[(\[]?\b(?:featuring|feat\b\.?|ft\b\.?)\s+"
_POSSIBLE: Final = r"\s*[&/\\]\s* | ,\s+ | \s+(?:vs\b\.?|with|x|×|\+|pres\b\.?|presents|and|und|et|y|e)\s+"
_CERTAIN_SEPARATORS: Final = re.compile(_CERTAIN, re.IGNORECASE | re.VERBOSE)
_SEPARATORS: Final = re.compile(f"{_CERTAIN} | {_POSSIBLE}", re.IGNORECASE | re.VERBOSE)
_GENRE_SEPARATORS: Final = re.compile(r"\s*[;/\\|,\0\u2022\uff1b]\s*")


@lru_cache(maxsize=65_536)
def comparison_form(text: str) -> str:
    """The form of a name in which it is compared: equal for two spellings of one name; never shown.

    Compatibility characters are replaced (NFKC: full width, ligatures, composed and decomposed letters), case is
    folded, accents of Latin and Greek letters and their ligatures are resolved, quotation marks, dashes and white space
    are unified. Marks of other scripts tell letters apart (が is not か) and stay.
    """
    if text.isascii():
        return " ".join(text.lower().replace("`", "'").split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_without_accents(folded.translate(_PLAIN)).split())


def comparison_words(text: str) -> frozenset[str]:
    """The words of a name in their comparison form: "Indie-Rock; Folk" is indie, rock and folk."""
    return frozenset("".join(char if char.isalnum() else " " for char in comparison_form(text)).split())


@lru_cache(maxsize=65_536)
def leading_artist(artist: str) -> str:
    """The first of the artists that a text names, as written: "Ann" of "Ann & Ben feat. Cem"."""
    first, *rest = _SEPARATORS.split(artist, maxsplit=1)
    return (first.strip() if rest else "") or artist


def every_artist(texts: Iterable[str]) -> set[str]:
    """All artists that are certainly separate in any of the texts; each different text is looked at once."""
    return {artist for text in set(texts) if text for artist in credited_artists(text)}


def credited_artists(artist: str) -> tuple[str, ...]:
    """The artists that a text certainly separates, by a semicolon or "feat.", as written; the text itself if none."""
    parts = [part.strip(" ()[]") for part in _CERTAIN_SEPARATORS.split(artist)]
    return tuple(part for part in parts if part) if len(parts) > 1 else (artist,)


@lru_cache(maxsize=65_536)
def artist_forms(artist: str) -> frozenset[str]:
    """The comparison forms of the names by which a text's artists can be found: the whole, and each part.

    Whether "Simon & Garfunkel" is one name or two cannot be told, so it is found by all three.
    """
    parts = (part.strip(" ()[]") for part in _SEPARATORS.split(artist))
    return frozenset(form for name in (artist, *parts) if (form := comparison_form(name)))


def genres_in(values: Iterable[str]) -> tuple[str, ...]:
    """The genres that the values of a tag name, each once, as written: "Funk; Soul" and "Funk/Soul" are two."""
    found: dict[str, str] = {}
    for value in values:
        for part in _GENRE_SEPARATORS.split(value):
            name = part.strip().removeprefix("& ").strip()
            if name:
                found.setdefault(comparison_form(name) or name, name)
    return tuple(found.values())


def credited_text(values: Iterable[str]) -> str:
    """Several artists as one text, separated by semicolons, without those that an earlier value names already."""
    names: list[str] = []
    named: set[str] = set()
    for value in values:
        if comparison_form(value) not in named | {""}:
            names.append(value)
            named |= artist_forms(value)
    return "; ".join(names)


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    accented = False
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.category(char) != "Mn":
            accented = unicodedata.name(char, "").startswith(_ACCENTED_SCRIPTS)
            kept.append(char)
        elif not accented:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))
