"""Corrections shift the point as the person says, no farther than they support, and not at all without any."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.mood.correction import (
    MAX_SHIFT,
    MAX_USED,
    Correction,
    CorrectionFeatures,
    PersonalShift,
    neutral_id,
    reading_id,
)
from mien.mood.neutral import NeutralBaseline
from mien.types import BLENDSHAPE_COUNT, Emotion, Features, HeadPose
from tests.fakes import expression, reading
from tests.mood.corrections import correction, features, learnt

emotions = st.sampled_from(list(Emotion))
shares = st.floats(0.3, 0.97)
steps = st.tuples(st.floats(-2, 2), st.floats(-2, 2))
people = st.lists(st.builds(correction, emotions, steps, p=shares), max_size=12)


def test_without_corrections_nothing_is_shifted() -> None:
    assert PersonalShift([], []).at(features(Emotion.SAD)) == (0.0, 0.0)


@settings(max_examples=50, deadline=None)
@given(people, emotions, shares)
def test_a_shift_is_bounded_and_depends_on_the_corrections_alone(
    corrections: list[Correction], emotion: Emotion, share: float
) -> None:
    face = features(emotion, p=share)
    shift = learnt(corrections).at(face)
    assert math.hypot(*shift) <= MAX_SHIFT + 1e-9
    assert shift == learnt(corrections).at(face)


def test_the_first_correction_shows_and_the_third_nearly_suffices() -> None:
    said = [correction(Emotion.NEUTRAL, (0.4, 0.0))] * 3
    shifts = [learnt(said[:count]).at(features(Emotion.NEUTRAL)) for count in (1, 2, 3)]
    valences = [valence for valence, _ in shifts]
    assert 0.04 < valences[0] < valences[1] < valences[2]
    assert valences[2] == pytest.approx(0.4, abs=0.04)
    assert [arousal for _, arousal in shifts] == pytest.approx([0, 0, 0], abs=1e-9)


def test_corrections_of_one_expression_hardly_change_another() -> None:
    shift = learnt([correction(Emotion.NEUTRAL, (-0.5, 0.0))] * 5)
    assert shift.at(features(Emotion.NEUTRAL))[0] == pytest.approx(-0.5, abs=0.05)
    assert abs(shift.at(features(Emotion.HAPPY))[0]) < 0.12


def test_a_shift_that_every_expression_needs_is_found_for_those_not_yet_corrected() -> None:
    seen = (Emotion.NEUTRAL, Emotion.SAD, Emotion.ANGRY, Emotion.SURPRISE, Emotion.FEAR)
    shift = learnt([correction(emotion, (0.2, 0.2)) for emotion in seen * 2])
    assert shift.at(features(Emotion.DISGUST)) == pytest.approx((0.2, 0.2), abs=0.03)


def test_corrections_at_random_are_not_followed() -> None:
    rng = np.random.default_rng(3)
    faces = rng.choice(list(Emotion), 20)
    said = [replace(correction(Emotion(face), (0, 0)), target=tuple(rng.uniform(-1, 1, 2).tolist())) for face in faces]
    for emotion in Emotion:
        assert math.hypot(*learnt(said).at(features(emotion))) < 0.05


def test_later_corrections_count_more() -> None:
    before, after = [correction(Emotion.SAD, (0.3, 0))] * 20, [correction(Emotion.SAD, (0.6, 0))] * 20
    shift = learnt(before + after).at(features(Emotion.SAD))[0]
    assert shift > learnt(after + before).at(features(Emotion.SAD))[0] + 0.02


def test_only_the_latest_corrections_are_learnt_from() -> None:
    old, new = [correction(Emotion.SAD, (0.9, 0))] * 30, [correction(Emotion.SAD, (0.3, 0))] * MAX_USED
    face = features(Emotion.SAD)
    assert learnt(old + new).at(face) == learnt(new).at(face)


def test_a_bias_that_depends_on_the_pose_is_learnt() -> None:
    def posed(yaw_deg: float) -> CorrectionFeatures:
        seen = reading(seen=expression(Emotion.NEUTRAL))
        turned = Features(seen.features.blendshapes, head_pose=HeadPose(yaw_deg, 0, 0))
        return CorrectionFeatures.of(replace(seen, features=turned))

    angles = [-30.0, 30.0, -20.0, 20.0, 25.0, -25.0] * 3
    shift = PersonalShift([posed(angle) for angle in angles], [(angle / 100, 0.0) for angle in angles])
    assert shift.at(posed(30))[0] > 0.2
    assert shift.at(posed(-30))[0] < -0.2


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
