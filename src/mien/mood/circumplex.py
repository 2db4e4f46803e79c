"""Maps expressions to points of the valence-arousal plane, and points to regions and words.

The coordinates are the mean ratings of the seven terms in Russell and Mehrabian, "Evidence for a three-factor theory
of emotions", Journal of Research in Personality 11 (1977) 273-294: pleasure and arousal, each on -1..1, for "angry",
"disgusted", "fearful", "happy", "sad" and "surprised". "Neutral" is the origin by definition. The plane itself is
Russell's circumplex (Journal of Personality and Social Psychology 39 (1980) 1161-1178).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from mien.types import Emotion, Expression, Mood, Region

COORDINATES: Mapping[Emotion, tuple[float, float]] = MappingProxyType(
    {
        Emotion.ANGRY: (-0.51, 0.59),
        Emotion.DISGUST: (-0.60, 0.35),
        Emotion.FEAR: (-0.64, 0.60),
        Emotion.HAPPY: (0.81, 0.51),
        Emotion.SAD: (-0.63, -0.27),
        Emotion.SURPRISE: (0.40, 0.67),
        Emotion.NEUTRAL: (0.0, 0.0),
    }
)
"""Valence and arousal of each expression, -1..1."""

EVEN_RADIUS = 0.25
"""Moods within this distance of the origin are even."""

_CORNERS: Mapping[Region, tuple[int, int]] = MappingProxyType(
    {Region.TENSE: (-1, 1), Region.BRIGHT: (1, 1), Region.LOW: (-1, -1), Region.CALM: (1, -1)}
)

_SLIGHT = 0.15
_CLEAR = 0.45


def mood_of(expression: Expression, *, time_s: float = 0.0) -> Mood:
    """Map an expression to a mood: the mean of the coordinates, weighted by the probabilities.

    Args:
        expression: The expression.
        time_s: The time of the mood, in seconds.

    Returns:
        The mood. Its confidence is 1 minus the entropy of the probabilities over that of seven equal ones: 1 for a
        certain expression, 0 for an undecided one.
    """
    valence = sum(p * COORDINATES[emotion][0] for emotion, p in expression.probabilities.items())
    arousal = sum(p * COORDINATES[emotion][1] for emotion, p in expression.probabilities.items())
    entropy = -sum(p * math.log(p) for p in expression.probabilities.values() if p > 0)
    confidence = min(1.0, max(0.0, 1 - entropy / math.log(len(Emotion))))
    return Mood(valence, arousal, confidence, time_s)


def shifted(mood: Mood, shift: tuple[float, float]) -> Mood:
    """Add a shift to valence and arousal, which stay within -1..1; a shift of 0 changes nothing."""
    valence, arousal = (
        min(1.0, max(-1.0, value + step)) for value, step in zip((mood.valence, mood.arousal), shift, strict=True)
    )
    return replace(mood, valence=valence, arousal=arousal)


def region_of(mood: Mood) -> Region:
    """The region of a mood: the disc round the origin, or the quadrant."""
    return max(Region, key=lambda region: depth_in(region, mood))


def depth_in(region: Region, mood: Mood) -> float:
    """Measure how deep a mood is inside a region.

    Args:
        region: The region.
        mood: The mood.

    Returns:
        The distance to the nearest border, on the plane's scale. It is negative outside: the distance to the line or
        circle that was crossed farthest.
    """
    beyond_even = math.hypot(mood.valence, mood.arousal) - EVEN_RADIUS
    if region is Region.EVEN:
        return -beyond_even
    valence_sign, arousal_sign = _CORNERS[region]
    return min(beyond_even, valence_sign * mood.valence, arousal_sign * mood.arousal)


def describe(mood: Mood) -> str:
    """Describe a mood in words, such as "lively, happy", "calm, a little sad" or "even"."""
    words = [word for word in (_arousal_word(mood.arousal), _valence_word(mood.valence, mood.arousal)) if word]
    return ", ".join(words) or "even"


def _arousal_word(arousal: float) -> str:
    if abs(arousal) < _SLIGHT:
        return ""
    if arousal > 0:
        return "excited" if arousal >= _CLEAR else "lively"
    return "very calm" if arousal <= -_CLEAR else "calm"


def _valence_word(valence: float, arousal: float) -> str:
    if abs(valence) < _SLIGHT:
        return ""
    word = "happy" if valence > 0 else "tense" if arousal >= _SLIGHT else "sad"
    return word if abs(valence) >= _CLEAR else f"a little {word}"
