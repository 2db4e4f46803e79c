"""The grid finds nearby rows, whatever the distribution."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mien.music.recommender.grid import SIDE, Grid, cells_of

unit = st.floats(-1, 1)
places = hnp.arrays(np.float64, st.tuples(st.integers(0, 60), st.just(2)), elements=unit)


def grid_of(points):
    cells = cells_of(points)
    rows = np.argsort(cells, kind="stable")
    return Grid.of(rows, cells[rows])


@given(points=places, valence=unit, arousal=unit, least=st.integers(1, 80))
def test_near_finds_enough_rows_and_none_much_nearer_is_missed(points, valence, arousal, least):
    found = grid_of(points).near(valence, arousal, least)
    assert len(set(found.tolist())) == len(found) >= min(least, len(points))
    if 0 < len(found) < len(points):
        far = np.abs(points - (valence, arousal)).max(axis=1)
        outside = np.delete(far, found)
        # A block has the same reach to all sides, in whole cells.
        assert far[found].max() <= outside.min() + 2 * (2 / SIDE) + 1e-9


def test_the_edges_of_the_plane_belong_to_it():
    corners = np.array([(v, a) for v in (-1.0, 1.0) for a in (-1.0, 1.0)])
    grid = grid_of(corners)
    for row, (valence, arousal) in enumerate(corners):
        assert grid.near(valence, arousal, 1).tolist() == [row]
