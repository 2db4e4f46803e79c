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

NEUTRAL_RADIUS = 0.25
"""Moods within this distance of the origin are neutral."""

_CORNERS: Mapping[Region, tuple[int, int]] = MappingProxyType(
    {Region.TENSE: (-1, 1), Region.EXCITED: (1, 1), Region.SAD: (-1, -1), Region.CALM: (1, -1)}
)

EXPRESSION_WORDS: Mapping[Emotion, str] = MappingProxyType(
    {
        Emotion.ANGRY: "angry",
        Emotion.DISGUST: "disgusted",
        Emotion.FEAR: "afraid",
        Emotion.HAPPY: "happy",
        Emotion.SAD: "sad",
        Emotion.SURPRISE: "surprised",
        Emotion.NEUTRAL: "neutral",
    }
)
"""The word for a person with each expression; `docs/mood-words.md` says how the words were chosen."""

UNSURE_WORDS = "not sure"
"""Instead of a word for an expression that cannot be told."""

PLANE_WORDS: tuple[tuple[str, str], ...] = (
    ("a little happy", "happy"),
    ("lively", "excited"),
    ("alert", "very alert"),
    ("a little tense", "tense"),
    ("a little unhappy", "unhappy"),
    ("a little sad", "sad"),
    ("quiet", "very quiet"),
    ("calm", "very calm"),
)
"""Words for the eight sectors of the plane, counterclockwise from pleasant: near the middle, and farther out."""

CLEAR_RADIUS = 0.5
"""Moods at least this far from the origin have the second word of their sector."""


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
    beyond_middle = math.hypot(mood.valence, mood.arousal) - NEUTRAL_RADIUS
    if region is Region.NEUTRAL:
        return -beyond_middle
    valence_sign, arousal_sign = _CORNERS[region]
    return min(beyond_middle, valence_sign * mood.valence, arousal_sign * mood.arousal)


def describe(mood: Mood) -> str:
    """Describe a mood in words, such as "calm", "a little sad" or "neutral"."""
    radius = math.hypot(mood.valence, mood.arousal)
    if radius < NEUTRAL_RADIUS:
        return EXPRESSION_WORDS[Emotion.NEUTRAL]
    turns = math.atan2(mood.arousal, mood.valence) / math.tau
    near, far = PLANE_WORDS[math.floor(turns * len(PLANE_WORDS) + 0.5) % len(PLANE_WORDS)]
    return far if radius >= CLEAR_RADIUS else near
