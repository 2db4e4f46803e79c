"""Which expression most of FER+'s voters saw: the label that FER+ figures are measured against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from training.data import EXPRESSION_VOTES

NO_MAJORITY = -1


def majority(votes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The expression with the most votes, int64 [n] into FER+'s eight; ``NO_MAJORITY`` where there is none.

    ``votes`` uint8 [n, 10], in the order of ``training.data.VOTE_CLASSES``. The rule is that of FER+'s makers (Barsoum
    et al. 2016, arXiv:1608.01041; mode "majority" of ``src/ferplus.py`` in github.com/microsoft/FERPlus): a single vote
    is a slip and does not count; an answer counts when more than half of the votes that remain are for it; rows whose
    voters mostly said unknown or not a face are left out. 25,060, 3,199 and 3,153 rows of the three splits remain.
    """
    counted = np.where(votes > 1, votes, 0).astype(np.int64)
    most = counted.argmax(axis=1)
    decided = 2 * counted.max(axis=1) > counted.sum(axis=1)
    return np.where(decided & (most < EXPRESSION_VOTES), most, NO_MAJORITY)
