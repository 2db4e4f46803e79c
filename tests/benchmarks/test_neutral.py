"""The benchmark of "my neutral" learns from films of a face, and counts what is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.neutral import HeldExpression, KeptExpressions, Person, learn, learners, moods, report, rightly_read
from benchmarks.resting import at_desk
from mien.face.reader import FaceReader
from mien.types import Emotion, Image, Mood


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader()


@pytest.fixture(scope="module")
def picture(reader: FaceReader, smiling_person: Image) -> Image:
    return at_desk(reader, smiling_person)


@pytest.mark.long
def test_a_face_that_always_smiles_reads_as_rest_once_it_is_learnt(reader: FaceReader, picture: Image) -> None:
    """A smile is the furthest from rest that a shipped photograph shows."""
    neutral = learn(reader, picture, seed=1)
    assert neutral is not None
    before, after = moods(reader, picture, None, seed=2), moods(reader, picture, neutral, seed=2)
    assert min(math.hypot(*mood) for mood in before) > 0.8
    assert max(math.hypot(*mood) for mood in after) < 0.1


def test_pictures_without_a_face_teach_nothing(reader: FaceReader, picture: Image) -> None:
    nobody = np.full_like(picture, 90)
    assert list(learners(reader, [("nobody", nobody)])) == []
    assert rightly_read(reader, [("nobody", nobody)], Emotion.HAPPY, most=3) == []
    assert len(rightly_read(reader, [("a", picture), ("b", picture)], Emotion.HAPPY, most=1)) == 1
    assert rightly_read(reader, [("a", picture)], Emotion.SAD, most=1) == []


def test_report_compares_before_with_after() -> None:
    person = Person("a", Mood(-0.6, 0.3), Mood(-0.06, 0.0), at_origin=1.0, farthest=0.08)
    kept = KeptExpressions(seen=4, expression=3, region=2)
    held = [HeldExpression("frown", 0.8, 1.0, after) for after in (1.0, 0.2)] + [HeldExpression("frown", 0.8, 0.0, 0.0)]
    text = report({"called anger": [person]}, {"own smile": kept}, held)
    assert "| frown | 2 | 60.0% | 1 |" in text
    assert "| called anger | 1 | -0.60, +0.30 | -0.06, +0.00 | 0.67 | 0.06 | 100.0% | 0.08 |" in text
    assert "| own smile | 4 | 75.0% | 50.0% |" in text
