"""Keeps talking from being read as surprise: a jaw that opens to speak is not one that drops."""

from __future__ import annotations

import numpy as np

from mien.mood.logits import centred_logs, expression_of
from mien.types import Emotion, Expression

DISCOUNT = 2.5
"""The most by which speech lowers the log-probability of surprise: to a twelfth of its odds."""

OPEN_JAW = 0.3
"""The blendshape ``jawOpen`` of a mouth that speaks an open vowel."""

RAISED_BROWS = 0.5
"""Brows this far up, as a blendshape, speak of surprise whatever the mouth does."""


def discount_speech(expression: Expression, *, jaw_open: float, brows_up: float) -> Expression:
    """The expression of a face that is speaking, with less of the surprise that only its jaw speaks of.

    ``jaw_open`` and ``brows_up`` are blendshapes, 0..1. The log-probability of surprise falls by ``DISCOUNT`` times
    jaw times (1 - brows), each as a share of ``OPEN_JAW`` and ``RAISED_BROWS`` and at most 1: nothing changes for a
    closed mouth, nor for raised brows, which Ekman and Friesen's surprise has and speech has not.
    """
    jaw = min(1.0, jaw_open / OPEN_JAW)
    brows = min(1.0, brows_up / RAISED_BROWS)
    fall = np.zeros(len(Emotion))
    fall[list(Emotion).index(Emotion.SURPRISE)] = DISCOUNT * jaw * (1 - brows)
    if not fall.any():
        return expression
    return expression_of(centred_logs(expression) - fall, confident=expression.confident, model=expression.model)
