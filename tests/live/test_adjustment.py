"""Readings of one face, adjusted by its resting face and for speech."""

import math

import numpy as np
import pytest

from mien.face.features import BLENDSHAPES
from mien.live.adjustment import ExpressionAdjuster, moved_parts
from mien.mood.circumplex import mood_of
from mien.mood.neutral import LEARN_S, NeutralBaseline, NeutralCalibration
from mien.types import Activity, Box, Emotion, Expression, Face, Features, Reading
from tests.mood.faces import look

FROWN = {"browDownLeft": 0.8, "browDownRight": 0.8, "noseSneerLeft": 0.2, "noseSneerRight": 0.2, "mouthFrownLeft": 0.3}
ANGRY = look(Emotion.ANGRY, 0.9)


def face_reading(expression: Expression, shapes: dict[str, float], *, speaking: bool = False) -> Reading:
    blendshapes = np.array([shapes.get(name, 0.0) for name in BLENDSHAPES], np.float32)
    face = Face(Box(0, 0, 100, 100), np.zeros((478, 3), np.float32), 1.0, track_id=1)
    features = Features(blendshapes, activity=Activity(speaking=speaking))
    return Reading(face, features, expression, mood_of(expression))


def distance(expression: Expression) -> float:
    mood = mood_of(expression)
    return math.hypot(mood.valence, mood.arousal)


@pytest.fixture(scope="module")
def frowner() -> NeutralBaseline:
    """Somebody whose resting face frowns and reads as angry."""
    calibration = NeutralCalibration()
    at_rest = face_reading(ANGRY, FROWN)
    for index in range(round(LEARN_S * 10) + 1):
        calibration.add(at_rest.expression, at_rest.features.blendshapes, at_s=index / 10)
    return calibration.finish()


def test_a_frown_at_rest_reads_as_rest(frowner) -> None:
    reading = face_reading(ANGRY, FROWN)
    assert ExpressionAdjuster().update(reading, neutral=None, at_s=0).top is Emotion.ANGRY
    assert distance(ExpressionAdjuster().update(reading, neutral=frowner, at_s=0)) < 0.1


@pytest.mark.parametrize(
    ("emotion", "shapes"),
    [
        (Emotion.HAPPY, {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "cheekSquintLeft": 0.4}),
        (Emotion.SURPRISE, {"jawOpen": 0.5, "browInnerUp": 0.6, "browDownLeft": 0.0, "browDownRight": 0.0}),
        (Emotion.ANGRY, {"noseSneerLeft": 0.8, "noseSneerRight": 0.8, "mouthPressLeft": 0.5, "jawOpen": 0.3}),
    ],
)
def test_expressions_of_somebody_who_frowns_at_rest_are_still_read(frowner, emotion, shapes) -> None:
    reading = face_reading(look(emotion, 0.93), FROWN | shapes)
    assert ExpressionAdjuster().update(reading, neutral=frowner, at_s=0).top is emotion


def test_somebody_who_frowns_at_rest_still_rests_while_speaking(frowner) -> None:
    adjuster = ExpressionAdjuster()
    for index in range(45):
        jaw = 0.2 - 0.2 * math.cos(2 * math.pi * 4 * index / 15)
        reading = face_reading(ANGRY, FROWN | {"jawOpen": jaw, "mouthLowerDownLeft": jaw}, speaking=index > 15)
        seen = adjuster.update(reading, neutral=frowner, at_s=index / 15)
        if index > 15:
            assert distance(seen) < 0.1


def test_gaze_and_blinks_are_no_expression(frowner) -> None:
    looking_down = FROWN | {"eyeBlinkLeft": 0.9, "eyeBlinkRight": 0.9, "eyeLookDownLeft": 0.9, "eyeLookInLeft": 0.6}
    assert distance(ExpressionAdjuster().update(face_reading(ANGRY, looking_down), neutral=frowner, at_s=0)) < 0.1


def test_moved_parts_are_those_of_their_blendshapes() -> None:
    shapes = {"jawOpen": 0.5, "mouthLowerDownLeft": 0.4, "browInnerUp": 0.3, "browDownLeft": 0.2, "noseSneerRight": 0.1}
    parts = moved_parts(face_reading(ANGRY, shapes).features.blendshapes)
    assert (parts.jaw_open, parts.lips_apart, parts.brows_up) == pytest.approx((0.5, 0.1, 0.3))
    assert (parts.brows_down, parts.nose_wrinkled, parts.opening) == pytest.approx((0.1, 0.05, 0.6))
