"""The majority label of FER+'s annotators, which FER+ accuracies are measured against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.data import EXPRESSION_VOTES

NO_MAJORITY = -1


def majority(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The majority expression of each row.

    The rule is that of FER+'s authors (Barsoum et al. 2016, arXiv:1608.01041; mode "majority" of ``src/ferplus.py`` in
    github.com/microsoft/FERPlus): single votes are ignored as outliers; a class is the majority if it has more than
    half of the remaining votes; rows with a majority for unknown or not a face are excluded. 25,060, 3,199 and 3,153
    rows of the three splits remain.

    Args:
        votes: uint8 [n, 10], in the order of ``training.data.VOTE_CLASSES``.

    Returns:
        Indices into FER+'s eight expressions, int64 [n]; ``NO_MAJORITY`` if there is no majority.
    """
    counted = np.where(votes > 1, votes, 0).astype(np.int64)
    most = counted.argmax(axis=1)
    decided = 2 * counted.max(axis=1) > counted.sum(axis=1)
    return np.where(decided & (most < EXPRESSION_VOTES), most, NO_MAJORITY)
