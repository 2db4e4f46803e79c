"""Steadies the readings of one face, with a memory measured in seconds: the frame rate does not matter.

Two filters follow one another. The first averages log-probabilities, so that an odd frame is outvoted and the bars on
the screen do not flicker; the second moves the point on the valence-arousal plane, at a speed that a person can watch.
Between them a change of face is seen in a fraction of a second, and felt in about one.

Each reading speaks for the time that is nearest to it, half of the time since the reading before and half of that until
the next, and between readings that lie far apart the face is taken to change evenly. So a face that takes 0.2 s or more
to change gives the same mood, within 0.05, at 5, 15 and 30 frames a second; of one that changes between two frames
nobody knows when, and a mood that follows at once (steadiness 0) then differs by up to 0.1. Where a reading weighs
less, less time passes for the filters; where there is none, they stand still.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.mood.circumplex import mood_of
from mien.mood.dwell import ElapsedTime
from mien.mood.logits import centred_logs, expression_of
from mien.types import Expression, Mood, Quality

Vector = NDArray[np.float64]

HOLD_S = 2.0
"""Without a reading to be believed, a mood holds for so long."""

FADE_S = 3.0
"""After that its confidence falls to zero within this time, and then there is no mood."""

FORGET_S = HOLD_S + FADE_S

STEP_S = 0.05
"""Between readings that lie further apart a face is taken to change evenly, in steps of at most this."""

MOST_STEPS = 30

QUALITY_GATE = 0.25
"""A reading whose quality scores less is not believed at all."""

DOUBT_WEIGHT = 0.5
"""What a reading weighs that the classifier is not confident of."""


_SHORTEST_S = 1e-9  # what is shorter is no time: a quotient of two such would say nothing


@dataclass(frozen=True, slots=True)
class Steadiness:
    """How calmly moods follow faces: ``value`` 0 (at once) to 1 (calmly); everything else follows from it.

    =====  ========================  ==================  ================  ===========
    value  expression half-life (s)  mood half-life (s)  mood speed (1/s)  dwell (s)
    =====  ========================  ==================  ================  ===========
    0      0.10                      0.28                1.0               0.16
    0.5    0.25                      0.70                0.4               0.40
    1      0.63                      1.75                0.16              1.00
    =====  ========================  ==================  ================  ===========

    Each step of 0.5 makes the times two and a half times as long. Raises ``ValueError`` for a value outside 0..1.
    """

    value: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError(f"steadiness must lie between 0 and 1, not {self.value}")

    @property
    def expression_half_life_s(self) -> float:
        """Seconds after which half of a past expression is forgotten, in log-probability space."""
        return 0.25 * self._stretch

    @property
    def mood_half_life_s(self) -> float:
        """Seconds in which a mood goes half of the way to where the expression points."""
        return 0.7 * self._stretch

    @property
    def mood_speed_per_s(self) -> float:
        """The fastest that a mood moves, in units of the plane a second; sad and happy lie 1.6 apart."""
        return 0.4 / self._stretch

    @property
    def dwell_s(self) -> float:
        """Seconds that a mood must have been outside its region before the region changes."""
        return 0.4 * self._stretch

    @property
    def _stretch(self) -> float:
        return float(2.5 ** (2 * self.value - 1))


@dataclass(frozen=True, slots=True)
class SteadyState:
    """What a face looks like by now: its expression and its mood, both steadied."""

    expression: Expression
    mood: Mood


def weight_of(expression: Expression, quality: Quality | None) -> float:
    """How much a reading is to be believed, 0..1: its quality, halved where the classifier was not confident.

    Quality counts as 1 where nobody measured it, and as 0 below ``QUALITY_GATE``.
    """
    score = 1.0 if quality is None else quality.score
    if score < QUALITY_GATE:
        return 0.0
    return score if expression.confident else score * DOUBT_WEIGHT


class FaceSmoother:
    """Steadies one face's expression and mood; ``steadiness`` may be changed at any time.

    Without a reading to be believed both hold for ``HOLD_S``, then the confidence fades over ``FADE_S``, and then
    nothing is known, rather than something wrong. A face that comes back before that goes on where it was.
    """

    def __init__(self, steadiness: Steadiness) -> None:
        self.steadiness = steadiness
        self._elapsed = ElapsedTime()
        self._silent_s = 0.0
        self._memory: _Memory | None = None

    def update(self, expression: Expression | None, *, at_s: float, weight: float = 1.0) -> SteadyState | None:
        """The face as it now stands, its mood stamped ``at_s``; None when nothing is known of it.

        ``expression`` is None where the face was not seen. ``weight`` 0..1 is how much it is to be believed, such as
        ``weight_of`` says; with 0 it counts as not seen. A clock that jumps back moves nothing.
        """
        elapsed_s = self._elapsed.until(at_s)
        self._silent_s += elapsed_s
        if self._silent_s > FORGET_S:
            self._memory = None
        believed = expression if weight > 0 else None
        if believed is not None:
            self._silent_s = 0.0
            if self._memory is None:
                self._memory, elapsed_s = _Memory(believed, weight=weight), 0.0
        if self._memory is None:
            return None
        self._memory.take_in(believed, weight=weight, elapsed_s=elapsed_s, steadiness=self.steadiness)
        return self._memory.recall(fade=min(1.0, 1 - (self._silent_s - HOLD_S) / FADE_S), at_s=at_s)


class _Memory:
    """What is remembered of a face: its look (seven log-probabilities and confidence), and where that places it."""

    def __init__(self, first: Expression, *, weight: float) -> None:
        self._model = first.model
        self._look = _Trace(_look(first))
        self._place = _Trace(_place(first, weight=weight))

    def take_in(
        self, expression: Expression | None, *, weight: float, elapsed_s: float, steadiness: Steadiness
    ) -> None:
        """Let time pass, at whose end the face looked so, or was not seen; meanwhile it changed evenly."""
        look, weight = (self._look.last, 0.0) if expression is None else (_look(expression), weight)
        last, last_weight = self._look.last, self._look.last_weight
        steps = math.ceil(min(MOST_STEPS, max(1.0, elapsed_s / STEP_S)))
        for share in (step / steps for step in range(1, steps + 1)):
            self._step(
                last + share * (look - last),
                weight=last_weight + share * (weight - last_weight),
                elapsed_s=elapsed_s / steps,
                steadiness=steadiness,
            )

    def _step(self, look: Vector, *, weight: float, elapsed_s: float, steadiness: Steadiness) -> None:
        self._look.follow(look, weight=weight, elapsed_s=elapsed_s, half_life_s=steadiness.expression_half_life_s)
        self._place.follow(
            _place(self._expression(), weight=weight),
            weight=weight,
            elapsed_s=elapsed_s,
            half_life_s=steadiness.mood_half_life_s,
            speed_per_s=steadiness.mood_speed_per_s,
        )

    def recall(self, *, fade: float, at_s: float) -> SteadyState:
        """What is remembered; ``fade`` 0..1 is how fresh that is."""
        expression = self._expression()
        if fade < 1:
            expression = replace(expression, confident=False)
        valence, arousal, certainty, weight = self._place.value.tolist()
        confidence = min(1.0, max(0.0, certainty * weight * fade))
        return SteadyState(expression, Mood(valence, arousal, confidence, at_s))

    def _expression(self) -> Expression:
        *logs, confident = self._look.value
        return expression_of(np.array(logs), confident=bool(confident >= 0.5), model=self._model)


def _look(expression: Expression) -> Vector:
    return np.append(centred_logs(expression), float(expression.confident))


def _place(expression: Expression, *, weight: float) -> Vector:
    mood = mood_of(expression)
    return np.array([mood.valence, mood.arousal, mood.confidence, weight])


class _Trace:
    """A vector that follows others exponentially, each for the time that is nearest to it.

    At first there is little to remember: it is then the mean of all that it followed, so that a first reading which
    was wrong does not linger (the correction of Kingma and Ba 2015, arXiv:1412.6980, section 3, in time).
    """

    def __init__(self, first: Vector) -> None:
        self.value = first
        self.last = first
        self.last_weight = 0.0
        self._followed_s = 0.0

    def follow(
        self, target: Vector, *, weight: float, elapsed_s: float, half_life_s: float, speed_per_s: float = math.inf
    ) -> None:
        """Move towards the last target for half of the time, and for the other half towards this one.

        Each half counts as much as its target weighs. ``speed_per_s`` bounds how fast the first two numbers move,
        taken as a point, from a half-life on, and the less the shorter it has followed; the others move freely.
        """
        for towards, trust in ((self.last, self.last_weight), (target, weight)):
            if (time_s := trust * elapsed_s / 2) > _SHORTEST_S:
                self._followed_s += time_s
                self.value = self._moved(towards, time_s, half_life_s, speed_per_s)
        self.last, self.last_weight = target, weight

    def _moved(self, towards: Vector, time_s: float, half_life_s: float, speed_per_s: float) -> Vector:
        share = _forgotten(time_s, half_life_s) / _forgotten(self._followed_s, half_life_s)
        step = share * (towards - self.value)
        at_first = max(1.0, half_life_s / self._followed_s) ** 1.5
        distance, reach = math.hypot(step[0], step[1]), speed_per_s * at_first * time_s
        if distance > reach:
            step[:2] *= reach / distance
        return self.value + step


def _forgotten(time_s: float, half_life_s: float) -> float:
    return -math.expm1(-math.log(2) * time_s / half_life_s)
