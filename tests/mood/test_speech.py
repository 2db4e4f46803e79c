"""Speaking is not read as surprise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.mood.logits import centred_logs
from mien.mood.speech import DISCOUNT, discount_speech
from mien.types import Emotion
from tests.mood.faces import expression_with, look


def test_speaking_reduces_surprise() -> None:
    seen = expression_with(np.array([0.03, 0.02, 0.05, 0.1, 0.05, 0.45, 0.3]))
    assert seen.top is Emotion.SURPRISE
    assert discount_speech(seen, jaw_open=0.4, brows_up=0.05).top is Emotion.NEUTRAL


def test_a_surprise_that_shows_in_the_brows_stays_one() -> None:
    seen = look(Emotion.SURPRISE, 0.8)
    assert discount_speech(seen, jaw_open=0.6, brows_up=0.7) == seen


def test_a_closed_mouth_changes_nothing() -> None:
    seen = look(Emotion.SURPRISE, 0.5)
    assert discount_speech(seen, jaw_open=0.0, brows_up=0.0) == seen


@given(st.lists(st.floats(0.2, 1), min_size=7, max_size=7), st.floats(0, 1), st.floats(0, 1))
def test_only_surprise_falls_and_the_rest_keep_their_proportions(weights, jaw_open, brows_up) -> None:
    seen = expression_with(np.array(weights))
    heard = discount_speech(seen, jaw_open=jaw_open, brows_up=brows_up)
    change = dict(zip(Emotion, centred_logs(heard) - centred_logs(seen), strict=True))
    fall = change[Emotion.ANGRY] - change.pop(Emotion.SURPRISE)
    assert fall >= -1e-9
    assert fall <= DISCOUNT + 1e-9
    assert list(change.values()) == pytest.approx([change[Emotion.ANGRY]] * 6, abs=1e-9)
