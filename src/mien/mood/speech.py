"""Reads the expression of a speaking face: what the mouth does to speak is not a sign of anger, fear or surprise.

Two steps. ``discount_speech`` lowers what an open jaw alone is mistaken for, in one reading. ``SpeechFilter`` then
prefers, among the readings of the last second, those in which the mouth was least open: between syllables the lips come
back to the shape that the expression gives them, so a smile or a gape that is held while speaking remains.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.mood.logits import centred_logs, expression_of
from mien.types import Emotion, Expression

DISCOUNT = 2.5
"""The maximum by which speech lowers a log-probability: to a twelfth of its odds."""

OPEN_JAW = 0.3
"""The blendshape ``jawOpen`` of an open vowel."""

RAISED_BROWS = 0.5
"""From this blendshape on, raised brows show surprise or fear whatever the mouth does."""

LOWERED_BROWS = (0.5, 0.8)
"""Lowered brows show anger from the second blendshape on, and not at all up to the first: many rest at 0.45."""

WRINKLED_NOSE = 0.3
"""From this blendshape on, a wrinkled nose shows disgust whatever the mouth does."""

WINDOW_S = 1.25
"""How long a reading is used while speaking; it contains at least two syllables, which come at 2 to 8 Hz."""

RECENT_HALF_LIFE_S = 0.4
"""After this time a reading counts half."""

CLOSED_SHARE = 0.2
"""Readings count while the mouth is within about this share of its range, 0..1, from its least opening."""

MIN_RANGE = 0.08
"""Smaller ranges of the opening are taken for this one: differences of less are noise."""


@dataclass(frozen=True, slots=True)
class MovedParts:
    """Blendshapes that tell speech from expressions, each 0..1.

    Attributes:
        jaw_open: The jaw.
        lips_apart: The lips, beyond what the jaw does.
        brows_up: The brows and upper lids.
        brows_down: The brows.
        nose_wrinkled: The nose.
    """

    jaw_open: float = 0.0
    lips_apart: float = 0.0
    brows_up: float = 0.0
    brows_down: float = 0.0
    nose_wrinkled: float = 0.0

    @property
    def opening(self) -> float:
        """How far the mouth is open, 0..2."""
        return self.jaw_open + self.lips_apart


def discount_speech(expression: Expression, parts: MovedParts) -> Expression:
    """Reduce what comes from the open jaw of a speaking face alone: surprise, fear, anger and disgust.

    Each log-probability falls by ``DISCOUNT`` times the jaw, relative to ``OPEN_JAW``, times how little the upper face
    shows the expression, each at most 1. The upper face shows it by the action units of Ekman and Friesen that speech
    does not move: raised brows for surprise and fear, lowered brows for anger, a wrinkled nose for disgust.

    Args:
        expression: The expression.
        parts: The blendshapes of the same reading.

    Returns:
        The corrected expression; the same if the mouth is closed.
    """
    jaw = min(1.0, parts.jaw_open / OPEN_JAW)
    if jaw <= 0:
        return expression
    raised = min(1.0, parts.brows_up / RAISED_BROWS)
    slight, clear = LOWERED_BROWS
    shown = {
        Emotion.SURPRISE: raised,
        Emotion.FEAR: raised,
        Emotion.ANGRY: min(1.0, max(0.0, (parts.brows_down - slight) / (clear - slight))),
        Emotion.DISGUST: min(1.0, parts.nose_wrinkled / WRINKLED_NOSE),
    }
    fall = DISCOUNT * jaw * np.array([1 - shown.get(emotion, 1.0) for emotion in Emotion])
    if not fall.any():
        return expression
    return expression_of(centred_logs(expression) - fall, confident=expression.confident, model=expression.model)


@dataclass(frozen=True, slots=True, eq=False)
class _Spoken:
    """One reading: its centred log-probabilities float64 [7], and whether the classifier was confident."""

    at_s: float
    opening: float
    logs: NDArray[np.float64]
    confident: bool


class SpeechFilter:
    """Averages the readings of one speaking face, those with the least open mouth most; others pass unchanged."""

    def __init__(self) -> None:
        self._readings: deque[_Spoken] = deque()
        self._model = ""

    def update(self, expression: Expression, *, opening: float, speaking: bool, at_s: float) -> Expression:
        """The expression apart from the movements of speech.

        A reading counts by exp(-(s / ``CLOSED_SHARE``)^2) with s the share of the range of openings in the window that
        its opening is above the least, and half as much for each ``RECENT_HALF_LIFE_S``.

        Args:
            expression: The next reading.
            opening: How far the mouth is open in it, 0 or more.
            speaking: Whether the face has been speaking up to now.
            at_s: Its time, in seconds. A clock that jumps back, or another classifier, starts anew.

        Returns:
            The weighted mean of the log-probabilities in the window; the reading itself unless the face speaks.
        """
        if self._readings and (at_s < self._readings[-1].at_s or expression.model != self._model):
            self._readings.clear()
        self._model = expression.model
        self._readings.append(_Spoken(at_s, opening, centred_logs(expression), expression.confident))
        while at_s - self._readings[0].at_s > WINDOW_S:
            self._readings.popleft()
        if not speaking:
            return expression
        openings = np.array([reading.opening for reading in self._readings])
        share = (openings - openings.min()) / max(MIN_RANGE, float(np.ptp(openings)))
        age_s = at_s - np.array([reading.at_s for reading in self._readings])
        weights = np.exp(-((share / CLOSED_SHARE) ** 2)) * 0.5 ** (age_s / RECENT_HALF_LIFE_S)
        weights /= weights.sum()
        confident = float(weights @ np.array([reading.confident for reading in self._readings])) >= 0.5
        logs = weights @ np.array([reading.logs for reading in self._readings])
        return expression_of(logs, confident=confident, model=expression.model)
