"""How far a person's true mood may be from the point, by split conformal prediction on their own corrections.

Each correction says how far the point was off when it was made, before it was learnt from. The radius is a quantile of
these distances, in which later ones weigh more: Barber, Candès, Ramdas and Tibshirani, "Conformal prediction beyond
exchangeability", Annals of Statistics 51 (2023) 816-845. People correct a point that is wrong rather than one that is
right, so the radius errs on the wide side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

HALO_COVERAGE: Final = 0.8
"""The share of the next corrections that should lie inside."""

_DECAY: Final = 0.9


def halo_radius(distances: Sequence[float]) -> float | None:
    """The radius round the point that holds the next correction with a probability of ``HALO_COVERAGE``.

    Args:
        distances: By how much each correction moved the point, oldest first, in units of the plane.

    Returns:
        The radius; None if there are too few corrections, fewer than five.
    """
    weights = [_DECAY ** (len(distances) - 1 - index) for index in range(len(distances))]
    needed = HALO_COVERAGE * (sum(weights) + 1)  # 1 for the next correction, which may be the farthest
    covered = 0.0
    for distance, weight in sorted(zip(distances, weights, strict=True)):
        covered += weight
        if covered >= needed:
            return distance
    return None
