"""Corrections for the tests: faces with a clear expression, and what a person says of them."""

from __future__ import annotations

import numpy as np

from mien.mood.circumplex import mood_of
from mien.mood.correction import Correction, CorrectionFeatures, reading_id
from mien.mood.neutral import NeutralBaseline
from mien.mood.personal_shift import PersonalShift
from mien.types import Emotion
from tests.fakes import expression, reading

MODEL = expression(Emotion.HAPPY).model


def features(emotion: Emotion, *, p: float = 0.94) -> CorrectionFeatures:
    return CorrectionFeatures.of(reading(seen=expression(emotion, p=p)))


def correction(
    emotion: Emotion, shift: tuple[float, float], *, at_s: float = 0.0, p: float = 0.94, neutral: int = 0
) -> Correction:
    """A correction of a face that shows ``emotion``, whose point was moved by ``shift`` as far as the plane goes."""
    mood = mood_of(expression(emotion, p=p))
    point = (mood.valence, mood.arousal)
    valence, arousal = np.clip(np.add(point, shift), -1, 1).tolist()
    return Correction(features(emotion, p=p), point, point, (valence, arousal), reading_id(MODEL), neutral, at_s)


def learnt(corrections: list[Correction], neutral: NeutralBaseline | None = None) -> PersonalShift:
    return PersonalShift([one.features for one in corrections], [one.residual(neutral, MODEL) for one in corrections])
