"""Says where music should lead: six goals, each with its place on the valence-arousal plane."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

from mien.types import Mood

_Point: TypeAlias = tuple[float, float]

_CONTRAST_LEAST: Final = 0.5
_MIDDLE: Final = 0.05


class Goal(StrEnum):
    """What music should do with a mood of valence v and arousal a; ``target`` is where it leads.

    ========  ==========================  ===============================================================
    goal      target (valence, arousal)   in words
    ========  ==========================  ===============================================================
    match     v, a                        stay where the mood is
    lift      at least .7, .2 to .6       pleasant and awake; who is livelier or drowsier meets in between
    calm      at least .3, at most -.6    pleasant and quiet
    focus     .1 to .4, -.2 to .1         even: neither stirring nor sad, nor so merry that it distracts
    energise  at least .4, at least .75   pleasant and stirring
    contrast  -v, -a                      the opposite, at least .5 from the middle of the plane
    ========  ==========================  ===============================================================

    The places are mien's own convention: on Russell's circumplex (1980) "happy" lies near (.9, .2), "calm" near
    (.7, -.65) and "excited" near (.7, .7); calm asks for less valence than that, because a library has little music so
    quiet and so pleasant at once. No claim of therapy is made.
    """

    MATCH = "match"
    LIFT = "lift"
    CALM = "calm"
    FOCUS = "focus"
    ENERGISE = "energise"
    CONTRAST = "contrast"


def target(goal: Goal, mood: Mood) -> Mood:
    """The mood that ``goal`` leads to from ``mood``; its confidence and time are the mood's."""
    valence, arousal = _TARGETS[goal](mood.valence, mood.arousal)
    return replace(mood, valence=valence, arousal=arousal)


def _opposite(valence: float, arousal: float) -> _Point:
    """Through the middle to the other side; from the very middle, where every side is opposite, the bright one."""
    radius = math.hypot(valence, arousal)
    if radius < _MIDDLE:
        return _CONTRAST_LEAST * math.sqrt(0.5), _CONTRAST_LEAST * math.sqrt(0.5)
    stretch = max(1.0, _CONTRAST_LEAST / radius)
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
