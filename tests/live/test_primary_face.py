"""Selection of "me": the most prominent face, without flapping, or the face chosen by hand until it is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.live.primary_face import ABSENT_S, LEAD, LEAD_S, PrimaryFaceSelector, prominence
from mien.types import Box

NOBODY: dict[int, float] = {}


def test_larger_and_more_central_faces_are_more_prominent() -> None:
    def of(x, y, side):
        return prominence(Box(x, y, side, side), width_px=640, height_px=480)

    assert of(270, 190, 100) > of(290, 210, 60)
    assert of(270, 190, 100) > of(10, 10, 100)
    assert of(270, 190, 100) == pytest.approx(2 * of(295, 215, 50))
    assert of(-2000, -2000, 100) > 0


@given(st.lists(st.tuples(st.floats(0.27, 0.33), st.floats(0.27, 0.33)), min_size=2, max_size=100))
def test_two_equal_faces_never_flap(sizes) -> None:
    selector = PrimaryFaceSelector()
    chosen = {
        selector.update({1: one, 2: other}, remembered={1, 2}, at_s=index / 5)
        for index, (one, other) in enumerate(sizes)
    }
    assert len(chosen) == 1


def test_a_clearly_more_prominent_face_takes_over_after_a_while() -> None:
    selector = PrimaryFaceSelector()
    assert selector.update({1: 0.3}, remembered={1}, at_s=0) == 1
    both = {1: 0.3, 2: 0.3 * LEAD + 0.01}
    assert selector.update(both, remembered={1, 2}, at_s=1) == 1
    assert selector.update({1: 0.3, 2: 0.3}, remembered={1, 2}, at_s=1.2) == 1
    assert selector.update(both, remembered={1, 2}, at_s=1.4) == 1
    assert selector.update(both, remembered={1, 2}, at_s=1.3 + LEAD_S) == 1
    assert selector.update(both, remembered={1, 2}, at_s=1.5 + LEAD_S) == 2


def test_a_face_out_of_sight_for_a_moment_is_still_me() -> None:
    selector = PrimaryFaceSelector()
    selector.update({1: 0.3, 2: 0.2}, remembered={1, 2}, at_s=0)
    assert selector.update({2: 0.2}, remembered={1, 2}, at_s=0.5) == 1
    assert selector.update({2: 0.2}, remembered={1, 2}, at_s=0.4 + ABSENT_S) == 1
    assert selector.update({1: 0.3, 2: 0.2}, remembered={1, 2}, at_s=0.5 + ABSENT_S) == 1


def test_a_face_in_sight_replaces_one_that_is_gone() -> None:
    selector = PrimaryFaceSelector()
    selector.update({1: 0.3, 2: 0.2}, remembered={1, 2}, at_s=0)
    selector.update({2: 0.2}, remembered={1, 2}, at_s=0.5)
    assert selector.update({2: 0.2}, remembered={1, 2}, at_s=0.6 + ABSENT_S) == 2
    assert selector.update(NOBODY, remembered={2}, at_s=9) == 2
    assert selector.update(NOBODY, remembered=set(), at_s=10) is None
    assert selector.update({7: 0.1}, remembered=set(), at_s=11) == 7


def test_a_selected_face_stays_me_until_it_is_forgotten() -> None:
    selector = PrimaryFaceSelector()
    both = {1: 0.9, 2: 0.1}
    assert selector.update(both, remembered={1, 2}, at_s=0) == 1
    assert [selector.update(both, remembered={1, 2}, at_s=at_s, selected=2) for at_s in (1, 5, 9)] == [2, 2, 2]
    assert [selector.update({1: 0.9}, remembered={1, 2}, at_s=at_s, selected=2) for at_s in (10, 14)] == [2, 2]
    assert selector.update({1: 0.9}, remembered={1}, at_s=15, selected=2) == 1
    assert selector.update(both, remembered={1, 2}, at_s=16) == 1


def test_a_selection_can_be_undone_and_an_unknown_face_is_ignored() -> None:
    selector = PrimaryFaceSelector()
    both = {1: 0.9, 2: 0.8}
    selector.update(both, remembered=set(), at_s=0)
    assert selector.update(both, remembered=set(), at_s=1, selected=99) == 1
    assert selector.update(both, remembered=set(), at_s=2, selected=2) == 2
    assert selector.update(both, remembered=set(), at_s=3) == 1
