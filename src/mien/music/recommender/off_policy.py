"""Off-policy evaluation: estimates what another policy would have earned, from the log of this one.

Every pick is logged with its propensity p, the probability with which it was drawn. If another policy would have drawn
it with probability q, its outcome counts q / p times: inverse propensity scoring (IPS) is unbiased (Horvitz and
Thompson 1952); divided by the sum of the weights, the self-normalised SNIPS is slightly biased and has much less
variance (Swaminathan and Joachims 2015). Each position of a list counts on its own, given the positions before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_Values = NDArray[np.float64]

Z_95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean with its 95 % confidence interval, ``low`` to ``high``, by the normal approximation."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PolicyEstimate:
    """What a policy that was not followed would have earned.

    Attributes:
        ips: The estimate by inverse propensity scoring.
        snips: The self-normalised estimate.
        gain: The mean outcome of the picks as they were made, minus ``ips``.
        effective_sample_size: The number of unweighted outcomes that the weighted ones are worth (Kish 1965); below a
            few dozen, neither estimate is reliable.
    """

    ips: MeanEstimate
    snips: MeanEstimate
    gain: MeanEstimate
    effective_sample_size: float


def mean(outcomes: _Values) -> MeanEstimate:
    """The mean of outcomes [n] with its interval: NaN for n = 0, infinitely wide for n = 1."""
    if not outcomes.size:
        return MeanEstimate(np.nan, np.nan, np.nan)
    spread = float(outcomes.std(ddof=1)) / np.sqrt(outcomes.size) if outcomes.size > 1 else np.inf
    return _around(float(outcomes.mean()), spread)


def evaluate_policy(outcomes: _Values, propensities: _Values, wanted: _Values) -> PolicyEstimate:
    """Estimate what a policy earns that draws each pick with the probability ``wanted``.

    Args:
        outcomes: The outcome of each pick, float64 [n].
        propensities: The probability that each pick was drawn with, float64 [n], above 0 and at most 1.
        wanted: The probability that the other policy draws each pick with, float64 [n], 0..1.

    Raises:
        ValueError: A propensity is out of range.
    """
    if not ((propensities > 0) & (propensities <= 1)).all():
        raise ValueError("propensities must be above 0 and at most 1")
    weights = wanted / propensities
    total = float(weights.sum())
    value = float(weights @ outcomes) / total if total else np.nan
    # The delta method for a ratio of means.
    spread = float(np.sqrt((weights**2 * (outcomes - value) ** 2).sum())) / total if total else np.nan
    return PolicyEstimate(
        ips=mean(weights * outcomes),
        snips=_around(value, spread),
        gain=mean(outcomes - weights * outcomes),
        effective_sample_size=total**2 / float((weights**2).sum()) if total else 0.0,
    )


def _around(value: float, spread: float) -> MeanEstimate:
    return MeanEstimate(value, value - Z_95 * spread, value + Z_95 * spread)
