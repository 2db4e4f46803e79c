"""Matches the faces of a frame to the known tracks at the least total cost (linear assignment)."""

from __future__ import annotations

import lap
import numpy as np
from numpy.typing import NDArray


def assign(costs: NDArray[np.float64], *, max_cost: float) -> list[int | None]:
    """Choose at most one column for each row, no column twice, so that the total cost is least.

    Exact, by the algorithm of Jonker and Volgenant (1987, doi:10.1007/BF02278710).

    Args:
        costs: Finite costs, float64 [rows, columns]; either may be 0.
        max_cost: What it costs to leave a row without a column.

    Returns:
        The column of each row; None if the row has none.
    """
    if costs.size == 0:
        return [None] * len(costs)
    _, columns, _ = lap.lapjv(costs, extend_cost=True, cost_limit=max_cost)
    return [column if column >= 0 else None for column in columns.tolist()]
