"""How far a person's true mood may be from the point, by online conformal prediction on their own corrections.

Each correction says how far the point was off when it was made, before it was learnt from. The radius is a quantile of
these distances, in which later ones weigh more: Barber, Candès, Ramdas and Tibshirani, "Conformal prediction beyond
exchangeability", Annals of Statistics 51 (2023) 816-845. Distances shrink while mien learns, so the quantile of earlier
ones is too wide. Its level is therefore adapted to how often the corrections lay inside: Gibbs and Candès, "Adaptive
conformal inference under distribution shift", NeurIPS 2021, equation 2. The share inside comes to ``HALO_COVERAGE``
in the long run, unless the distances keep growing: the radius is never larger than the largest of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

HALO_COVERAGE: Final = 0.8
"""The share of the next corrections that should lie inside."""

MIN_DISTANCES: Final = 5
"""Fewer corrections cannot promise ``HALO_COVERAGE``."""

MAX_DISTANCES: Final = 60
"""So many of the latest corrections are used."""

_DECAY: Final = 0.9
_STEP: Final = 0.2
_LEVELS: Final = (0.05, 0.99)


def halo_radius(distances: Sequence[float]) -> float | None:
    """The radius round the point that holds the next correction with a probability of ``HALO_COVERAGE``.

    Args:
        distances: By how much each correction moved the point, oldest first, in units of the plane.

    Returns:
        The radius; None if there are fewer than ``MIN_DISTANCES`` corrections.
    """
    distances = distances[-MAX_DISTANCES:]
    level = HALO_COVERAGE
    low, high = _LEVELS
    for count in range(MIN_DISTANCES, len(distances)):
        outside = distances[count] > _quantile(distances[:count], level)
        level = min(high, max(low, level + _STEP * (outside - (1 - HALO_COVERAGE))))
    return None if len(distances) < MIN_DISTANCES else _quantile(distances, level)


def _quantile(distances: Sequence[float], level: float) -> float:
    """The quantile of the next distance, interpolated; the greatest distance if the level cannot be promised."""
    weights = [_DECAY ** (len(distances) - 1 - index) for index in range(len(distances))]
    needed = level * (sum(weights) + 1)  # 1 for the next correction, which may be the farthest
    covered, nearer = 0.0, min(distances)
    for distance, weight in sorted(zip(distances, weights, strict=True)):
        if covered + weight >= needed:
            return nearer + (distance - nearer) * (needed - covered) / weight
        covered, nearer = covered + weight, distance
    return nearer
