"""Interprets tags that state the mood, the language or explicit lyrics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mien.mood.circumplex import describe
from mien.types import Mood

MoodPoint = tuple[float, float]
"""A valence and an arousal, both -1..1."""

TagValues = Mapping[str, Sequence[str]]
"""A file's less common tags: names in lower case, each with its values."""

VALENCE, AROUSAL, SOURCE = "mien_valence", "mien_arousal", "mien_mood_source"
"""The fields that mien writes a mood to; one that it wrote as its own estimate is not read back."""

MOOD_WORDS: Mapping[str, MoodPoint] = MappingProxyType(
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
"""Words for moods with approximate points on the plane, set by hand after Russell (1980)."""


def stated_mood(fields: TagValues) -> MoodPoint | None:
    """The mood that tags state: two numbers -1..1 under ``valence`` and ``arousal``, or words under ``mood``.

    Several known words give their mean. None if nothing valid is stated, or only an estimate that mien wrote itself.
    """
    own = own_words(_first(fields, VALENCE), _first(fields, AROUSAL))
    estimated = _first(fields, SOURCE) == "estimate"
    for valence, arousal in ((VALENCE, AROUSAL), ("valence", "arousal"))[estimated:]:
        numbers = _number(fields, valence), _number(fields, arousal)
        if numbers[0] is not None and numbers[1] is not None:
            return numbers[0], numbers[1]
    said = [text for text in fields.get("mood", ()) if not (estimated and text == own)]
    words = [word.strip().lower() for text in said for word in text.replace(";", ",").split(",")]
    points = [MOOD_WORDS[word] for word in words if word in MOOD_WORDS]
    if not points:
        return None
    return sum(point[0] for point in points) / len(points), sum(point[1] for point in points) / len(points)


def stated_language(fields: TagValues) -> str:
    """The language in lower case, as the tags name it; empty if missing or implausible."""
    text = next(iter(fields.get("language", ())), "").strip().lower()
    return text if len(text) <= 20 and text.replace("-", "").isalpha() else ""


def stated_explicit(fields: TagValues) -> bool | None:
    """Whether the lyrics are marked as explicit, as in iTunes' advisory: 1 and 4 are, 0 and 2 are not."""
    for name in ("itunesadvisory", "rtng", "explicit"):
        text = next(iter(fields.get(name, ())), "").strip().lower()
        if text in {"1", "4", "explicit", "true", "yes"}:
            return True
        if text in {"0", "2", "clean", "false", "no"}:
            return False
    return None


def own_words(valence: str, arousal: str) -> str:
    """The words that mien writes for a valence and an arousal as written in tags; empty if they are invalid."""
    try:
        return describe(Mood(float(valence), float(arousal)))
    except ValueError:
        return ""


def _first(fields: TagValues, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _number(fields: TagValues, name: str) -> float | None:
    try:
        value = float(next(iter(fields.get(name, ())), ""))
    except ValueError:
        return None
    return value if math.isfinite(value) and -1 <= value <= 1 else None
