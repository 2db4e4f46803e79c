"""Summarises times by the median and the 95th percentile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Timing:
    """The median and the 95th percentile of times."""

    median_ms: float
    p95_ms: float


def timing(times_ms: Sequence[float] | NDArray[np.float64]) -> Timing:
    """The percentiles of times in ms; raises ``ValueError`` if there are none."""
    if len(times_ms) == 0:
        raise ValueError("there are no times")
    median, p95 = np.percentile(times_ms, [50, 95])
    return Timing(float(median), float(p95))
