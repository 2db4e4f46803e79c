"""Reads what a file's tags state of its mood, its language and whether it is explicit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mien.mood.circumplex import describe
from mien.types import Mood

Place = tuple[float, float]
"""A valence and an arousal, both -1..1."""

Fields = Mapping[str, Sequence[str]]
"""A file's less common tags: each name in lower case, with its values."""

VALENCE, AROUSAL, SOURCE = "mien_valence", "mien_arousal", "mien_mood_source"
"""The names under which mien writes a mood. What it wrote as its own estimate is nobody's word, and is not read."""

PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "aggressive": (-0.5, 0.8),
        "angry": (-0.5, 0.7),
        "calm": (0.5, -0.6),
        "cheerful": (0.8, 0.4),
        "chill": (0.4, -0.5),
        "dark": (-0.6, 0.0),
        "dreamy": (0.4, -0.5),
        "energetic": (0.4, 0.8),
        "epic": (0.1, 0.7),
        "excited": (0.6, 0.8),
        "fearful": (-0.6, 0.6),
        "gloomy": (-0.7, -0.4),
        "happy": (0.8, 0.5),
        "joyful": (0.9, 0.6),
        "melancholic": (-0.5, -0.4),
        "melancholy": (-0.5, -0.4),
        "mellow": (0.3, -0.5),
        "party": (0.7, 0.8),
        "peaceful": (0.6, -0.7),
        "relaxed": (0.5, -0.6),
        "romantic": (0.5, -0.2),
        "sad": (-0.6, -0.4),
        "tense": (-0.5, 0.6),
        "upbeat": (0.7, 0.6),
    }
)
"""Where words for a mood lie on the plane, roughly, after Russell (1980); set by hand."""


def stated_mood(fields: Fields) -> Place | None:
    """The mood that tags state: two numbers -1..1 under ``valence`` and ``arousal``, or words under ``mood``.

    Of several words that are known the mean counts. None where nothing is stated, or nothing that makes sense, or
    nothing but what mien wrote as its own estimate.
    """
    own = own_words(_first(fields, VALENCE), _first(fields, AROUSAL))
    estimated = _first(fields, SOURCE) == "estimate"
    for valence, arousal in ((VALENCE, AROUSAL), ("valence", "arousal"))[estimated:]:
        numbers = _number(fields, valence), _number(fields, arousal)
        if numbers[0] is not None and numbers[1] is not None:
            return numbers[0], numbers[1]
    said = [text for text in fields.get("mood", ()) if not (estimated and text == own)]
    words = [word.strip().lower() for text in said for word in text.replace(";", ",").split(",")]
    places = [PLACES[word] for word in words if word in PLACES]
    if not places:
        return None
    return sum(place[0] for place in places) / len(places), sum(place[1] for place in places) / len(places)


def stated_language(fields: Fields) -> str:
    """The language, as the tags name it, in lower case; empty where they do not, or name it oddly."""
    text = next(iter(fields.get("language", ())), "").strip().lower()
    return text if len(text) <= 20 and text.replace("-", "").isalpha() else ""


def stated_explicit(fields: Fields) -> bool | None:
    """Whether the words are marked as explicit, after iTunes' advisory: 1 and 4 are, 0 and 2 are not."""
    for name in ("itunesadvisory", "rtng", "explicit"):
        text = next(iter(fields.get(name, ())), "").strip().lower()
        if text in {"1", "4", "explicit", "true", "yes"}:
            return True
        if text in {"0", "2", "clean", "false", "no"}:
            return False
    return None


def own_words(valence: str, arousal: str) -> str:
    """The words that mien writes beside those numbers, as they are written; none for what are no numbers."""
    try:
        return describe(Mood(float(valence), float(arousal)))
    except ValueError:
        return ""


def _first(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _number(fields: Fields, name: str) -> float | None:
    try:
        value = float(next(iter(fields.get(name, ())), ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and -1 <= value <= 1 else None
