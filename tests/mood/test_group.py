"""The mood of a group."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mien.mood.group import GroupMember, group_mood
from mien.types import Mood

moods = st.builds(Mood, st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1))
members = st.builds(GroupMember, moods, st.floats(1, 2000))


def test_empty_group_has_no_mood() -> None:
    assert group_mood([], time_s=0) is None
    assert group_mood([GroupMember(Mood(0.5, 0.5, 0.0), 100)], time_s=0) is None


def test_the_nearer_and_the_surer_count_more() -> None:
    happy, sad = Mood(0.8, 0.5), Mood(-0.6, -0.3)
    mood = group_mood([GroupMember(happy, 300), GroupMember(sad, 100)], time_s=7)
    assert (mood.valence, mood.arousal, mood.confidence, mood.time_s) == pytest.approx((0.45, 0.3, 1.0, 7.0))
    doubtful = Mood(-0.6, -0.3, 0.25)
    assert group_mood([GroupMember(happy, 100), GroupMember(doubtful, 100)], time_s=0).valence == pytest.approx(0.52)


@example([GroupMember(Mood(0.5, 0.0, 5e-324), 1.0)])  # the smallest confidence there is
@given(st.lists(members, min_size=1, max_size=6))
def test_a_group_lies_among_its_members_in_any_order(group) -> None:
    mood = group_mood(group, time_s=0)
    if mood is None:
        assert all(member.mood.confidence * member.height_px == 0 for member in group)
        return
    valences = [member.mood.valence for member in group]
    assert min(valences) - 1e-9 <= mood.valence <= max(valences) + 1e-9
    backwards = group_mood(group[::-1], time_s=0)
    assert (backwards.valence, backwards.confidence) == pytest.approx((mood.valence, mood.confidence))


def test_fading_member_leaves_the_group_mood_gradually() -> None:
    steps = [
        group_mood([GroupMember(Mood(0.8, 0.5), 100), GroupMember(Mood(-0.6, 0, c / 30), 100)], time_s=0).valence
        for c in range(30, -1, -1)
    ]
    assert steps[-1] == pytest.approx(0.8)
    assert max(abs(b - a) for a, b in itertools.pairwise(steps)) < 0.06
