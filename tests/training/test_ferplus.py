"""The majority label follows the rule of FER+'s authors."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from training.data import read
from training.ferplus import NO_MAJORITY, majority

# neutral happiness surprise sadness anger disgust fear contempt unknown not-a-face
BY_HAND = [
    ([10, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0),
    ([4, 0, 0, 1, 3, 2, 0, 0, 0, 0], NO_MAJORITY),  # the first row of fer2013new.csv: 4 of 9
    ([5, 1, 1, 1, 1, 1, 0, 0, 0, 0], 0),  # single votes are ignored, 5 of 5 remain
    ([5, 0, 0, 5, 0, 0, 0, 0, 0, 0], NO_MAJORITY),  # half is no majority
    ([0, 0, 0, 0, 2, 1, 0, 7, 0, 0], 7),  # contempt is one of the eight
    ([2, 0, 0, 0, 0, 0, 0, 0, 8, 0], NO_MAJORITY),  # unknown
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 10], NO_MAJORITY),  # not a face
    ([0, 4, 0, 0, 0, 0, 0, 0, 4, 0], NO_MAJORITY),  # votes for unknown count against the others
    ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], NO_MAJORITY),  # single votes only
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], NO_MAJORITY),
]


@pytest.mark.parametrize(("votes", "label"), BY_HAND)
def test_majority_of_known_votes(votes: list[int], label: int) -> None:
    assert majority(np.array([votes], dtype=np.uint8)).tolist() == [label]


@given(npst.arrays(np.uint8, st.tuples(st.integers(0, 30), st.just(10)), elements=st.integers(0, 200)))
def test_majority_exceeds_the_sum_of_all_other_counted_votes(votes: np.ndarray) -> None:
    labels = majority(votes)
    assert labels.shape == votes.shape[:1]
    for row, label in zip(votes.astype(int), labels, strict=True):
        if label != NO_MAJORITY:
            assert 0 <= label < 8
            others = np.delete(row, label)
            assert row[label] > others[others > 1].sum()


def test_row_counts_match_the_published_splits(shared_data: Path) -> None:
    data = read(shared_data / "fer2013" / "fer2013.zip")
    counts = [
        (majority(data.part(name).votes) != NO_MAJORITY).sum() for name in ("Training", "PublicTest", "PrivateTest")
    ]
    assert counts == [25060, 3199, 3153]
