"""Explains a pick: the reasons for it as values, taken from the numbers that the choice was made with."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mien.music.recommender.goals import Goal
from mien.music.recommender.score import RECENCY_HALF_LIFE, RECENCY_WEIGHT
from mien.types import AudioFeatures, Reason, ReasonKind

_MAX_PLAYS_SINCE: Final = 30
_MIN_TASTE: Final = 0.03
_SAME_TEMPO_OCTAVES: Final = 0.06
_MAX_DIFFERENCE: Final = 0.2
_MIN_MOVED: Final = 0.15

_TASTE_KINDS: Final[Mapping[str, ReasonKind]] = {
    "artist": ReasonKind.ARTIST_TASTE,
    "style": ReasonKind.STYLE_TASTE,
    "tempo": ReasonKind.TEMPO_TASTE,
    "sound": ReasonKind.MOOD_TASTE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonInputs:
    """The numbers of one pick that can become reasons.

    Attributes:
        goal: Where the list leads.
        leads_to: The title of the song that the list leads to; empty without one.
        progress: The fraction of the route already covered, 0..1.
        distance: The distance of the track from the mood of its position, in units of the plane; None if no mood was
            asked for.
        played_penalty: What the track loses for having been played lately, 0..``RECENCY_WEIGHT``.
        tempo_octaves: The jump from the tempo of the track before, None for the first track or without a beat.
        key_clash: The clash with the key of the track before, 0..1, None for the first track or an unknown key.
        difference: How much the track differs from those to resemble, 0..1, None if there are none.
        met: The words of the conditions of a request that the track meets.
        taste: What each part of the taste adds to the track's utility, by ``PosteriorSamples.parts``.
    """

    goal: Goal
    progress: float
    distance: float | None
    played_penalty: float
    tempo_octaves: float | None
    key_clash: float | None
    difference: float | None
    taste: Mapping[str, float]
    met: tuple[str, ...] = ()
    leads_to: str = ""


def reasons(features: AudioFeatures, inputs: ReasonInputs) -> tuple[Reason, ...]:
    """The reasons for a pick: sound and tempo, position on the route, continuity, similarity, taste, last play."""
    return tuple(_reasons(features, inputs))


def _reasons(features: AudioFeatures, inputs: ReasonInputs) -> Iterator[Reason]:
    yield Reason(ReasonKind.AROUSAL, features.arousal)
    yield Reason(ReasonKind.VALENCE, features.valence)
    if features.absolute is not None and _moved(features, features.absolute) >= _MIN_MOVED:
        yield Reason(ReasonKind.IN_LIBRARY)
    if features.tempo_bpm > 0:
        yield Reason(ReasonKind.TEMPO, features.tempo_bpm)
    if inputs.tempo_octaves is not None and inputs.tempo_octaves < _SAME_TEMPO_OCTAVES:
        yield Reason(ReasonKind.SAME_TEMPO)
    if inputs.key_clash == 0:
        yield Reason(ReasonKind.SAME_KEY)
    if inputs.distance is not None:
        yield from _fit(inputs, inputs.distance)
    if inputs.difference is not None and inputs.difference < _MAX_DIFFERENCE and not inputs.leads_to:
        yield Reason(ReasonKind.SIMILAR, 1 - inputs.difference)
    if inputs.met:
        yield Reason(ReasonKind.REQUESTED, ", ".join(inputs.met))
    yield from _taste(inputs.taste)
    if inputs.played_penalty > 0:
        plays_since = round(RECENCY_HALF_LIFE * math.log2(RECENCY_WEIGHT / inputs.played_penalty))
        if plays_since < _MAX_PLAYS_SINCE:
            yield Reason(ReasonKind.RECENTLY_PLAYED, plays_since)


def _moved(features: AudioFeatures, absolute: tuple[float, float]) -> float:
    """How far the track's place in its library is from its estimate, on the axis where they differ more."""
    return max(abs(features.valence - absolute[0]), abs(features.arousal - absolute[1]))


def _fit(inputs: ReasonInputs, distance: float) -> Iterator[Reason]:
    """How close it is to the mood that was asked for, to the route, or to the goal."""
    if inputs.leads_to:
        yield Reason(ReasonKind.ROUTE_FIT, distance)
        yield Reason(ReasonKind.PROGRESS, inputs.progress)
        yield Reason(ReasonKind.GOAL, inputs.leads_to)
    elif inputs.goal is Goal.MATCH or inputs.progress == 0:
        yield Reason(ReasonKind.MOOD_FIT, distance)
    elif inputs.progress >= 1:
        yield Reason(ReasonKind.GOAL_FIT, distance)
        yield Reason(ReasonKind.GOAL, str(inputs.goal))
    else:
        yield Reason(ReasonKind.ROUTE_FIT, distance)
        yield Reason(ReasonKind.PROGRESS, inputs.progress)
        yield Reason(ReasonKind.GOAL, str(inputs.goal))


def _taste(parts: Mapping[str, float]) -> Iterator[Reason]:
    """The part of the taste that moved the choice most, if any moved it noticeably."""
    part = max(parts, key=lambda name: abs(parts[name]), default="")
    if part in _TASTE_KINDS and abs(parts[part]) >= _MIN_TASTE:
        yield Reason(_TASTE_KINDS[part], parts[part])
