"""Learns from a person's corrections by how much their mood differs from what is read on their face.

A correction is a label: this face meant that point of the plane. What is learnt is a shift of the point, by Bayesian
linear regression (MacKay 1992, Neural Computation 4:415-447), averaged over hypotheses of different kinds: no shift,
one constant shift, one shift for each expression, a shift that depends on everything that is known of the face, and
corrections that have nothing to do with the face. The evidence decides between them and estimates the noise of the
corrections, so that a careless person is not followed and a correction of one expression does not change the others.
Older corrections count less. ``python -m benchmarks.personal`` measures the gain.
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

MAX_SHIFT: Final = 1.0
"""The longest shift, in units of the plane."""

MAX_USED: Final = 60
"""So many of the latest corrections are learnt from."""

NOISE_GROWTH: Final = 1 / 0.97
"""The noise variance of a correction grows by this factor with each later one; after 23 it counts half."""

_SHIFT_SCALES: Final = (0.15, 0.3, 0.6)
"""Standard deviations of the shift, in units of the plane, under the prior."""

_NOISE_SCALES: Final = (0.05, 0.1, 0.2, 0.35)
"""Standard deviations of the corrections, in units of the plane; people hardly point more precisely than the first."""

_UNIFORM_DENSITY: Final = 0.25
"""The density of targets anywhere on the plane, whatever the face shows."""

_MIN_WEIGHT: Final = 1e-4

#: The squared length of each block, about that of a typical face, to which its prior variance refers.
_ANSWERS_NORM: Final = 60.0
_BLENDSHAPES_NORM: Final = 3.0
_POSE_NORM: Final = 30.0**2


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

    @property
    def vector(self) -> Vector:
        """All blocks and a constant, each scaled to a length of about 1: float64 [78]."""
        return np.concatenate(
            [
                [1.0],
                self.expressions,
                self.answers / math.sqrt(_ANSWERS_NORM),
                self.blendshapes / math.sqrt(_BLENDSHAPES_NORM),
                self.pose / math.sqrt(_POSE_NORM),
            ]
        )


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


@dataclass(frozen=True, slots=True)
class _Kernel:
    """A hypothesis: the parts of the feature vector that the shift depends on, and its prior probability."""

    prior: float
    parts: tuple[tuple[slice, float], ...]

    def between(self, one: Vector, other: Vector) -> Vector:
        """The prior covariance of the shifts, relative to the squared scale, [n, m] for [n, 78] and [m, 78]."""
        return np.asarray(sum(share * one[:, part] @ other[:, part].T for part, share in self.parts))


_CONSTANT: Final = slice(0, 1)
_EXPRESSIONS: Final = slice(1, 1 + len(Emotion))
_NO_SHIFT_PRIOR: Final = 0.3
_UNRELATED_PRIOR: Final = 0.1
_KERNELS: Final = (
    _Kernel(0.25, ((_CONSTANT, 1.0),)),
    _Kernel(0.2, ((_EXPRESSIONS, 1.0),)),
    _Kernel(0.15, ((slice(None), 0.25),)),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Posterior:
    """The shift under one hypothesis, one scale and one noise."""

    weight: float
    kernel: _Kernel
    variance: float
    coefficients: Vector
    precision: Vector


class PersonalShift:
    """The shift of the point that was learnt from corrections; the same corrections give the same shift.

    Args:
        features: Of each correction, oldest first.
        residuals: The shift from the point read to the target of each.
    """

    def __init__(self, features: Sequence[CorrectionFeatures], residuals: Sequence[Point]) -> None:
        features, residuals = features[-MAX_USED:], residuals[-MAX_USED:]
        self._vectors = np.array([one.vector for one in features])
        self._posteriors = _posteriors(self._vectors, np.array(residuals)) if len(features) else []

    def at(self, features: CorrectionFeatures) -> Point:
        """The shift for a face, at most ``MAX_SHIFT`` long; exactly (0, 0) if nothing was learnt.

        It is the mean m of the shift over all hypotheses, times |m|² / (|m|² + v), with v its variance: the factor
        with the least expected squared error (Wiener), so that what is uncertain changes little.
        """
        if not self._posteriors:
            return 0.0, 0.0
        vector = features.vector[None]
        mean, square = np.zeros(2), 0.0
        for one in self._posteriors:
            across = one.variance * one.kernel.between(vector, self._vectors)[0]
            expected = across @ one.coefficients
            own = one.variance * one.kernel.between(vector, vector).item()
            variance = max(0.0, own - float(across @ one.precision @ across))
            mean += one.weight * expected
            square += one.weight * (float(expected @ expected) + 2 * variance)
        length = math.hypot(*mean)
        if length == 0:
            return 0.0, 0.0
        factor = min(length**2 / max(square, length**2), MAX_SHIFT / length)
        return float(factor * mean[0]), float(factor * mean[1])


def _posteriors(vectors: Vector, residuals: Vector) -> list[_Posterior]:
    """The hypotheses that matter, weighted by evidence. vectors [n, 78], residuals [n, 2]."""
    count = len(vectors)
    growth = NOISE_GROWTH ** np.arange(count - 1, -1, -1.0)
    logs = [math.log(_UNRELATED_PRIOR) + count * math.log(_UNIFORM_DENSITY)]
    for noise in _NOISE_SCALES:
        evidence = _log_evidence(np.diag(noise**2 * growth), residuals)[0]
        logs.append(math.log(_NO_SHIFT_PRIOR / len(_NOISE_SCALES)) + evidence)
    without_shift = len(logs)
    found: list[tuple[_Kernel, float, Vector, Vector]] = []
    for kernel in _KERNELS:
        gram = kernel.between(vectors, vectors)
        for scale in _SHIFT_SCALES:
            for noise in _NOISE_SCALES:
                evidence, precision = _log_evidence(scale**2 * gram + np.diag(noise**2 * growth), residuals)
                logs.append(math.log(kernel.prior / len(_SHIFT_SCALES) / len(_NOISE_SCALES)) + evidence)
                found.append((kernel, scale**2, precision @ residuals, precision))
    weights = np.exp(np.array(logs) - max(logs))
    weights = (weights / weights.sum())[without_shift:].tolist()
    return [_Posterior(weight, *one) for weight, one in zip(weights, found, strict=True) if weight >= _MIN_WEIGHT]


def _log_evidence(covariance: Vector, residuals: Vector) -> tuple[float, Vector]:
    """The log density of the residuals of both axes, and the inverse of their covariance [n, n]."""
    precision: Vector = np.linalg.inv(covariance).astype(np.float64)
    _, log_determinant = np.linalg.slogdet(covariance)
    fit = float(np.sum(residuals * (precision @ residuals)))
    return -fit / 2 - float(log_determinant) - len(residuals) * math.log(2 * math.pi), precision


def _angles(pose: HeadPose | None) -> Vector:
    return np.zeros(3) if pose is None else np.array([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
