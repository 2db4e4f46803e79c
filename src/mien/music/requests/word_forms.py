"""Finds the basic forms of inflected and misspelt words in English and German, by simple rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

MIN_TYPO_LENGTH: Final = 6
"""Shorter words are not corrected: too many others are one letter away."""

_MIN_STEM: Final = 3
_ENDINGS: Final = (
    *("eren", "erer", "eres", "erem", "sten", "ste", "ster", "stes"),
    *("innen", "ungen", "chen", "lich", "ness", "lys"),
    *("ere", "ern", "est", "ing", "ish"),
    *("er", "es", "en", "em", "ed", "ly", "st", "in"),
    *("e", "s", "n", "y"),
)
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_BARE_UMLAUTS: Final = str.maketrans({"ä": "a", "ö": "o", "ü": "u"})
_VOWELS: Final = frozenset("aeiouy")
_JOINERS: Final = frozenset("\u200d\ufe0f")


def fold(text: str, *, bare: bool = False) -> str:
    """The text in lower case without accents and apostrophes, with "ae" for "ä" and "ss" for "ß".

    Args:
        text: The text.
        bare: Write "a" for "ä", as on a keyboard without umlauts.
    """
    lower = unicodedata.normalize("NFC", text).casefold().translate(_BARE_UMLAUTS if bare else _UMLAUTS)
    plain = unicodedata.normalize("NFKD", lower.replace("’", "").replace("'", ""))
    return "".join(char for char in plain if not unicodedata.combining(char) and char not in _JOINERS)


def word_forms(word: str) -> Iterator[str]:
    """The forms that a folded word may be an inflection of, itself first: "sadder" is sadder, sadd and sad."""
    yield word
    yield from dict.fromkeys(_stems(word))


def splits(word: str) -> Iterator[tuple[str, str]]:
    """The ways to part a German compound into two words, without the letters that join them, the longest last first."""
    for at in range(_MIN_STEM, len(word) - _MIN_STEM + 1):
        first, last = word[:at], word[at:]
        yield first, last
        for joint in ("s", "n", "en", "es", "er", "e"):
            if first.endswith(joint) and len(first) - len(joint) >= _MIN_STEM:
                yield first[: -len(joint)], last


def is_one_edit_away(word: str, other: str) -> bool:
    """Whether one letter more, less or changed, or two neighbours swapped, makes two words equal."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    same = next((index for index, pair in enumerate(zip(word, other, strict=False)) if pair[0] != pair[1]), None)
    if same is None:
        return True
    rest, other_rest = word[same:], other[same:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
    )


def _stems(word: str) -> Iterator[str]:
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _MIN_STEM:
            continue
        yield stem
        if len(stem) > _MIN_STEM and stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
            yield stem[:-1]  # "sadd"
        if stem.endswith("i"):
            yield stem[:-1] + "y"  # "happi"
        yield stem + "e"  # "danc"
        if ending in {"es", "e", "en", "er", "em"} and stem.endswith("l") and not stem.endswith("el"):
            yield stem[:-1] + "el"  # "dunkl"
