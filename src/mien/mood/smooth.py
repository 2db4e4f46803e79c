"""Steadies readings with a memory measured in seconds, so that the frame rate does not matter."""

from __future__ import annotations

import math

from mien.types import Emotion, Expression, Mood

_SMALLEST_PROBABILITY = 1e-4


def _share_of_new(elapsed_s: float, half_life_s: float) -> float:
    """How much of a new value to take: after one half-life, half of it (0 when the clock went backwards)."""
    return 1 - math.exp2(-max(0.0, elapsed_s) / half_life_s)


def _check_half_life(half_life_s: float) -> None:
    if not half_life_s > 0:
        raise ValueError(f"half_life_s must be positive, not {half_life_s}")


class ExpressionSmoother:
    """Averages expressions over time, in log-probability space.

    There a short burst of certainty weighs as much as it deserves, and a steady one wins. The same input at 5 or at 30
    frames a second gives the same answer.
    """

    def __init__(self, *, half_life_s: float = 0.6) -> None:
        _check_half_life(half_life_s)
        self._half_life_s = half_life_s
        self._logs: dict[Emotion, float] | None = None
        self._certainty = 0.0
        self._at_s = 0.0

    def update(self, expression: Expression, *, at_s: float) -> Expression:
        """The expression as it now stands; ``at_s`` is monotonic, a clock that jumps back moves nothing."""
        logs = {e: math.log(max(p, _SMALLEST_PROBABILITY)) for e, p in expression.probabilities.items()}
        certainty = float(expression.confident)
        if self._logs is not None:
            share = _share_of_new(at_s - self._at_s, self._half_life_s)
            logs = {e: old + share * (logs[e] - old) for e, old in self._logs.items()}
            certainty = self._certainty + share * (certainty - self._certainty)
        self._logs, self._certainty, self._at_s = logs, certainty, at_s
        weights = {e: math.exp(value) for e, value in logs.items()}
        total = sum(weights.values())
        return Expression({e: w / total for e, w in weights.items()}, certainty >= 0.5, expression.model)


class MoodSmoother:
    """Moves the mood towards what is read, a confident reading faster than a doubtful one.

    Without a reading the last mood holds for ``hold_s`` seconds; then there is none, rather than a wrong one.
    """

    def __init__(self, *, half_life_s: float = 1.5, hold_s: float = 2.0) -> None:
        _check_half_life(half_life_s)
        self._half_life_s = half_life_s
        self._hold_s = hold_s
        self._mood: Mood | None = None
        self._seen_at_s = 0.0

    def update(self, mood: Mood | None, *, at_s: float) -> Mood | None:
        """The mood as it now stands, stamped ``at_s``; None when nothing was read for ``hold_s`` seconds."""
        if mood is None:
            if self._mood is not None and at_s - self._seen_at_s > self._hold_s:
                self._mood = None
            return self._mood
        if self._mood is None:
            self._mood = Mood(mood.valence, mood.arousal, mood.confidence, at_s)
        else:
            elapsed_s = at_s - self._seen_at_s
            self._mood = _between(self._mood, mood, _share_of_new(elapsed_s * mood.confidence, self._half_life_s), at_s)
        self._seen_at_s = at_s
        return self._mood


def _between(old: Mood, new: Mood, share: float, at_s: float) -> Mood:
    return Mood(
        valence=old.valence + share * (new.valence - old.valence),
        arousal=old.arousal + share * (new.arousal - old.arousal),
        confidence=old.confidence + share * (new.confidence - old.confidence),
        time_s=at_s,
    )
