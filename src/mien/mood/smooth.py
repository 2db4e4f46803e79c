"""Smooths the readings of one face, with time constants in seconds: the frame rate does not matter.

Two filters run in series. The first averages log-probabilities, so that a single odd frame has little effect and the
bars on the screen do not flicker. The second moves the point on the valence-arousal plane at a speed that a person can
watch. Between them, a change of expression shows in a fraction of a second, and in the mood in about one second.

Each reading counts for the time nearest to it: half of the interval to the previous reading and half of the interval to
the next. Between readings that are far apart the expression is assumed to change linearly. So an expression that takes
0.2 s or more to change gives the same mood at 5, 15 and 30 frames per second, within 0.06, or within 0.1 if the mood
follows at once (steadiness 0), because the time of a change between two frames is unknown; after a sudden change to a
far clearer expression, the difference at steadiness 0 is at most 0.125.
Readings with less weight advance the filters by less time; without a reading the filters stand still.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.mood.circumplex import mood_of, shifted
from mien.mood.logits import centred_logs, expression_of
from mien.mood.timers import DeltaTimer
from mien.types import Expression, Mood, Quality

Vector = NDArray[np.float64]

HOLD_S = 2.0
"""How long a mood holds without a usable reading."""

FADE_S = 3.0
"""After ``HOLD_S`` the confidence falls to zero within this time, and then there is no mood."""

FORGET_S = HOLD_S + FADE_S

STEP_S = 0.05
"""Between readings that are further apart, an expression is interpolated in steps of at most this."""

MAX_STEPS = 30

QUALITY_GATE = 0.2
"""Readings of this quality or less are ignored."""

FULL_WEIGHT_QUALITY = 0.3
"""From this quality on, the weight of a reading is its quality; below, it falls faster, to 0 at ``QUALITY_GATE``."""

DOUBT_WEIGHT = 0.5
"""The factor for a reading that the classifier is not confident of."""

_MIN_STEP_S = 1e-9  # the ratio of two shorter times is meaningless


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How slowly moods follow faces: ``value`` from 0 (at once) to 1 (calmly); it sets all time constants.

    =====  ========================  ==================  ================  ===========
    value  expression half-life (s)  mood half-life (s)  mood speed (1/s)  dwell (s)
    =====  ========================  ==================  ================  ===========
    0      0.10                      0.28                1.0               0.16
    0.5    0.25                      0.70                0.4               0.40
    1      0.63                      1.75                0.16              1.00
    =====  ========================  ==================  ================  ===========

    Each step of 0.5 multiplies the times by 2.5. Raises ``ValueError`` for a value outside 0..1.
    """

    value: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError(f"steadiness must be between 0 and 1, not {self.value}")

    @property
    def expression_half_life_s(self) -> float:
        """Half-life of past expressions, in log-probability space, in seconds."""
        return 0.25 * self._stretch

    @property
    def mood_half_life_s(self) -> float:
        """Seconds in which a mood moves half of the way to the mood of the expression."""
        return 0.7 * self._stretch

    @property
    def mood_speed_per_s(self) -> float:
        """The maximum speed of a mood, in units of the plane per second; sad and happy are 1.6 apart."""
        return 0.4 / self._stretch

    @property
    def dwell_s(self) -> float:
        """Seconds that a mood must be outside its region before the region changes."""
        return 0.4 * self._stretch

    @property
    def _stretch(self) -> float:
        return float(2.5 ** (2 * self.value - 1))


@dataclass(frozen=True, slots=True)
class SmoothedFace:
    """The smoothed expression and mood of a face."""

    expression: Expression
    mood: Mood


def weight_of(expression: Expression, quality: Quality | None) -> float:
    """Compute the weight of a reading: its quality, halved if the classifier was not confident.

    Args:
        expression: The reading.
        quality: How well the face can be read; None counts as a score of 1, one up to ``QUALITY_GATE`` as 0.

    Returns:
        The weight, 0..1.
    """
    score = 1.0 if quality is None else quality.score
    weight = score * min(1.0, max(0.0, (score - QUALITY_GATE) / (FULL_WEIGHT_QUALITY - QUALITY_GATE)))
    return weight if expression.confident else weight * DOUBT_WEIGHT


