"""Pairs rows with columns at the least total cost: which of the faces seen is which of those known.

Exact, by shortest augmenting paths (Kuhn 1955 and Munkres 1957, in the form of Jonker and Volgenant 1987,
doi:10.1007/BF02278710). For a handful of faces that takes tens of microseconds, and needs no library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def assign(costs: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row, no column twice, so that the sum of their ``costs`` [rows][columns] is least.

    Costs are finite. Raises ``ValueError`` where there are more rows than columns.
    """
    rows, columns = len(costs), len(costs[0]) if costs else 0
    if rows > columns:
        raise ValueError(f"each of {rows} rows needs a column of its own, and there are only {columns}")
    row_price = [0.0] * rows
    column_price = [0.0] * columns
    row_of: list[int | None] = [None] * columns
    for row in range(rows):
        _augment(row, costs, row_price, column_price, row_of)
    column_of = {row: column for column, row in enumerate(row_of)}
    return [column_of[row] for row in range(rows)]


def _augment(
    start: int,
    costs: Sequence[Sequence[float]],
    row_price: list[float],
    column_price: list[float],
    row_of: list[int | None],
) -> None:
    """Give row ``start`` a column, moving rows that have one along the cheapest path to a free column."""
    columns = range(len(column_price))
    distance = [math.inf] * len(columns)
    came_from: list[int | None] = [None] * len(columns)
    done: list[int] = []
    row: int | None = start
    column: int | None = None
    reached = 0.0
    while row is not None:
        for other in columns:
            reduced = reached + costs[row][other] - row_price[row] - column_price[other]
            if other not in done and reduced < distance[other]:
                distance[other], came_from[other] = reduced, column
        column = min((other for other in columns if other not in done), key=distance.__getitem__)
        reached = distance[column]
        done.append(column)
        row = row_of[column]
    row_price[start] += reached
    for other in done:
        if (owner := row_of[other]) is not None:
            row_price[owner] += reached - distance[other]
        column_price[other] -= reached - distance[other]
    while column is not None:
        before = came_from[column]
        row_of[column] = start if before is None else row_of[before]
        column = before
