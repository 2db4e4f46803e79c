"""The mood that music follows: held changes are followed in time, passing ones are not, whatever the frame rate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.mood.music_mood import AWAY_DISTANCE, HOLD_S, MusicMoodFilter
from mien.types import Mood

points = st.builds(Mood, st.floats(-1, 1), st.floats(-1, 1))
steps_s = st.sampled_from([0.03, 0.1, 0.2])
HAPPY, SAD = Mood(0.8, 0.3), Mood(-0.6, -0.4)


def distance(one, other):
    return math.dist((one.valence, one.arousal), (other.valence, other.arousal))


def followed(scenes, *, step_s=0.1):
    """The results of a filter for moods that are each shown for some seconds: (time, shown, result)."""
    mood_filter, index, results = MusicMoodFilter(), 0, []
    for shown, seconds in scenes:
        for _ in range(round(seconds / step_s)):
            results.append((index * step_s, shown, mood_filter.update(shown, at_s=index * step_s)))
            index += 1
    return results


@given(scenes=st.lists(st.tuples(points, st.floats(0.1, 12)), min_size=1, max_size=8), step_s=steps_s)
def test_a_mood_that_has_held_is_never_contradicted(scenes, step_s):
    begun_s, showing = 0.0, None
    for at_s, shown, result in followed(scenes, step_s=step_s):
        if shown is not showing:
            begun_s, showing = at_s, shown
        if at_s - begun_s > HOLD_S + 0.5 + 2 * step_s:
            assert distance(result.mood, shown) <= AWAY_DISTANCE + 1e-9
            assert result.away_s == 0


@given(mood=points, other=points, seconds=st.floats(0.2, HOLD_S - 0.8), step_s=steps_s)
def test_a_passing_expression_changes_little(mood, other, seconds, step_s):
    results = followed([(mood, 20), (other, seconds), (mood, 2)], step_s=step_s)
    assert distance(results[-1][2].mood, mood) < 0.12


def test_a_change_counts_from_its_beginning():
    *_, (_, _, result) = followed([(HAPPY, 60), (SAD, 10)])
    assert distance(result.mood, SAD) < 0.01
    assert result.held_s == pytest.approx(9.9, abs=0.15)


def test_small_changes_are_averaged_over_minutes():
    near = Mood(HAPPY.valence - 0.3, HAPPY.arousal)
    at_s = {round(time_s, 1): result.mood.valence for time_s, _, result in followed([(HAPPY, 180), (near, 120)])}
    assert at_s[190.0] > HAPPY.valence - 0.05
    assert at_s[299.9] < HAPPY.valence - 0.15


@given(first=points, second=points)
def test_the_first_mood_settles_after_a_moment_or_three_seconds(first, second):
    steady = [result.settled for _, _, result in followed([(first, 4)])]
    assert steady.index(True) == pytest.approx(15, abs=1)
    restless = [result.settled for _, _, result in followed([(first, 0.4), (second, 0.4)] * 5)]
    assert restless.index(True) <= 31


def test_an_unknown_mood_changes_nothing_and_interrupts_a_change():
    mood_filter = MusicMoodFilter()
    assert mood_filter.update(None, at_s=0) is None
    for second in range(1, 10):
        mood_filter.update(HAPPY, at_s=second)
    for at_s, shown in ((10, SAD), (12, SAD), (13, None), (14, SAD), (17, SAD)):
        result = mood_filter.update(shown, at_s=at_s)
        assert result.mood == HAPPY or distance(result.mood, HAPPY) < 0.01
    assert distance(mood_filter.update(SAD, at_s=18).mood, SAD) < 0.01


def test_a_clock_that_is_set_back_does_no_harm():
    mood_filter = MusicMoodFilter()
    for at_s in (5, 6, 7, 8, 9, -100, -99, -98):
        result = mood_filter.update(HAPPY, at_s=at_s)
    assert result.settled
    assert result.mood.valence == pytest.approx(HAPPY.valence)
