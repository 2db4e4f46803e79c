"""Sums up many times by two: the median, and what 95 % stay below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds: the median, and what 95 % of all stay below."""

    median_ms: float
    p95_ms: float


def timing(times_ms: Sequence[float] | NDArray[np.float64]) -> Timing:
    """The two percentiles of some times; raises ``ValueError`` when there are none."""
    if len(times_ms) == 0:
        raise ValueError("there is nothing to sum up")
    median, p95 = np.percentile(times_ms, [50, 95])
    return Timing(float(median), float(p95))
