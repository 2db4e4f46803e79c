"""Finds the tracks around a point of the plane without looking at the others."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 96
"""Cells along each side of the plane: each is 1/48 wide, so a million tracks put about a hundred into one."""


def cells_of(places: NDArray[np.float64]) -> NDArray[np.int32]:
    """The cell that each place lies in: [n, 2] valence and arousal, -1..1, to [n], 0 to SIDE² - 1."""
    columns = np.clip(((places + 1) * (SIDE / 2)).astype(np.int32), 0, SIDE - 1)
    return columns[:, 0] * np.int32(SIDE) + columns[:, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rows sorted by the cell that they lie in.

    ``rows`` int [n]; ``starts`` int [SIDE² + 1]: the rows of cell c are ``rows[starts[c]:starts[c + 1]]``; ``summed``
    int [SIDE + 1, SIDE + 1]: how many rows lie in the cells before each corner, so that those in a block are four
    look-ups (Crow 1984).
    """

    rows: NDArray[np.intp]
    starts: NDArray[np.intp]
    summed: NDArray[np.intp]

    @classmethod
    def of(cls, rows: NDArray[np.intp], cells: NDArray[np.int32]) -> Grid:
        """A grid of ``rows`` that are sorted by cell already; ``cells`` [n] says which."""
        counts = np.bincount(cells, minlength=SIDE * SIDE)
        starts = np.concatenate(([0], np.cumsum(counts)))
        summed = np.zeros((SIDE + 1, SIDE + 1), np.intp)
        summed[1:, 1:] = counts.reshape(SIDE, SIDE).cumsum(0).cumsum(1)
        return cls(rows, starts, summed)

    def near(self, valence: float, arousal: float, least: int) -> NDArray[np.intp]:
        """The rows in the smallest block of cells around a point that holds ``least`` of them; all, where fewer are.

        A row outside is farther away than half of the block is wide; in its corners are some that are as far.
        """
        if least >= self.rows.size:
            return self.rows
        column, line = (min(SIDE - 1, int((value + 1) * (SIDE / 2))) for value in (valence, arousal))
        left, right, bottom, top = self._block(column, line, self._reach(column, line, least))
        slices = (slice(*self.starts[[cell * SIDE + bottom, cell * SIDE + top]]) for cell in range(left, right))
        return np.concatenate([self.rows[part] for part in slices])

    def _reach(self, column: int, line: int, least: int) -> int:
        """How many cells a block must reach to each side of a cell to hold so many rows."""

        def held(reach: int) -> int:
            left, right, bottom, top = self._block(column, line, reach)
            summed = self.summed
            return int(summed[right, top] - summed[left, top] - summed[right, bottom] + summed[left, bottom])

        return bisect_left(range(SIDE), least, key=held)

    @staticmethod
    def _block(column: int, line: int, reach: int) -> tuple[int, int, int, int]:
        """Where a block begins and ends: columns, then lines."""
        return max(0, column - reach), min(SIDE, column + reach + 1), max(0, line - reach), min(SIDE, line + reach + 1)
