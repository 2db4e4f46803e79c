"""The mood that music follows: that of the last minutes, until the face clearly shows another one.

Two time scales: the moment's mood changes within seconds, the music's mood is an average over minutes. If the moment's
mood stays away from the average for ``HOLD_S``, the average starts again from it, so that a real change is followed and
a passing expression is not.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from mien.mood.timers import DeltaTimer, DwellTimer
from mien.types import Mood

AWAY_DISTANCE: Final = 0.35
"""A moment's mood further than this from the music's mood is away from it, in units of the plane."""

HOLD_S: Final = 4.0
"""After so many seconds away the music's mood changes to the moment's."""

AVERAGE_S: Final = 90.0
"""The time constant of the average; it is shorter while the average is younger."""

_MOMENT_S: Final = 0.5  # a moment's mood is the mean of this time
_RECENT_S: Final = 1.0  # a change goes to the mean of this time
_SETTLED_S: Final = 1.5
_SETTLED_DISTANCE: Final = 0.15
_SETTLED_LIMIT_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class MusicMood:
    """The mood that music should follow.

    Attributes:
        mood: The mood of the last minutes; the moment's until ``settled``.
        settled: Whether the first mood has been steady for 1.5 s, or has been known for 3 s.
        moment: The mood of this moment, or of the last one at which it was known.
        held_s: For how many seconds the face has shown ``mood``, from the beginning of the change to it.
        away_s: For how many seconds the moment's mood has been away from ``mood``; 0 if it is not.
    """

    mood: Mood
    moment: Mood
    settled: bool
    held_s: float
    away_s: float


class MusicMoodFilter:
    """Computes the mood that music follows from the moods of the moments, at any frame rate."""

    def __init__(self) -> None:
        self._delta = DeltaTimer()
        self._away = DwellTimer()
        self._recent: deque[tuple[float, Mood]] = deque()  # with the age of the filter, in seconds
        self._age_s = 0.0
        self._known_s = 0.0
        self._since_s = 0.0
        self._settled = False
        self._mood: Mood | None = None
        self._moment = Mood(0.0, 0.0)

    def update(self, mood: Mood | None, *, at_s: float) -> MusicMood | None:
        """Take in the mood of a moment.

        Args:
            mood: The mood; None if it is unknown, which changes nothing.
            at_s: The time, in seconds.

        Returns:
            The music's mood; None before any mood was known.
        """
        elapsed_s = self._delta.update(at_s)
        self._age_s += elapsed_s
        if mood is None:
            self._away.reset()
            self._recent.clear()
            return None if self._mood is None else self._result(self._mood, away_s=0.0)
        self._recent.append((self._age_s, mood))
        if self._mood is None or not self._settled:
            return self._settle(mood, elapsed_s)
        self._moment = self._mean_of_last(_MOMENT_S, mood)
        away = mood_distance(self._moment, self._mood) > AWAY_DISTANCE
        away_s = self._away.update(away, at_s=at_s)
        if away and away_s >= HOLD_S:
            self._mood, self._since_s = self._mean_of_last(_RECENT_S, mood), self._age_s - away_s
            self._away.reset()
            away_s = 0.0
        elif not away:
            time_constant_s = min(AVERAGE_S, max(_RECENT_S, self._age_s - self._since_s))
            self._mood = _between(self._mood, self._moment, -math.expm1(-elapsed_s / time_constant_s))
        self._forget(max(_RECENT_S, _SETTLED_S))
        return self._result(self._mood, away_s=away_s)

    def _settle(self, mood: Mood, elapsed_s: float) -> MusicMood:
        self._known_s = 0.0 if self._mood is None else self._known_s + elapsed_s
        if self._mood is None:
            self._since_s = self._age_s
        steady_s = 0.0
        for age_s, earlier in reversed(self._recent):
            if mood_distance(earlier, mood) > _SETTLED_DISTANCE:
                break
            steady_s = self._age_s - age_s
        self._mood = self._moment = mood
        self._settled = steady_s >= _SETTLED_S or self._known_s >= _SETTLED_LIMIT_S
        return self._result(mood, away_s=0.0)

    def _mean_of_last(self, seconds: float, mood: Mood) -> Mood:
        """The mean of the last seconds, dated like ``mood``."""
        moods = [recent for age_s, recent in self._recent if self._age_s - age_s <= seconds]
        valence, arousal = (sum(values) / len(moods) for values in zip(*map(_point, moods), strict=True))
        return replace(mood, valence=valence, arousal=arousal)

    def _forget(self, older_than_s: float) -> None:
        while self._age_s - self._recent[0][0] > older_than_s:
            self._recent.popleft()

    def _result(self, mood: Mood, *, away_s: float) -> MusicMood:
        return MusicMood(mood, self._moment, self._settled, self._age_s - self._since_s, away_s)


def _point(mood: Mood) -> tuple[float, float]:
    return mood.valence, mood.arousal


def mood_distance(one: Mood, other: Mood) -> float:
    """How far two moods are apart on the plane, 0..√8."""
    return math.dist(_point(one), _point(other))


def _between(start: Mood, end: Mood, share: float) -> Mood:
    """A mood on the way from ``start`` to ``end``, dated like ``end``."""
    valence = start.valence + share * (end.valence - start.valence)
    arousal = start.arousal + share * (end.arousal - start.arousal)
    return replace(end, valence=valence, arousal=arousal)
