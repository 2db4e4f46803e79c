"""The goals and their targets on the plane."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.music.recommender.goals import Goal, target
from mien.types import Mood

unit = st.floats(-1, 1)
moods = st.builds(Mood, unit, unit, st.floats(0, 1), st.floats(0, 1e6))


@given(mood=moods, goal=st.sampled_from(Goal))
def test_a_target_is_a_mood_of_the_same_time_and_confidence(mood, goal):
    found = target(goal, mood)
    assert (found.confidence, found.time_s) == (mood.confidence, mood.time_s)


@given(mood=moods)
def test_targets_are_as_documented(mood):
    assert target(Goal.MATCH, mood) == mood
    lift, calm, focus, energy = (target(goal, mood) for goal in (Goal.LIFT, Goal.CALM, Goal.FOCUS, Goal.ENERGISE))
    assert lift.valence >= 0.7
    assert 0.2 <= lift.arousal <= 0.6
    assert calm.valence >= 0.3
    assert calm.arousal <= -0.6
    assert 0.1 <= focus.valence <= 0.4
    assert -0.2 <= focus.arousal <= 0.1
    assert energy.valence >= 0.4
    assert energy.arousal >= 0.75


@given(mood=moods)
def test_a_mood_at_the_target_stays_there(mood):
    for goal in (Goal.LIFT, Goal.CALM, Goal.FOCUS, Goal.ENERGISE):
        there = target(goal, mood)
        assert target(goal, there) == there
    assert target(Goal.LIFT, mood).valence >= mood.valence
    assert target(Goal.CALM, mood).arousal <= mood.arousal


@given(mood=moods)
def test_contrast_is_opposite_and_at_a_minimum_distance(mood):
    there = target(Goal.CONTRAST, mood)
    assert math.hypot(there.valence, there.arousal) >= 0.5 - 1e-9
    if math.hypot(mood.valence, mood.arousal) >= 0.05:
        assert there.valence * mood.arousal == pytest.approx(there.arousal * mood.valence)
        assert there.valence * mood.valence <= 0
        assert there.arousal * mood.arousal <= 0
