"""A correction knows how far the person moved the point, whatever resting face was learnt meanwhile."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mien.mood.correction import neutral_id, reading_id
from mien.mood.neutral import NeutralBaseline
from mien.types import BLENDSHAPE_COUNT, Emotion
from tests.fakes import expression
from tests.mood.corrections import correction


def test_what_was_corrected_before_my_neutral_is_not_corrected_twice() -> None:
    frowning = expression(Emotion.SAD, p=0.6)
    said = correction(Emotion.SAD, (0.35, 0.15), p=0.6)
    logs = np.log([frowning.probabilities[emotion] for emotion in Emotion])
    neutral = NeutralBaseline(np.zeros(BLENDSHAPE_COUNT), logs - logs.mean(), 100, reading_id(frowning.model))
    then, now = said.residual(None, frowning.model), said.residual(neutral, frowning.model)
    assert math.hypot(*now) < math.hypot(*then) - 0.1
    assert replace(said, neutral=neutral_id(neutral)).residual(neutral, frowning.model) == then


@pytest.mark.parametrize(
    "change",
    [{"target": (1.2, 0.0)}, {"target": (math.nan, 0.0)}, {"shown": (0.0, -3.0)}, {"at_s": math.inf}],
)
def test_impossible_numbers_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        replace(correction(Emotion.SAD, (0, 0)), **change)
