"""A smile is told from a resting face that is read as sad or angry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.face.features import BLENDSHAPES, indices_starting_with
from mien.face.reader import FaceReader
from mien.live.posed import CLEAR_PARTS, is_posed
from mien.types import Emotion, Features, Image
from tests.fakes import expression, reading


def moved(name: str, value: float):
    blendshapes = np.zeros(len(BLENDSHAPES), np.float32)
    blendshapes[indices_starting_with(name)] = value
    return replace(reading(seen=expression(Emotion.SAD)), features=Features(blendshapes))


@pytest.mark.parametrize("name", CLEAR_PARTS)
def test_a_moved_part_is_an_expression_whatever_the_classifier_says(name: str) -> None:
    assert is_posed(moved(name, CLEAR_PARTS[name] + 0.05))
    assert not is_posed(moved(name, CLEAR_PARTS[name] / 2))


@pytest.mark.parametrize("emotion", list(Emotion))
def test_only_joy_and_surprise_are_clear_without_a_moved_part(emotion: Emotion) -> None:
    assert is_posed(reading(seen=expression(emotion))) == (emotion in (Emotion.HAPPY, Emotion.SURPRISE))


def test_a_frown_may_be_a_resting_face() -> None:
    assert not is_posed(moved("browDown", 0.7))
    assert not is_posed(moved("mouthFrown", 0.7))


def test_a_real_smile_is_one(smiling_person: Image) -> None:
    (face,) = FaceReader().read(smiling_person)
    assert is_posed(face)
