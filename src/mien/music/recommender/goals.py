"""The goals that music can lead to, each with its target on the valence-arousal plane."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from mien.types import Mood

_Point: TypeAlias = tuple[float, float]

_MIN_CONTRAST: Final = 0.5
_CENTER_RADIUS: Final = 0.05


class Goal(StrEnum):
    """What music should do with a mood of valence v and arousal a; ``target`` computes where it leads.

    ========  ==========================  ===============================================================
    goal      target (valence, arousal)   in words
    ========  ==========================  ===============================================================
    match     v, a                        stay where the mood is
    lift      at least .7, .2 to .6       pleasant and awake, for lively and for drowsy listeners
    calm      at least .3, at most -.6    pleasant and quiet
    focus     .1 to .4, -.2 to .1         even: not stirring, not sad, not distractingly merry
    energise  at least .4, at least .75   pleasant and stirring
    contrast  -v, -a                      the opposite, at least .5 from the middle of the plane
    ========  ==========================  ===============================================================

    The targets are mien's own convention: on Russell's circumplex (1980) "happy" is near (.9, .2), "calm" near
    (.7, -.65) and "excited" near (.7, .7); calm asks for less valence than that, because libraries have little music
    that is so quiet and so pleasant at once. No therapeutic effect is claimed.
    """

    MATCH = "match"
    LIFT = "lift"
    CALM = "calm"
    FOCUS = "focus"
    ENERGISE = "energise"
    CONTRAST = "contrast"


def target(goal: Goal, mood: Mood) -> Mood:
    """The mood that ``goal`` leads to from ``mood``, with the confidence and time of ``mood``."""
    valence, arousal = _TARGETS[goal](mood.valence, mood.arousal)
    return replace(mood, valence=valence, arousal=arousal)


def _opposite(valence: float, arousal: float) -> _Point:
    """The point reflected at the centre, at least ``_MIN_CONTRAST`` away from it; near the centre, the bright side."""
    radius = math.hypot(valence, arousal)
    if radius < _CENTER_RADIUS:
        return _MIN_CONTRAST * math.sqrt(0.5), _MIN_CONTRAST * math.sqrt(0.5)
    stretch = max(1.0, _MIN_CONTRAST / radius)
    return -valence * stretch, -arousal * stretch


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


_TARGETS: Final[Mapping[Goal, Callable[[float, float], _Point]]] = MappingProxyType(
    {
        Goal.MATCH: lambda valence, arousal: (valence, arousal),
        Goal.LIFT: lambda valence, arousal: (max(valence, 0.7), _clamped(arousal, 0.2, 0.6)),
        Goal.CALM: lambda valence, arousal: (max(valence, 0.3), min(arousal, -0.6)),
        Goal.FOCUS: lambda valence, arousal: (_clamped(valence, 0.1, 0.4), _clamped(arousal, -0.2, 0.1)),
        Goal.ENERGISE: lambda valence, arousal: (max(valence, 0.4), max(arousal, 0.75)),
        Goal.CONTRAST: _opposite,
    }
)
