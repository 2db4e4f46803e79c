"""The tag fields that state a mood, and what the writers of all formats share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mien.music.tagging.moods import AROUSAL, SOURCE, VALENCE, own_words
from mien.types import AudioFeatures, MoodOrigin

MOOD = "MOOD"
"""The field that other programs read; a value that mien did not write is left alone."""

_VALENCE, _AROUSAL, _SOURCE = VALENCE.upper(), AROUSAL.upper(), SOURCE.upper()

Fields = Mapping[str, str]
"""Field names in capitals, with their values: ASCII, fewer than 100 characters each."""


@dataclass(frozen=True, slots=True)
class FileHead:
    """The new beginning of a file: ``data``, followed by the old file's bytes from offset ``rest`` on."""

    data: bytes
    rest: int


def fields_of(features: AudioFeatures) -> Fields:
    """A mood as fields: valence, arousal, the origin, and words such as "a little sad"."""
    valence, arousal = f"{features.valence:+.3f}", f"{features.arousal:+.3f}"
    source = "person" if features.origin is MoodOrigin.PERSON else "estimate"
    return {_VALENCE: valence, _AROUSAL: arousal, _SOURCE: source, MOOD: own_words(valence, arousal)}


def replaced(present: Fields, fields: Fields) -> Fields:
    """The fields to write into a file that has the fields ``present``, which they replace.

    A ``MOOD`` that mien did not write is kept.
    """
    known = present.get(MOOD)
    if known is None or known == own_words(present.get(_VALENCE, ""), present.get(_AROUSAL, "")):
        return fields
    return {name: text for name, text in fields.items() if name != MOOD}


class UnsupportedTagsError(Exception):
    """The file or its tags are damaged or of a rare kind, so writing could lose something; the message says which."""
