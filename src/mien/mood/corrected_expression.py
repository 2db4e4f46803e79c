"""Moves an expression with its point, so that probabilities, words and point agree after a correction.

A correction shifts the point of the plane. The farther it does, the less the reading says and the more the distance of
each expression from the new point. Of all probabilities with that mood, those are taken that differ least from this, by
the Kullback-Leibler divergence: p exp(a·c) with c the coordinates of an expression (exponential tilting; Csiszár 1975,
Annals of Probability 3:146-158). Where no expression lies, as in the pleasant and calm quadrant, the nearest
probabilities are taken, and the rest of the shift is left to the point.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from mien.mood.circumplex import COORDINATES, mood_of
from mien.mood.correction import Point
from mien.mood.logits import centred_logs, expression_of
from mien.types import Emotion, Expression

_COORDINATES: Final = np.array([COORDINATES[emotion] for emotion in Emotion])
_FAR_SHIFT: Final = 0.6
"""From this length on, the new point alone decides."""

_SPREAD: Final = 0.25
"""The standard deviation, in units of the plane, of the moods of people who show one expression."""

_PENALTY: Final = 1e-3
_STEPS: Final = 40
_LONGEST_STEP: Final = 3.0
_TOLERANCE: Final = 1e-4
_SMALLEST_SHIFT: Final = 1e-3


def corrected_expression(expression: Expression, shift: Point) -> tuple[Expression, Point]:
    """Shift an expression as far as expressions reach.

    Args:
        expression: The expression as it was read.
        shift: By how much its mood is shifted, in units of the plane; the mood stays within -1..1.

    Returns:
        The expression, and what is left of the shift for its mood.
    """
    if math.hypot(*shift) < _SMALLEST_SHIFT:
        return expression, shift
    read = mood_of(expression)
    target = np.clip([read.valence + shift[0], read.arousal + shift[1]], -1, 1)
    told = min(1.0, math.hypot(*shift) / _FAR_SHIFT)
    distances = np.square(_COORDINATES - target).sum(axis=1)
    logs = (1 - told) * centred_logs(expression) - told * distances / (2 * _SPREAD**2)
    slope = np.zeros(2)
    for _ in range(_STEPS):
        tilted = logs + _COORDINATES @ slope
        shares = np.exp(tilted - tilted.max())
        shares /= shares.sum()
        mean = shares @ _COORDINATES
        gradient = mean - target + _PENALTY * slope
        if math.hypot(*gradient) < _TOLERANCE:
            break
        away = _COORDINATES - mean
        curvature = (away * shares[:, None]).T @ away + _PENALTY * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        slope = slope - step * min(1.0, _LONGEST_STEP / max(math.hypot(*step), 1e-9))
    corrected = expression_of(logs + _COORDINATES @ slope, confident=expression.confident, model=expression.model)
    mood = mood_of(corrected)
    return corrected, (float(target[0]) - mood.valence, float(target[1]) - mood.arousal)
