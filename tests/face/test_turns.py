"""Whose turn it is: everyone's soon, nobody's twice, and never all in one frame of a fast camera."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.turns import READ_OTHERS_EVERY_S, whose_turn


def read(frames_per_s: float, others: int, frames: int = 120) -> list[set[int]]:
    """Who is read in each frame, after one in which everybody was."""
    read_s = dict.fromkeys(range(others), 0.0)
    turns = []
    for index in range(1, frames + 1):
        turn = whose_turn(read_s, at_s=index / frames_per_s, since_s=1 / frames_per_s)
        read_s |= dict.fromkeys(turn, index / frames_per_s)
        turns.append(turn)
    return turns


@given(st.floats(1, 120), st.integers(1, 15))
def test_everyone_is_read_in_time_and_equally_often(frames_per_s: float, others: int) -> None:
    turns = read(frames_per_s, others)
    counts = Counter(who for turn in turns for who in turn)
    assert len(counts) == others
    assert max(counts.values()) - min(counts.values()) <= 1
    longest = max(1, round(2 * READ_OTHERS_EVERY_S * frames_per_s) + 1)
    for who in range(others):
        frames = [index for index, turn in enumerate(turns) if who in turn]
        assert max(after - before for before, after in pairwise(frames)) <= longest


@pytest.mark.parametrize(("frames_per_s", "most"), [(5, 3), (15, 3), (30, 2), (60, 1)])
def test_slow_cameras_have_all_read_at_once_and_fast_ones_some(frames_per_s: float, most: int) -> None:
    assert max(len(turn) for turn in read(frames_per_s, 3)) == most


def test_at_thirty_frames_a_second_each_is_read_in_every_second() -> None:
    assert abs(sum(len(turn) for turn in read(30, 3, frames=120)) - 3 * 60) <= 1


def test_a_clock_that_stands_still_or_jumps_back_makes_it_everyones_turn() -> None:
    assert whose_turn({1: 5.0, 2: 5.0}, at_s=5.0, since_s=0.0) == {1, 2}
    assert whose_turn({1: 5.0, 2: 5.0}, at_s=2.0, since_s=-3.0) == {1, 2}


def test_nobody_has_no_turns() -> None:
    assert whose_turn({}, at_s=1.0, since_s=0.03) == set()
