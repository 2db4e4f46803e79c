"""A person's corrections of the mood: what was known of the face, the point that was read, and the one they chose.

A correction is a label: this face meant that point of the plane. ``mien.mood.personal_shift`` learns from them.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from mien.mood.circumplex import mood_of
from mien.mood.neutral import NeutralBaseline, relative_expression
from mien.types import BLENDSHAPE_COUNT, Emotion, Expression, HeadPose, Mood, Reading

Vector = NDArray[np.float64]
Point = tuple[float, float]
"""Valence and arousal, or a shift of both."""

FEATURES_VERSION: Final = 1
"""Changes with the meaning of ``CorrectionFeatures``."""

ANSWER_COUNT: Final = 15
"""Log-probabilities of both answers of mien's network, 7 and 8."""


@dataclass(frozen=True, slots=True, eq=False)
class CorrectionFeatures:
    """What is known of a face, in blocks; a block that was not measured is 0.

    Attributes:
        expressions: float64 [7], probabilities in the order of ``Emotion``, as the classifier read them.
        answers: float64 [15], the classifier's answers: see ``Expression.answers``.
        blendshapes: float64 [52], 0..1.
        pose: float64 [3], yaw, pitch and roll in degrees.
    """

    expressions: Vector
    answers: Vector
    blendshapes: Vector
    pose: Vector

    def __post_init__(self) -> None:
        lengths = (len(Emotion), ANSWER_COUNT, BLENDSHAPE_COUNT, 3)
        for block, length in zip(fields(self), lengths, strict=True):
            values = getattr(self, block.name)
            if values.shape != (length,) or not np.isfinite(values).all():
                raise ValueError(f"{block.name} must be {length} finite numbers")

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """The features of a reading that was neither corrected nor smoothed."""
        expression, features = reading.expression, reading.features
        answers = np.zeros(ANSWER_COUNT)
        given = np.array(expression.answers[:ANSWER_COUNT])
        answers[: len(given)] = given
        return cls(
            np.array([expression.probabilities[emotion] for emotion in Emotion]),
            answers,
            features.blendshapes.astype(np.float64),
            _angles(features.head_pose),
        )

    @classmethod
    def mean(cls, several: Sequence[Self]) -> Self:
        """The mean of the features of several readings, at least one."""
        return cls(*(np.mean([getattr(one, block.name) for one in several], axis=0) for block in fields(cls)))


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """One correction: numbers only.

    Attributes:
        features: What was known of the face.
        uncorrected: The point that was read, without what had been learnt before.
        shown: The point that the page showed.
        target: The point that the person chose.
        reading: The ``reading_id`` of the expression that was read.
        neutral: The ``neutral_id`` of the resting face that was used.
        at_s: The time, in seconds since 1970 (UTC).
    """

    features: CorrectionFeatures
    uncorrected: Point
    shown: Point
    target: Point
    reading: int
    neutral: int
    at_s: float

    def __post_init__(self) -> None:
        for point in (self.uncorrected, self.shown, self.target):
            Mood(*point)
        if not math.isfinite(self.at_s):
            raise ValueError("the time must be finite")

    @property
    def distance(self) -> float:
        """By how much the person moved the point, in units of the plane."""
        return math.dist(self.shown, self.target)

    def residual(self, neutral: NeutralBaseline | None, model: str) -> Point:
        """The shift from the point read to the target.

        Args:
            neutral: The resting face that is used now; if it is another than then, the point is computed again.
            model: ``Expression.model`` of the readings.
        """
        base = self.uncorrected
        if neutral_id(neutral) != self.neutral:
            shares = (self.features.expressions / self.features.expressions.sum()).tolist()
            expression = Expression(dict(zip(Emotion, shares, strict=True)), True, model)
            if neutral is not None:
                expression = relative_expression(neutral, expression, self.features.blendshapes)
            mood = mood_of(expression)
            base = (mood.valence, mood.arousal)
        return (self.target[0] - base[0], self.target[1] - base[1])


def reading_id(model: str) -> int:
    """Identifies classifier and prior: the CRC-32 of ``Expression.model``. Others read the same face differently."""
    return zlib.crc32(model.encode("utf-8"))


def neutral_id(neutral: NeutralBaseline | None) -> int:
    """Identifies a resting face: the CRC-32 of its rounded numbers; 0 for none."""
    return 0 if neutral is None else zlib.crc32(neutral.logs.round(4).tobytes())


def _angles(pose: HeadPose | None) -> Vector:
    return np.zeros(3) if pose is None else np.array([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
