"""A spatial index that finds the tracks near a point of the plane without visiting the others."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 96
"""Cells along each side of the plane, each 1/48 wide; a million tracks put about a hundred into each."""


def cells_of(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """The cell, 0 to SIDE² - 1, of each point: float64 [n, 2], valence and arousal -1..1, to int32 [n]."""
    columns = np.clip(((points + 1) * (SIDE / 2)).astype(np.int32), 0, SIDE - 1)
    return columns[:, 0] * np.int32(SIDE) + columns[:, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rows sorted by cell.

    Attributes:
        rows: int [n].
        starts: int [SIDE² + 1]; the rows of cell c are ``rows[starts[c]:starts[c + 1]]``.
        summed: int [SIDE + 1, SIDE + 1], a summed-area table of the number of rows: the count of any block of cells
            takes four look-ups (Crow 1984).
    """

    rows: NDArray[np.intp]
    starts: NDArray[np.intp]
    summed: NDArray[np.intp]

    @classmethod
    def of(cls, rows: NDArray[np.intp], cells: NDArray[np.int32]) -> Grid:
        """A grid of ``rows``, already sorted by their ``cells`` [n]."""
        counts = np.bincount(cells, minlength=SIDE * SIDE)
        starts = np.concatenate(([0], np.cumsum(counts)))
        summed = np.zeros((SIDE + 1, SIDE + 1), np.intp)
        summed[1:, 1:] = counts.reshape(SIDE, SIDE).cumsum(0).cumsum(1)
        return cls(rows, starts, summed)

    def near(self, valence: float, arousal: float, min_rows: int) -> NDArray[np.intp]:
        """The rows in the smallest square block of cells around a point that has ``min_rows``; all if there are fewer.

        Args:
            valence: The point's valence, -1..1.
            arousal: The point's arousal, -1..1.
            min_rows: How many rows the block must have.

        Returns:
            int [m]; every other row is at least half the block's width away.
        """
        if min_rows >= self.rows.size:
            return self.rows
        column, line = (min(SIDE - 1, int((value + 1) * (SIDE / 2))) for value in (valence, arousal))
        left, right, bottom, top = self._block(column, line, self._reach(column, line, min_rows))
        slices = (slice(*self.starts[[cell * SIDE + bottom, cell * SIDE + top]]) for cell in range(left, right))
        return np.concatenate([self.rows[part] for part in slices])

    def _reach(self, column: int, line: int, min_rows: int) -> int:
        """How many cells a block must extend to each side of a cell to have ``min_rows`` rows."""

        def count(reach: int) -> int:
            left, right, bottom, top = self._block(column, line, reach)
            summed = self.summed
            return int(summed[right, top] - summed[left, top] - summed[right, bottom] + summed[left, bottom])

        return bisect_left(range(SIDE), min_rows, key=count)

    @staticmethod
    def _block(column: int, line: int, reach: int) -> tuple[int, int, int, int]:
        """The bounds of a block: first and end column, first and end line."""
        return max(0, column - reach), min(SIDE, column + reach + 1), max(0, line - reach), min(SIDE, line + reach + 1)
