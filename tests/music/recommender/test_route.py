"""The route over the plane, and the timetable of a list."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.music.recommender.route import HOLD_SHARE, Route
from mien.music.recommender.timetable import Timetable
from mien.types import Mood

unit = st.floats(-1, 1)
moods = st.builds(Mood, unit, unit)
shares = st.floats(0, 1)


@given(start=moods, end=moods, progress=shares)
def test_route_holds_then_goes_straight(start, end, progress):
    route = Route(start, end)
    here = route.at(progress)
    if progress <= HOLD_SHARE:
        assert here == start
    assert route.at(1.0) == end

    def apart(a, b):
        return math.dist((a.valence, a.arousal), (b.valence, b.arousal))

    assert apart(start, here) + apart(here, end) == pytest.approx(apart(start, end))
    assert apart(start, here) == pytest.approx(route.progress(progress) * apart(start, end))


@given(mood=moods, progress=shares)
def test_route_without_distance_stays_exactly(mood, progress):
    assert Route(mood, mood).at(progress) == mood


@given(most=st.integers(1, 40))
def test_a_counted_list_goes_evenly_from_first_to_last(most):
    table = Timetable(most, None, 200.0)
    slots = [table.slot(index, 77.0 * index) for index in range(most)]
    assert [slot.progress for slot in slots] == [index / max(most - 1, 1) for index in range(most)]
    assert all(slot.left_slots == 0 for slot in slots)
    assert table.slot(most, 0.0) is None


@given(length_s=st.floats(1, 20_000), lasting=st.lists(st.floats(100, 400), min_size=200, max_size=200))
def test_a_timed_list_ends_within_a_track_of_its_length(length_s, lasting):
    table = Timetable(1000, length_s, 200.0)
    elapsed_s, progress = 0.0, []
    while (slot := table.slot(len(progress), elapsed_s)) is not None:
        progress.append(slot.progress)
        elapsed_s += lasting[len(progress) - 1]
    assert progress[0] == 0
    assert progress == sorted(progress)
    assert length_s - 100 <= elapsed_s <= length_s + 400


def test_a_timed_list_shares_out_what_is_left():
    table = Timetable(1000, 1000.0, 200.0)
    assert table.expected == 5
    assert table.slot(0, 0.0).left_slots == 0
    assert table.slot(2, 450.0) == (pytest.approx(450 / (450 + 550 * 2 / 3)), 550.0, 3)
    assert table.slot(4, 790.0) == (1.0, 210.0, 1)
    assert table.slot(5, 950.0) is None
