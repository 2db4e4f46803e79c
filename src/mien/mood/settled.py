"""Chooses the expression that is named and shown, so that words, bars and point agree and the words do not flicker.

The smoothed expression follows a face within half a second, the point on the plane within two: in between they would
contradict each other. Here a new expression is shown only after it has lasted (hysteresis in time), leads by a margin
(hysteresis in space) and agrees with the point; until then the last expression that agreed is shown, probabilities and
all. `docs/decisions/0020-mood-words.md` has the measurements.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from mien.mood.circumplex import EXPRESSION_WORDS, UNSURE_WORDS, mood_of
from mien.mood.smooth import SmoothedFace
from mien.mood.timers import DwellTimer
from mien.types import Emotion, Expression, Mood

LEAD = 0.1
"""The probability by which another expression must exceed the named one before it counts."""

UNSURE_DWELLS = 2.0
"""How many dwell times an expression must be unclear before it is called that."""

NEUTRAL_REACH = 0.45
"""A point farther from the origin than this contradicts a neutral expression."""

SIDE_REACH = 0.15
"""A point that is farther than this on the other side of the plane contradicts an expression."""

_ENTRY: Final = 0.05
"""How much stricter the limits are for an expression that is not yet named."""

_UNPLEASANT: Final = (Emotion.ANGRY, Emotion.DISGUST, Emotion.FEAR, Emotion.SAD)


@dataclass(frozen=True, slots=True)
class SettledExpression:
    """The expression that is named and shown.

    Attributes:
        named: The expression that is named; None if it cannot be told.
        expression: The probabilities to show with it; that of ``named`` is the highest, within ``LEAD``. It is
            confident if and only if there is a name.
    """

    named: Emotion | None
    expression: Expression

    @property
    def words(self) -> str:
        """The words for it, such as "happy" or "not sure"."""
        return UNSURE_WORDS if self.named is None else EXPRESSION_WORDS[self.named]


def agrees(named: Emotion | None, mood: Mood, *, within: float = 0.0) -> bool:
    """Whether a mood may be shown together with the name of an expression.

    Args:
        named: The expression; None, if it cannot be told, agrees with every mood.
        mood: The mood.
        within: How far the mood must be inside the limits, on the plane's scale.
    """
    if named is None:
        return True
    if named is Emotion.NEUTRAL:
        return math.hypot(mood.valence, mood.arousal) <= NEUTRAL_REACH - within
    if named in _UNPLEASANT:
        return mood.valence <= SIDE_REACH - within
    return (mood.valence if named is Emotion.HAPPY else mood.arousal) >= within - SIDE_REACH


class ExpressionHysteresis:
    """Settles the expression of one face."""

    def __init__(self) -> None:
        self._settled: SettledExpression | None = None
        self._wanted: Emotion | None = None
        self._same = DwellTimer()
        self._other = DwellTimer()

    def reset(self) -> None:
        """Forget the face; the next reading is then shown at once."""
        self._settled = None
        self._same.reset()
        self._other.reset()

    def update(
        self, face: SmoothedFace | None, *, readable: bool, at_s: float, dwell_s: float
    ) -> SettledExpression | None:
        """Update the state with the next smoothed reading.

        Args:
            face: The smoothed reading; None if nothing is known, which resets the state.
            readable: Whether the face can be read now; if not, the state is held.
            at_s: The time, in seconds.
            dwell_s: How long a new expression must last before it is shown, in seconds.

        Returns:
            The expression to show; None if nothing is known. Its name always agrees with the mood of ``face``.
        """
        if face is None:
            self.reset()
            return None
        if self._settled is None:
            self._settled = _named(_clearest(face.expression, current=None), face)
            return self._settled
        current = self._settled.named
        wanted = _clearest(face.expression, current=current) if readable else current
        lasted_s = self._same.update(wanted is self._wanted and wanted is not current, at_s=at_s)
        unclear_s = self._other.update(wanted is not current, at_s=at_s)
        self._wanted = wanted
        due = lasted_s >= (UNSURE_DWELLS if wanted is None else 1) * dwell_s
        if wanted is current:
            if readable:
                self._settled = _named(current, face)
        elif due and agrees(wanted, face.mood, within=_ENTRY / 2):
            self._settled = _named(wanted, face)
        elif unclear_s >= UNSURE_DWELLS * dwell_s and lasted_s < dwell_s:
            self._settled = _named(None, face)
        if not agrees(self._settled.named, face.mood):
            self._settled = _named(wanted if agrees(wanted, face.mood) else None, face)
        if self._settled.named is not current:
            self._same.reset()
            self._other.reset()
        return self._settled


def _clearest(expression: Expression, *, current: Emotion | None) -> Emotion | None:
    """The expression to name: the current one unless another leads; None if it is unclear or two sides compete."""
    if not expression.confident:
        return None
    top = expression.top
    if current is not None and expression.probabilities[top] - expression.probabilities[current] < LEAD:
        top = current
    return top if agrees(top, mood_of(expression), within=0.0 if top is current else _ENTRY) else None


def _named(named: Emotion | None, face: SmoothedFace) -> SettledExpression:
    """The reading under a name, or without one if the point contradicts it."""
    if not agrees(named, face.mood):
        named = None
    return SettledExpression(named, replace(face.expression, confident=named is not None))
