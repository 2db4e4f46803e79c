"""Assignment of faces to tracks: exact, and only where a pair costs less than leaving a face out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.assignment import assign

MAX_COST = 4.0

matrices = st.tuples(st.integers(0, 4), st.integers(0, 5)).flatmap(
    lambda size: st.lists(
        st.lists(st.floats(0, 10), min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


def total(costs: list[list[float]], columns: list[int | None]) -> float:
    return sum(MAX_COST if column is None else costs[row][column] for row, column in enumerate(columns))


@given(matrices)
def test_no_assignment_costs_less(costs: list[list[float]]) -> None:
    chosen = assign(np.array(costs, dtype=np.float64), max_cost=MAX_COST)
    assert len(chosen) == len(costs)
    matched = [column for column in chosen if column is not None]
    assert len(set(matched)) == len(matched)
    options: list[int | None] = [*range(len(costs[0]) if costs else 0), *[None] * len(costs)]
    least = min(total(costs, list(columns)) for columns in itertools.permutations(options, len(costs)))
    assert total(costs, chosen) == pytest.approx(least)


def test_a_pair_that_costs_too_much_is_left_out() -> None:
    assert assign(np.array([[1.0, 9.0], [9.0, 9.0]]), max_cost=MAX_COST) == [0, None]


def test_without_tracks_every_face_is_unmatched() -> None:
    assert assign(np.zeros((3, 0)), max_cost=MAX_COST) == [None, None, None]
    assert assign(np.zeros((0, 3)), max_cost=MAX_COST) == []
