"""Expressions as centred log-probabilities, the space in which they are averaged over time and shifted.

There a doubling of the odds is the same step anywhere, and a sure reading weighs more than a doubtful one. Centred, so
that their sum is 0, they are Aitchison's log-ratio transform of a composition (Journal of the Royal Statistical
Society B 44 (1982) 139-177).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion, Expression

SMALLEST_PROBABILITY = 0.003
"""What lies below says nothing more: the network is wrong more often than that."""


def centred_logs(expression: Expression) -> NDArray[np.float64]:
    """The log-probabilities of an expression, float64 [7] in the order of ``Emotion``, with mean 0."""
    logs = np.log([max(expression.probabilities[emotion], SMALLEST_PROBABILITY) for emotion in Emotion])
    return np.asarray(logs - logs.mean())


def expression_of(logs: NDArray[np.float64], *, confident: bool, model: str) -> Expression:
    """The expression with these log-probabilities [7], which need not be centred or add up."""
    weights = np.exp(logs - logs.max())
    shares = (weights / weights.sum()).tolist()
    return Expression(dict(zip(Emotion, shares, strict=True)), confident, model)