class FaceSmoother:
    """Smooths the expression and mood of one face.

    Without a usable reading both hold for ``HOLD_S``, then the confidence fades over ``FADE_S``, and then the state is
    unknown rather than wrong. A face that comes back before that continues from its last state.
    """

    def __init__(self) -> None:
        self._delta = DeltaTimer()
        self._silent_s = 0.0
        self._filters: _Filters | None = None

    def update(
        self,
        expression: Expression | None,
        *,
        at_s: float,
        steadiness: Steadiness,
        weight: float = 1.0,
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> SmoothedFace | None:
        """Update the state with the next reading. A clock that jumps back changes nothing.

        Args:
            expression: The reading; None if the face was not seen.
            at_s: The time, in seconds.
            steadiness: How slowly the state follows; may differ from update to update.
            weight: How reliable the reading is, 0..1, as from ``weight_of``; 0 counts as not seen.
            shift: Added to valence and arousal of the mood, which stay within -1..1; the expression is not changed.

        Returns:
            The smoothed state, with a mood of time ``at_s``; None if it is unknown.
        """
        elapsed_s = self._delta.update(at_s)
        self._silent_s += elapsed_s
        if self._silent_s > FORGET_S:
            self._filters = None
        usable = expression if weight > 0 else None
        if usable is not None:
            self._silent_s = 0.0
            if self._filters is None:
                self._filters, elapsed_s = _Filters(usable, weight=weight, shift=shift), 0.0
        if self._filters is None:
            return None
        self._filters.update(usable, weight=weight, elapsed_s=elapsed_s, steadiness=steadiness, shift=shift)
        return self._filters.state(fade=min(1.0, 1 - (self._silent_s - HOLD_S) / FADE_S), at_s=at_s)


class _Filters:
    """The two filters in series: one for the log-probabilities, one for the point on the plane."""

    def __init__(self, first: Expression, *, weight: float, shift: tuple[float, float]) -> None:
        self._model = first.model
        self._logs = _LowPass(_log_vector(first))
        self._point = _LowPass(_point_vector(first, weight=weight, shift=shift))

    def update(
        self,
        expression: Expression | None,
        *,
        weight: float,
        elapsed_s: float,
        steadiness: Steadiness,
        shift: tuple[float, float],
    ) -> None:
        """Advance by ``elapsed_s`` to the next reading; in between, the expression changes linearly."""
        logs, weight = (self._logs.last, 0.0) if expression is None else (_log_vector(expression), weight)
        last, last_weight = self._logs.last, self._logs.last_weight
        steps = math.ceil(min(MAX_STEPS, max(1.0, elapsed_s / STEP_S)))
        for share in (step / steps for step in range(1, steps + 1)):
            self._step(
                last + share * (logs - last),
                weight=last_weight + share * (weight - last_weight),
                elapsed_s=elapsed_s / steps,
                steadiness=steadiness,
                shift=shift,
            )

    def _step(
        self, logs: Vector, *, weight: float, elapsed_s: float, steadiness: Steadiness, shift: tuple[float, float]
    ) -> None:
        self._logs.update(logs, weight=weight, elapsed_s=elapsed_s, half_life_s=steadiness.expression_half_life_s)
        self._point.update(
            _point_vector(self._expression(), weight=weight, shift=shift),
            weight=weight,
            elapsed_s=elapsed_s,
            half_life_s=steadiness.mood_half_life_s,
            speed_per_s=steadiness.mood_speed_per_s,
        )

    def state(self, *, fade: float, at_s: float) -> SmoothedFace:
        """The filtered state; ``fade``, 0..1, scales the confidence."""
        expression = self._expression()
        if fade < 1:
            expression = replace(expression, confident=False)
        valence, arousal, certainty, weight = self._point.value.tolist()
        confidence = min(1.0, max(0.0, certainty * weight * fade))
        return SmoothedFace(expression, Mood(valence, arousal, confidence, at_s))

    def _expression(self) -> Expression:
        *logs, confident = self._logs.value
        return expression_of(np.array(logs), confident=bool(confident >= 0.5), model=self._model)


def _log_vector(expression: Expression) -> Vector:
    """Seven centred log-probabilities and the confidence, 0 or 1: float64 [8]."""
    return np.append(centred_logs(expression), float(expression.confident))


def _point_vector(expression: Expression, *, weight: float, shift: tuple[float, float]) -> Vector:
    """Shifted valence and arousal, confidence and weight: float64 [4]."""
    mood = shifted(mood_of(expression), shift)
    return np.array([mood.valence, mood.arousal, mood.confidence, weight])


class _LowPass:
    """An exponential low-pass filter of a vector, in which each target counts for the time nearest to it.

    At first, with little history, its value is the mean of all targets so far, so that a wrong first reading does not
    linger (the bias correction of Kingma and Ba 2015, arXiv:1412.6980, section 3, in time).
    """

    def __init__(self, first: Vector) -> None:
        self.value = first
        self.last = first
        self.last_weight = 0.0
        self._total_s = 0.0

    def update(
        self, target: Vector, *, weight: float, elapsed_s: float, half_life_s: float, speed_per_s: float = math.inf
    ) -> None:
        """Move towards the previous target for half of the time, then towards the new one for the other half.

        Args:
            target: The new target.
            weight: Its weight, 0..1, which scales its half of the time.
            elapsed_s: The time since the previous update, in seconds.
            half_life_s: The half-life of the filter, in seconds.
            speed_per_s: The maximum speed of the first two numbers, taken as a point, once a half-life has passed;
                before that it is higher. The other numbers are not limited.
        """
        for towards, trust in ((self.last, self.last_weight), (target, weight)):
            if (time_s := trust * elapsed_s / 2) > _MIN_STEP_S:
                self._total_s += time_s
                self.value = self._moved(towards, time_s, half_life_s, speed_per_s)
        self.last, self.last_weight = target, weight

    def _moved(self, towards: Vector, time_s: float, half_life_s: float, speed_per_s: float) -> Vector:
        share = _decay(time_s, half_life_s) / _decay(self._total_s, half_life_s)
        step = share * (towards - self.value)
        at_first = max(1.0, half_life_s / self._total_s) ** 1.5
        distance, reach = math.hypot(step[0], step[1]), speed_per_s * at_first * time_s
        if distance > reach:
            step[:2] *= reach / distance
        return self.value + step


def _decay(time_s: float, half_life_s: float) -> float:
    """The share that is forgotten within a time, 0..1."""
    return -math.expm1(-math.log(2) * time_s / half_life_s)
