"""Converts expressions to centred log-probabilities, in which they are averaged over time and shifted, and back.

In this space a doubling of the odds is the same step everywhere, and a certain reading weighs more than a doubtful one.
This is Aitchison's centred log-ratio transform (Journal of the Royal Statistical Society B 44 (1982) 139-177).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion, Expression

SMALLEST_PROBABILITY = 0.003
"""Smaller probabilities are raised to this: the network is wrong more often than that."""


def centred_logs(expression: Expression) -> NDArray[np.float64]:
    """The log-probabilities of an expression, float64 [7] in the order of ``Emotion``, with mean 0."""
    return centred([expression.probabilities[emotion] for emotion in Emotion])


def centred(probabilities: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """The logs of probabilities, float64 of the same length, with mean 0."""
    logs = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    return np.asarray(logs - logs.mean())


def expression_of(logs: NDArray[np.float64], *, confident: bool, model: str) -> Expression:
    """Convert log-probabilities to an expression.

    Args:
        logs: float64 [7] in the order of ``Emotion``; need not be centred or normalized.
        confident: As in ``Expression``.
        model: As in ``Expression``.

    Returns:
        The expression.
    """
    weights = np.exp(logs - logs.max())
    shares = (weights / weights.sum()).tolist()
    return Expression(dict(zip(Emotion, shares, strict=True)), confident, model)
