"""The plane: coordinates of expressions, regions and words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.mood.circumplex import COORDINATES, describe, mood_of
from mien.types import Emotion, Expression, Mood


def expression(**weights: float) -> Expression:
    total = sum(weights.values())
    return Expression({e: weights.get(e.value, 0.0) / total for e in Emotion}, confident=True, model="test")


@pytest.mark.parametrize("emotion", list(Emotion))
def test_a_certain_expression_lies_on_its_own_coordinates(emotion: Emotion) -> None:
    mood = mood_of(expression(**{emotion.value: 1.0}), time_s=3.0)
    assert (mood.valence, mood.arousal) == pytest.approx(COORDINATES[emotion])
    assert mood.confidence == pytest.approx(1)
    assert mood.time_s == 3.0


def test_happy_is_pleasant_and_sad_is_low_and_anger_is_tense() -> None:
    happy, sad, angry = (mood_of(expression(**{name: 1.0})) for name in ("happy", "sad", "angry"))
    assert happy.valence > 0 < happy.arousal
    assert sad.valence < 0 > sad.arousal
    assert angry.valence < 0 < angry.arousal


def test_a_shrug_has_no_confidence() -> None:
    assert mood_of(expression(**{e.value: 1.0 for e in Emotion})).confidence == pytest.approx(0, abs=1e-9)


@given(st.lists(st.floats(0.001, 1), min_size=7, max_size=7))
def test_any_expression_gives_a_mood_inside_the_hull(weights: list[float]) -> None:
    mood = mood_of(expression(**dict(zip([e.value for e in Emotion], weights, strict=True))))
    valences, arousals = zip(*COORDINATES.values(), strict=True)
    assert min(valences) <= mood.valence <= max(valences)
    assert min(arousals) <= mood.arousal <= max(arousals)
    assert 0 <= mood.confidence <= 1


@pytest.mark.parametrize(
    ("valence", "arousal", "words"),
    [
        (0, 0, "neutral"),
        (0.8, 0.5, "excited"),
        (0.8, 0.1, "happy"),
        (0.3, -0.3, "calm"),
        (-0.3, -0.3, "a little sad"),
        (-0.6, 0.6, "tense"),
        (-0.6, 0.0, "unhappy"),
        (-0.6, -0.0001, "unhappy"),
        (0.0, -0.9, "very quiet"),
        (0.0, 0.4, "alert"),
    ],
)
def test_a_mood_has_words(valence: float, arousal: float, words: str) -> None:
    assert describe(Mood(valence, arousal)) == words


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_every_mood_has_words(valence: float, arousal: float) -> None:
    assert describe(Mood(valence, arousal))


def test_a_mood_beyond_the_plane_is_refused() -> None:
    with pytest.raises(ValueError, match="valence"):
        Mood(1.2, 0)
    with pytest.raises(ValueError, match="arousal"):
        Mood(0, math.nan)
