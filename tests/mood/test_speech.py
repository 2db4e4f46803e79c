"""Speaking is not read as surprise, fear, anger or disgust, and what is held while speaking is kept."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.mood.circumplex import mood_of
from mien.mood.logits import centred_logs
from mien.mood.speech import DISCOUNT, WINDOW_S, MovedParts, SpeechFilter, discount_speech
from mien.types import Emotion, Expression
from tests.mood.faces import expression_with, look

CONFUSED = (Emotion.ANGRY, Emotion.DISGUST, Emotion.FEAR, Emotion.SURPRISE)
SHOWN = {
    Emotion.SURPRISE: {"brows_up": 0.7},
    Emotion.FEAR: {"brows_up": 0.7},
    Emotion.ANGRY: {"brows_down": 0.85},
    Emotion.DISGUST: {"nose_wrinkled": 0.4},
}


def half_neutral(emotion: Emotion) -> Expression:
    weights = {Emotion.NEUTRAL: 0.3, emotion: 0.5}
    return expression_with(np.array([weights.get(one, 0.04) for one in Emotion]))


@pytest.mark.parametrize("emotion", CONFUSED)
def test_an_open_jaw_alone_is_not_an_expression(emotion) -> None:
    seen = half_neutral(emotion)
    assert seen.top is emotion
    assert discount_speech(seen, MovedParts(jaw_open=0.4, brows_up=0.05, brows_down=0.4)).top is Emotion.NEUTRAL


@pytest.mark.parametrize("emotion", CONFUSED)
def test_an_expression_of_the_upper_face_stays(emotion) -> None:
    seen = half_neutral(emotion)
    before = centred_logs(seen)
    after = centred_logs(discount_speech(seen, MovedParts(jaw_open=0.6, **SHOWN[emotion])))
    here, neutral = (list(Emotion).index(one) for one in (emotion, Emotion.NEUTRAL))
    assert after[here] - after[neutral] == pytest.approx(before[here] - before[neutral])


def test_a_closed_mouth_changes_nothing() -> None:
    seen = look(Emotion.SURPRISE, 0.5)
    assert discount_speech(seen, MovedParts()) == seen


parts = st.builds(MovedParts, *[st.floats(0, 1)] * 5)


@given(st.lists(st.floats(0.2, 1), min_size=7, max_size=7), parts)
def test_only_what_speech_is_mistaken_for_falls_and_the_rest_keep_their_proportions(weights, moved) -> None:
    seen = expression_with(np.array(weights))
    change = dict(zip(Emotion, centred_logs(discount_speech(seen, moved)) - centred_logs(seen), strict=True))
    others = [change[emotion] for emotion in Emotion if emotion not in CONFUSED]
    assert others == pytest.approx([others[0]] * 3, abs=1e-9)
    for emotion in CONFUSED:
        assert -1e-9 <= others[0] - change[emotion] <= DISCOUNT + 1e-9


def speak(shut, wide, *, rate: float, hertz: float, seconds: float = 6, silent_s: float = 1.0, least: float = 0.02):
    """The moods of a face whose reading goes from ``shut`` to ``wide`` with each syllable, and their times."""
    heard, found = SpeechFilter(), []
    for index in range(round(seconds * rate)):
        at_s = index / rate
        swing = 0.5 - 0.5 * math.cos(2 * math.pi * hertz * (at_s - silent_s)) if at_s >= silent_s else 0.0
        reading = expression_with(np.exp((1 - swing) * centred_logs(shut) + swing * centred_logs(wide)))
        speaking = at_s >= silent_s + 0.7
        opening = least + 0.4 * swing
        found.append((at_s, mood_of(heard.update(reading, opening=opening, speaking=speaking, at_s=at_s))))
    return found


@pytest.mark.parametrize("wide", [*CONFUSED, Emotion.HAPPY, Emotion.SAD])
@pytest.mark.parametrize(("rate", "hertz"), [(8, 2.3), (10, 3.1), (15, 4.3), (30, 5)])
def test_a_neutral_face_stays_neutral_whatever_its_open_mouth_is_taken_for(wide, rate, hertz) -> None:
    for at_s, mood in speak(look(Emotion.NEUTRAL, 0.95), look(wide, 0.9), rate=rate, hertz=hertz):
        if at_s >= 1.7:
            assert math.hypot(mood.valence, mood.arousal) < 0.25


def test_a_smile_held_while_speaking_stays_a_smile() -> None:
    for at_s, mood in speak(look(Emotion.HAPPY, 0.9), look(Emotion.SURPRISE, 0.8), rate=15, hertz=4):
        assert mood.valence > 0.5 or 1 <= at_s < 1.7


def test_a_gape_that_is_held_counts_although_the_mouth_is_open_all_the_time() -> None:
    for _, mood in speak(look(Emotion.SURPRISE, 0.9), look(Emotion.FEAR, 0.6), rate=15, hertz=4, least=0.6)[-30:]:
        assert mood.arousal > 0.5
        assert mood.valence > 0


def test_an_expression_that_sets_in_while_speaking_is_followed_within_a_second() -> None:
    heard = SpeechFilter()
    for index in range(60):
        at_s = index / 15
        reading = look(Emotion.HAPPY if at_s >= 2 else Emotion.NEUTRAL, 0.9)
        opening = 0.2 - 0.2 * math.cos(2 * math.pi * 4 * at_s)
        seen = heard.update(reading, opening=opening, speaking=True, at_s=at_s)
        if at_s < 2 or at_s > 3:
            assert seen.top is reading.top


def test_a_silent_face_is_left_alone() -> None:
    heard = SpeechFilter()
    for index, emotion in enumerate([*Emotion, *Emotion]):
        seen = look(emotion, 0.7)
        assert heard.update(seen, opening=index / 14, speaking=False, at_s=index / 15) is seen


@pytest.mark.parametrize("later_s", [WINDOW_S + 0.1, -5.0])
def test_what_was_read_before_a_pause_or_a_clock_that_jumps_back_is_not_used(later_s) -> None:
    heard = SpeechFilter()
    heard.update(look(Emotion.ANGRY), opening=0.0, speaking=True, at_s=10)
    seen = heard.update(look(Emotion.HAPPY), opening=0.5, speaking=True, at_s=10 + later_s)
    assert dict(seen.probabilities) == pytest.approx(dict(look(Emotion.HAPPY).probabilities))


def test_readings_of_another_classifier_are_not_mixed() -> None:
    heard = SpeechFilter()
    heard.update(look(Emotion.ANGRY), opening=0.0, speaking=True, at_s=1)
    other = Expression(look(Emotion.HAPPY).probabilities, True, "another")
    seen = heard.update(other, opening=0.5, speaking=True, at_s=1.1)
    assert (seen.top, seen.model) == (Emotion.HAPPY, "another")
