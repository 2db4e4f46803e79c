"""Round-robin: every face in time, equally often, and not all in one frame of a fast camera."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.round_robin import READ_OTHERS_EVERY_S, RoundRobin


def read(frames_per_s: float, others: int, frames: int = 120) -> list[set[int]]:
    """The faces read in each frame, after one in which all were read."""
    turns = RoundRobin()
    return [turns.take(range(others), elapsed_s=1 / frames_per_s) for _ in range(frames)]


@given(st.floats(1, 120), st.integers(1, 15))
def test_every_face_is_read_in_time_and_equally_often(frames_per_s: float, others: int) -> None:
    told = read(frames_per_s, others)
    counts = Counter(who for turn in told for who in turn)
    assert len(counts) == others
    assert max(counts.values()) - min(counts.values()) <= 1
    for who in range(others):
        frames = [index for index, turn in enumerate(told) if who in turn]
        assert max(after - before for before, after in pairwise(frames)) <= READ_OTHERS_EVERY_S * frames_per_s + 2


@pytest.mark.parametrize(("frames_per_s", "fewest", "most"), [(5, 3, 3), (15, 3, 3), (30, 1, 2), (60, 0, 1)])
def test_fewer_faces_a_frame_are_read_at_high_frame_rates(frames_per_s: float, fewest: int, most: int) -> None:
    counts = [len(turn) for turn in read(frames_per_s, 3)]
    assert (min(counts), max(counts)) == (fewest, most)


def test_every_face_is_read_if_the_clock_stands_still_or_jumps_back() -> None:
    turns = RoundRobin()
    assert turns.take([1, 2], elapsed_s=0.0) == {1, 2}
    assert turns.take([1, 2], elapsed_s=-3.0) == {1, 2}


def test_new_faces_wait_and_gone_faces_are_forgotten() -> None:
    turns = RoundRobin()
    assert turns.take([1, 2], elapsed_s=0.04) == {1}
    assert turns.take([1, 2, 3], elapsed_s=0.04) == {2, 1}
    assert turns.take([2, 3], elapsed_s=0.04) == {3}


def test_without_faces_nobody_is_chosen() -> None:
    assert RoundRobin().take([], elapsed_s=0.03) == set()
