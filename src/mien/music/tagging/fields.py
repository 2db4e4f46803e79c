"""What mien writes into a file's tags, and what the writers of every format share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mien.errors import AudioError
from mien.music.tagging.moods import AROUSAL, SOURCE, VALENCE, own_words
from mien.types import AudioFeatures, MoodOrigin

MOOD = "MOOD"
"""The field that other programs read; one that somebody else wrote is left alone."""

_VALENCE, _AROUSAL, _SOURCE = VALENCE.upper(), AROUSAL.upper(), SOURCE.upper()

Fields = Mapping[str, str]
"""Names in capitals, and their texts: plain ASCII, fewer than a hundred characters each."""


@dataclass(frozen=True, slots=True)
class FileHead:
    """How a file begins once the fields are in it: these bytes, and then all that it has from ``rest`` on."""

    data: bytes
    rest: int


def fields_of(features: AudioFeatures) -> Fields:
    """A mood as fields: two numbers, whose word it is, and words for it: "calm, a little sad"."""
    valence, arousal = f"{features.valence:+.3f}", f"{features.arousal:+.3f}"
    said_by = "person" if features.origin is MoodOrigin.PERSON else "estimate"
    return {_VALENCE: valence, _AROUSAL: arousal, _SOURCE: said_by, MOOD: own_words(valence, arousal)}


def replaced(present: Fields, fields: Fields) -> Fields:
    """The fields to write into a file that has those ``present``, which they replace.

    A mood in words that mien did not write stays as it is.
    """
    known = present.get(MOOD)
    if known is None or known == own_words(present.get(_VALENCE, ""), present.get(_AROUSAL, "")):
        return fields
    return {name: text for name, text in fields.items() if name != MOOD}


def unusual(what: str) -> AudioError:
    """The error for a file that is left as it is, since its tags might suffer."""
    return AudioError(f"its tags are of a kind that mien does not write ({what}); it was left as it is.")
