"""Corrects the expression of a speaking face: a jaw that opens to speak is not a sign of surprise."""

from __future__ import annotations

import numpy as np

from mien.mood.logits import centred_logs, expression_of
from mien.types import Emotion, Expression

DISCOUNT = 2.5
"""The maximum by which speech lowers the log-probability of surprise: to a twelfth of its odds."""

OPEN_JAW = 0.3
"""The blendshape ``jawOpen`` of an open vowel."""

RAISED_BROWS = 0.5
"""From this blendshape on, raised brows show surprise whatever the mouth does."""


def discount_speech(expression: Expression, *, jaw_open: float, brows_up: float) -> Expression:
    """Reduce the surprise in the expression of a speaking face that comes from its open jaw alone.

    The log-probability of surprise falls by ``DISCOUNT`` times jaw times (1 - brows), relative to ``OPEN_JAW`` and
    ``RAISED_BROWS`` and at most 1 each. Nothing changes for a closed mouth, or for raised brows, which are part of
    surprise (Ekman and Friesen) but not of speech.

    Args:
        expression: The expression.
        jaw_open: The blendshape of the jaw, 0..1.
        brows_up: The blendshape of the brows, 0..1.

    Returns:
        The corrected expression.
    """
    jaw = min(1.0, jaw_open / OPEN_JAW)
    brows = min(1.0, brows_up / RAISED_BROWS)
    fall = np.zeros(len(Emotion))
    fall[list(Emotion).index(Emotion.SURPRISE)] = DISCOUNT * jaw * (1 - brows)
    if not fall.any():
        return expression
    return expression_of(centred_logs(expression) - fall, confident=expression.confident, model=expression.model)
