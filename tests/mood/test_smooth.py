"""Smoothing: memory in seconds, whatever the frame rate; silence rather than a wrong mood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.mood.smooth import ExpressionSmoother, MoodSmoother
from mien.types import Emotion, Expression, Mood


def certain(emotion: Emotion, probability: float = 0.94, *, confident: bool = True) -> Expression:
    rest = (1 - probability) / 6
    return Expression({e: probability if e is emotion else rest for e in Emotion}, confident, "test")


@pytest.mark.parametrize("frames_per_s", [5, 15, 30])
def test_after_one_half_life_the_mood_is_half_way_at_any_frame_rate(frames_per_s: int) -> None:
    smoother = MoodSmoother(half_life_s=2.0)
    smoother.update(Mood(-0.8, 0.0), at_s=0)
    for index in range(1, 2 * frames_per_s + 1):
        mood = smoother.update(Mood(0.8, 0.4), at_s=index / frames_per_s)
    assert mood is not None
    assert mood.valence == pytest.approx(0, abs=1e-9)
    assert mood.arousal == pytest.approx(0.2)


def test_a_doubtful_reading_moves_the_mood_less() -> None:
    moods = []
    for confidence in (1.0, 0.2):
        smoother = MoodSmoother()
        smoother.update(Mood(-0.5, 0), at_s=0)
        moods.append(smoother.update(Mood(0.5, 0, confidence), at_s=1))
    sure, doubtful = moods
    assert sure is not None
    assert doubtful is not None
    assert sure.valence > doubtful.valence > -0.5


def test_without_a_face_the_mood_holds_and_then_ends() -> None:
    smoother = MoodSmoother(hold_s=2.0)
    assert smoother.update(None, at_s=0) is None
    smoother.update(Mood(0.5, 0.5), at_s=1)
    held = smoother.update(None, at_s=2.9)
    assert held is not None
    assert held.valence == 0.5
    assert smoother.update(None, at_s=3.1) is None
    fresh = smoother.update(Mood(-0.5, -0.5), at_s=3.2)
    assert fresh is not None
    assert fresh.valence == -0.5


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1), st.floats(-100, 100)), max_size=30))
def test_no_clock_leads_off_the_plane(readings: list[tuple[float, float, float, float]]) -> None:
    smoother = MoodSmoother()
    for valence, arousal, confidence, at_s in readings:
        assert smoother.update(Mood(valence, arousal, confidence), at_s=at_s) is not None


def test_one_odd_frame_does_not_change_a_steady_expression() -> None:
    smoother = ExpressionSmoother(half_life_s=0.6)
    for index in range(30):
        smoother.update(certain(Emotion.HAPPY), at_s=index / 30)
    assert smoother.update(certain(Emotion.FEAR), at_s=1.0).top is Emotion.HAPPY
    for index in range(60):
        steady = smoother.update(certain(Emotion.SAD), at_s=1 + index / 30)
    assert steady.top is Emotion.SAD
    assert sum(steady.probabilities.values()) == pytest.approx(1)


def test_confidence_follows_with_the_same_memory() -> None:
    smoother = ExpressionSmoother(half_life_s=1.0)
    assert smoother.update(certain(Emotion.SAD), at_s=0).confident
    assert smoother.update(certain(Emotion.SAD, confident=False), at_s=0.5).confident
    assert not smoother.update(certain(Emotion.SAD, confident=False), at_s=2.5).confident


@pytest.mark.parametrize("smoother", [MoodSmoother, ExpressionSmoother])
def test_a_half_life_must_be_positive(smoother: type[MoodSmoother] | type[ExpressionSmoother]) -> None:
    with pytest.raises(ValueError, match="half_life_s"):
        smoother(half_life_s=0)
