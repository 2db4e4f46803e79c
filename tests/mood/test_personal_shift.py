"""A shift follows the corrections, no farther than they support, and is none without any."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.mood.circumplex import COORDINATES
from mien.mood.correction import Correction, CorrectionFeatures
from mien.mood.personal_shift import MAX_SHIFT, MAX_USED, PersonalShift
from mien.types import Emotion, Features, HeadPose
from tests.fakes import expression, reading
from tests.mood.corrections import MODEL, correction, features, learnt

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


@settings(max_examples=60, deadline=None)
@given(emotions, shares, steps)
def test_the_first_correction_moves_the_same_face_half_the_way_at_least(
    emotion: Emotion, share: float, step: tuple[float, float]
) -> None:
    said = correction(emotion, step, p=share)
    asked = said.residual(None, MODEL)
    shift = learnt([said]).at(said.features)
    assert math.dist(shift, asked) <= 0.5 * math.hypot(*asked) + 1e-9


def test_the_first_correction_hardly_moves_a_face_that_shows_something_else() -> None:
    shift = learnt([correction(Emotion.NEUTRAL, (0.4, 0.0))])
    assert shift.at(features(Emotion.NEUTRAL))[0] == pytest.approx(0.2, abs=0.02)
    assert abs(shift.at(features(Emotion.HAPPY))[0]) < 0.05


def test_the_first_correction_of_another_expression_is_followed_as_well() -> None:
    shift = learnt([*[correction(Emotion.NEUTRAL, (0.3, 0.0))] * 6, correction(Emotion.HAPPY, (-0.6, 0.0))])
    assert shift.at(features(Emotion.HAPPY))[0] < -0.3
    assert shift.at(features(Emotion.NEUTRAL))[0] == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("step", [(0.4, 0.0), (-1.3, 0.3), (0.9, -0.9)])
def test_the_same_correction_again_moves_the_face_nearer_however_far_it_is(step: tuple[float, float]) -> None:
    said = correction(Emotion.NEUTRAL if step[0] > 0 else Emotion.HAPPY, step)
    asked = said.residual(None, MODEL)
    left = [math.dist(learnt([said] * count).at(said.features), asked) for count in (1, 2, 3)]
    assert left[0] > left[1] > left[2]
    assert left[2] < 0.1 * math.hypot(*asked)


def test_a_person_whose_corrections_scatter_is_not_followed_to_each() -> None:
    rng = np.random.default_rng(5)
    said = [correction(Emotion.NEUTRAL, tuple(rng.normal(0, 0.15, 2).tolist())) for _ in range(12)]
    assert math.hypot(*learnt(said).at(features(Emotion.NEUTRAL))) < 0.05


def test_the_third_like_correction_nearly_suffices() -> None:
    said = [correction(Emotion.NEUTRAL, (0.4, 0.0))] * 3
    valence, arousal = learnt(said).at(features(Emotion.NEUTRAL))
    assert valence == pytest.approx(0.4, abs=0.04)
    assert arousal == pytest.approx(0, abs=1e-9)


def test_a_face_that_is_read_too_strongly_is_read_less_so_in_expressions_not_yet_corrected() -> None:
    faces = [Emotion.HAPPY, Emotion.SAD, Emotion.SURPRISE, Emotion.NEUTRAL]
    shift = learnt([correction(face, (-COORDINATES[face][0] / 2, -COORDINATES[face][1] / 2)) for face in faces * 2])
    valence, arousal = shift.at(features(Emotion.FEAR))
    assert (valence, arousal) == pytest.approx((0.32, -0.3), abs=0.08)


@given(people, st.lists(st.tuples(emotions, shares), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_several_faces_at_once_are_shifted_as_one_by_one(
    corrections: list[Correction], faces: list[tuple[Emotion, float]]
) -> None:
    shift, seen = learnt(corrections), [features(emotion, p=share) for emotion, share in faces]
    assert np.allclose(shift.at_each(seen), [shift.at(one) for one in seen], atol=1e-9)


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
