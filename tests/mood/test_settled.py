"""The expression that is named and shown: it agrees with the point, does not flicker and follows within seconds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.mood.circumplex import COORDINATES, EXPRESSION_WORDS, mood_of
from mien.mood.settled import LEAD, ExpressionHysteresis, SettledExpression, agrees
from mien.mood.smooth import FaceSmoother, SmoothedFace, Steadiness
from mien.types import Emotion, Expression, Mood

DWELL_S = 1.0

probabilities = st.lists(st.floats(0.001, 1), min_size=7, max_size=7)


def expression(weights: list[float] | np.ndarray, *, confident: bool = True) -> Expression:
    total = float(sum(weights))
    return Expression({e: float(w) / total for e, w in zip(Emotion, weights, strict=True)}, confident, "test")


def clear(emotion: Emotion) -> Expression:
    return expression([0.94 if e is emotion else 0.01 for e in Emotion])


def face(emotion: Emotion) -> SmoothedFace:
    return SmoothedFace(clear(emotion), Mood(*COORDINATES[emotion]))


def contradicts(settled: SettledExpression, mood: Mood) -> bool:
    shares = settled.expression.probabilities
    if settled.named is None:
        return settled.expression.confident
    longest_bar = shares[settled.named] >= max(shares.values()) - LEAD
    return not (longest_bar and settled.expression.confident and agrees(settled.named, mood))


@given(
    st.lists(
        st.tuples(probabilities, st.booleans(), st.booleans(), st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 3)),
        max_size=40,
    )
)
def test_words_bars_and_point_never_contradict_each_other(steps) -> None:
    hysteresis, at_s = ExpressionHysteresis(), 0.0
    for weights, confident, readable, valence, arousal, elapsed_s in steps:
        at_s += elapsed_s
        mood = Mood(valence, arousal)
        smoothed = SmoothedFace(expression(weights, confident=confident), mood)
        settled = hysteresis.update(smoothed, readable=readable, at_s=at_s, dwell_s=DWELL_S)
        assert settled is not None
        assert not contradicts(settled, mood)


def words_of_a_film(
    shown: list[Emotion], *, noise: float, frames_per_s: int, seed: int, seconds: float = 12.0
) -> list[tuple[float, str]]:
    """Words for expressions in turn, each frame's log-probabilities with noise of its own."""
    rng = np.random.default_rng(seed)
    smoother, hysteresis, words = FaceSmoother(), ExpressionHysteresis(), []
    for index in range(round(len(shown) * seconds * frames_per_s)):
        at_s = index / frames_per_s
        truth = clear(shown[int(at_s / seconds)])
        logits = np.log(list(truth.probabilities.values())) + rng.normal(0, noise, 7)
        reading = expression(np.exp(logits), confident=bool(logits.max() > np.sort(logits)[-2] + 0.3))
        smoothed = smoother.update(reading, at_s=at_s, steadiness=Steadiness())
        settled = hysteresis.update(smoothed, readable=True, at_s=at_s, dwell_s=DWELL_S)
        assert settled is not None
        words.append((at_s, settled.words))
    return words


@settings(max_examples=30)
@given(
    st.lists(st.sampled_from(list(Emotion)), min_size=5, max_size=5),
    st.floats(0, 2),
    st.sampled_from([10, 30]),
    st.integers(0, 1000),
)
def test_five_noisy_expressions_a_minute_change_the_words_eight_times_at_most(shown, noise, rate, seed) -> None:
    words = words_of_a_film(shown, noise=noise, frames_per_s=rate, seed=seed)
    assert sum(a != b for (_, a), (_, b) in itertools.pairwise(words)) <= 8


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(Emotion, 2)))
def test_a_new_expression_is_named_within_four_seconds(before, after) -> None:
    words = words_of_a_film([before, after], noise=0.5, frames_per_s=15, seed=3, seconds=6)
    named_s = next(at_s for at_s, said in words if at_s > 6 and said == EXPRESSION_WORDS[after])
    assert named_s - 6 < 4
    assert {said for at_s, said in words if 1 < at_s < 6} == {EXPRESSION_WORDS[before]}


def test_a_short_expression_is_not_named_and_its_bars_are_not_shown() -> None:
    hysteresis = ExpressionHysteresis()
    for at_s in (0.0, 0.5):
        hysteresis.update(face(Emotion.NEUTRAL), readable=True, at_s=at_s, dwell_s=DWELL_S)
    happy_briefly = SmoothedFace(clear(Emotion.HAPPY), Mood(0.1, 0.1))
    for at_s in (1.0, 1.9):
        settled = hysteresis.update(happy_briefly, readable=True, at_s=at_s, dwell_s=DWELL_S)
        assert settled is not None
        assert (settled.named, settled.expression.top) == (Emotion.NEUTRAL, Emotion.NEUTRAL)


def test_a_face_that_cannot_be_read_keeps_its_words_and_nothing_known_has_none() -> None:
    hysteresis = ExpressionHysteresis()
    hysteresis.update(face(Emotion.HAPPY), readable=True, at_s=0, dwell_s=DWELL_S)
    faded = SmoothedFace(expression([1] * 7, confident=False), Mood(*COORDINATES[Emotion.HAPPY]))
    for at_s in (1, 5, 9):
        settled = hysteresis.update(faded, readable=False, at_s=at_s, dwell_s=DWELL_S)
        assert settled is not None
        assert settled.words == "happy"
    assert hysteresis.update(None, readable=False, at_s=10, dwell_s=DWELL_S) is None
    after = hysteresis.update(face(Emotion.SAD), readable=True, at_s=10.1, dwell_s=DWELL_S)
    assert after is not None
    assert after.words == "sad"


def test_an_expression_between_two_sides_is_not_named() -> None:
    torn = expression([0.3, 0, 0, 0.0, 0.3, 0, 0.4])
    settled = ExpressionHysteresis().update(SmoothedFace(torn, mood_of(torn)), readable=True, at_s=0, dwell_s=DWELL_S)
    assert settled is not None
    assert settled.words in {"neutral", "not sure"}
    hopeless = expression([1] * 7, confident=False)
    settled = ExpressionHysteresis().update(SmoothedFace(hopeless, Mood(0, 0)), readable=True, at_s=0, dwell_s=DWELL_S)
    assert settled is not None
    assert settled.words == "not sure"
