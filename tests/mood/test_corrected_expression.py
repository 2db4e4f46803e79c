"""A corrected expression has the mood that the person gave, and differs no more than that needs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.mood.circumplex import COORDINATES, mood_of
from mien.mood.corrected_expression import corrected_expression
from mien.types import Emotion, Expression
from tests.fakes import expression

emotions = st.sampled_from(list(Emotion))
shares = st.lists(st.floats(0.001, 1), min_size=7, max_size=7)


def seen(values: list[float]) -> Expression:
    total = sum(values)
    return Expression(dict(zip(Emotion, [value / total for value in values], strict=True)), True, "fake")


@settings(max_examples=200, deadline=None)
@given(shares, shares)
def test_the_mood_of_any_other_expression_is_reached(values: list[float], wanted: list[float]) -> None:
    read, goal = mood_of(seen(values)), mood_of(seen(wanted))
    corrected, rest = corrected_expression(seen(values), (goal.valence - read.valence, goal.arousal - read.arousal))
    assert math.hypot(*rest) < 0.05
    assert sum(corrected.probabilities.values()) == pytest.approx(1)


@settings(max_examples=200, deadline=None)
@given(shares, st.tuples(st.floats(-2.5, 2.5), st.floats(-2.5, 2.5)))
def test_expression_and_rest_together_are_where_the_person_said(
    values: list[float], shift: tuple[float, float]
) -> None:
    read = mood_of(seen(values))
    corrected, rest = corrected_expression(seen(values), shift)
    mood = mood_of(corrected)
    goal = np.clip([read.valence + shift[0], read.arousal + shift[1]], -1, 1)
    assert (mood.valence + rest[0], mood.arousal + rest[1]) == pytest.approx(goal, abs=1e-3)


@pytest.mark.parametrize("meant", list(Emotion))
@pytest.mark.parametrize("shown", list(Emotion))
def test_a_face_that_meant_another_expression_gets_it(shown: Emotion, meant: Emotion) -> None:
    read = mood_of(expression(shown))
    valence, arousal = COORDINATES[meant]
    corrected, _ = corrected_expression(expression(shown), (valence - read.valence, arousal - read.arousal))
    near = mood_of(corrected)
    assert math.dist((near.valence, near.arousal), (valence, arousal)) < 0.1
    # Anger, fear and disgust lie side by side.
    assert math.dist(COORDINATES[corrected.top], (valence, arousal)) < 0.27


def test_no_shift_changes_nothing() -> None:
    assert corrected_expression(expression(Emotion.SAD), (0.0, 0.0)) == (expression(Emotion.SAD), (0.0, 0.0))


def test_what_no_expression_says_is_left_to_the_point() -> None:
    corrected, rest = corrected_expression(expression(Emotion.NEUTRAL), (0.6, -0.6))
    assert corrected.probabilities[Emotion.NEUTRAL] > 0.5
    assert rest[1] < -0.4
