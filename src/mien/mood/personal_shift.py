"""Learns from corrections by how much a person's mood differs from what is read on their face.

What is learnt is a shift of the point, by Bayesian linear regression (MacKay 1992, Neural Computation 4:415-447) in its
Gaussian-process form (Rasmussen and Williams 2006, chapter 2), averaged over hypotheses: no shift, one constant shift,
one expression that is misread, one shift for each expression, a face that is read as too strong or too weak, shifts
that depend on the answers, the blendshapes or the pose, on all of these, and corrections that have nothing to do with
the face. The evidence decides between them and estimates the noise of the corrections, so that a careless person is not
followed and a correction of one expression does not change the others. Older corrections count less.

The average is careful: one correction proves little. A person who has just moved the point must see it, so a face like
the one that was corrected is moved at least half the way to the place that they gave (``FOLLOWED_SHARE``), until the
corrections show that this person's scatter by as much. ``python -m benchmarks.personal`` measures the gain.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mien.mood.circumplex import COORDINATES
from mien.mood.correction import ANSWER_COUNT, CorrectionFeatures, Point, Vector
from mien.mood.neutral import EXPRESSION_DISTANCE, MOVING_PARTS, REST_DISTANCE
from mien.types import BLENDSHAPE_COUNT, Emotion

MAX_SHIFT: Final = 1.5
"""The longest shift, in units of the plane."""

MAX_USED: Final = 60
"""So many of the latest corrections are learnt from."""

NOISE_GROWTH: Final = 1 / 0.97
"""The noise variance of a correction grows by this factor with each later one; after 23 it counts half."""

FOLLOWED_SHARE: Final = 0.5
"""A face like one that was corrected is moved at least this share of the way."""

SCATTER_LIMITS: Final = (2.0, 3.0)
"""Up to so many standard deviations of a person's noise a correction may be noise; from the second on it is not."""

SAME_EXPRESSION: Final = (0.2, 0.6)
"""Up to this total variation distance faces show the same expression, from the second on another."""

_SHIFT_SCALES: Final = np.array([0.25, 0.5, 1.0])
"""Standard deviations of the shift, in units of the plane, under the prior."""

_NOISE_SCALES: Final = np.array([0.05, 0.1, 0.15, 0.25, 0.35])
"""Standard deviations of the corrections, in units of the plane; people hardly point more precisely than the first."""

_UNIFORM_DENSITY: Final = 0.25
"""The density of targets anywhere on the plane, whatever the face shows."""

_MIN_WEIGHT: Final = 1e-4

#: The blocks of a feature vector: the name, its length, and the mean squared length over FER2013's PublicTest faces,
#: rounded, by which it is divided.
_BLOCKS: Final = (
    ("constant", 1, 1.0),
    ("expressions", len(Emotion), 1.0),
    ("point", 2, 0.8),
    ("answers", ANSWER_COUNT, 50.0),
    ("blendshapes", BLENDSHAPE_COUNT, 2.0),
    ("pose", 3, 30.0**2),
)

_COORDINATES: Final = np.array([COORDINATES[emotion] for emotion in Emotion])


@dataclass(frozen=True, slots=True, eq=False)
class _Kernel:
    """A hypothesis: its prior probability, and the weight of each feature in the covariance of two shifts."""

    prior: float
    weights: Vector


@dataclass(frozen=True, slots=True, eq=False)
class _Posterior:
    """The shift under one hypothesis, for all scales and noises, in the eigenbasis of the covariance.

    Attributes:
        kernel: The hypothesis.
        weights: float64 [h], the probability of each pair of scale and noise.
        basis: float64 [n, n], maps covariances with the corrections to the eigenbasis.
        gains: float64 [h, n], the variance of the shift over that of the corrections, along each eigenvector.
        scaled: float64 [n, 2], the residuals in the eigenbasis.
        variances: float64 [h], of the shift under the prior.
    """

    kernel: _Kernel
    weights: Vector
    basis: Vector
    gains: Vector
    scaled: Vector
    variances: Vector

    def moments(self, vectors: Vector, corrected: Vector) -> tuple[Vector, Vector]:
        """Mean [m, 2] and mean square [m] of the shifts of faces, times the probability of the hypothesis."""
        across = (vectors * self.kernel.weights) @ corrected.T @ self.basis
        means = across @ (self.gains[:, :, None] * self.scaled)
        own = np.square(vectors) @ self.kernel.weights
        left = self.variances[:, None] * own - self.variances[:, None] * (self.gains @ np.square(across).T)
        squares = np.square(means).sum(axis=2) + 2 * np.maximum(0, left)
        return np.einsum("h,hmk->mk", self.weights, means), self.weights @ squares


class PersonalShift:
    """The shift of the point that was learnt from corrections; the same corrections give the same shift.

    Args:
        features: Of each correction, oldest first.
        residuals: The shift from the point read to the target of each.
    """

    def __init__(self, features: Sequence[CorrectionFeatures], residuals: Sequence[Point]) -> None:
        self._features = features[-MAX_USED:]
        self._residuals = np.array(residuals[-MAX_USED:]).reshape(-1, 2)
        self._vectors = _vectors(self._features)
        self._posteriors: list[_Posterior] = []
        self._scatter = self._trust = 0.0
        if self._features:
            self._learn()

    def at(self, features: CorrectionFeatures) -> Point:
        """The shift for a face, at most ``MAX_SHIFT`` long; exactly (0, 0) if nothing was learnt."""
        valence, arousal = self.at_each([features])[0].tolist()
        return valence, arousal

    def at_each(self, features: Sequence[CorrectionFeatures]) -> Vector:
        """The shifts for several faces, float64 [m, 2].

        Each is the mean m of the shift over all hypotheses times |m| over its root mean square, so that what is
        uncertain changes little, and then what ``FOLLOWED_SHARE`` asks for.
        """
        if not self._features or not features:
            return np.zeros((len(features), 2))
        vectors = _vectors(features)
        means, squares = np.zeros((len(features), 2)), np.zeros(len(features))
        for posterior in self._posteriors:
            mean, square = posterior.moments(vectors, self._vectors)
            means += mean
            squares += square
        lengths = np.hypot(*means.T)
        shifts = means * (lengths / np.sqrt(np.maximum(squares, np.square(lengths)) + 1e-12))[:, None]
        shifts = shifts + self._step_to_corrected(features, shifts)
        lengths = np.hypot(*shifts.T)
        return np.asarray(shifts * np.minimum(1, MAX_SHIFT / np.maximum(lengths, MAX_SHIFT))[:, None])

    def _learn(self) -> None:
        """Weigh the hypotheses by their evidence."""
        count = len(self._features)
        growth = NOISE_GROWTH ** np.arange(count - 1, -1, -1.0)
        whitened, residuals = self._vectors / np.sqrt(growth)[:, None], self._residuals / np.sqrt(growth)[:, None]
        constant = count * math.log(2 * math.pi) + float(np.log(growth).sum())
        scale, noise = (values.ravel() for values in np.meshgrid(_SHIFT_SCALES**2, _NOISE_SCALES**2, indexing="ij"))
        unrelated = math.log(_UNRELATED_PRIOR) + count * math.log(_UNIFORM_DENSITY)
        none = math.log(_NO_SHIFT_PRIOR / len(_NOISE_SCALES)) + _log_evidence(
            np.repeat(_NOISE_SCALES[:, None] ** 2, count, axis=1), residuals, constant
        )
        logs, found = [np.array([unrelated]), none], []
        for kernel in _KERNELS:
            values, basis = np.linalg.eigh((whitened * kernel.weights) @ whitened.T)
            spread = scale[:, None] * np.maximum(0, values) + noise[:, None]
            scaled = basis.T @ residuals
            logs.append(math.log(kernel.prior / len(scale)) + _log_evidence(spread, scaled, constant))
            found.append((kernel, basis / np.sqrt(growth)[:, None], scale[:, None] / spread, scaled))
        weights = np.exp(np.concatenate(logs) - max(map(np.max, logs)))
        weights /= weights.sum()
        by_noise = weights[1 : 1 + len(none)].copy()
        for index, (kernel, basis, gains, scaled) in enumerate(found):
            own = weights[1 + len(none) + index * len(scale) :][: len(scale)]
            by_noise += own.reshape(-1, len(none)).sum(axis=0)
            if own.sum() >= _MIN_WEIGHT:
                self._posteriors.append(_Posterior(kernel, own, basis, gains, scaled, scale))
        # A single correction says neither how much a person's scatter nor whether they are about the face.
        self._scatter = float(by_noise @ _NOISE_SCALES / max(by_noise.sum(), 1e-12)) * (1 - 1 / count)
        self._trust = 1.0 if count == 1 else min(1.0, 4 * (1 - float(weights[0])))

    def _step_to_corrected(self, features: Sequence[CorrectionFeatures], shifts: Vector) -> Vector:
        """What is missing to ``FOLLOWED_SHARE`` of the corrections of faces like these, float64 [m, 2]."""
        alike = _likeness(features, self._features)
        weights = alike / NOISE_GROWTH ** np.arange(len(self._features) - 1, -1, -1.0)
        asked = weights @ self._residuals / np.maximum(weights.sum(axis=1), 1e-9)[:, None]
        lengths = np.hypot(*asked.T)
        missing = asked - shifts
        distances = np.maximum(np.hypot(*missing.T), 1e-9)
        shares = np.maximum(0, 1 - (1 - FOLLOWED_SHARE) * lengths / distances)
        low, high = (limit * self._scatter for limit in SCATTER_LIMITS)
        deliberate = np.clip((lengths - low) / max(high - low, 1e-9), 0, 1)
        # Where several were corrected, the average over the hypotheses knows more than their mean.
        strength = self._trust * deliberate * alike.max(axis=1) / np.maximum(1, alike.sum(axis=1))
        return np.asarray((strength * shares)[:, None] * missing)


def _likeness(some: Sequence[CorrectionFeatures], others: Sequence[CorrectionFeatures]) -> Vector:
    """How much two readings show the same face with the same expression, 0..1: float64 [m, n]."""
    shapes, other_shapes = (np.array([one.blendshapes[MOVING_PARTS] for one in faces]) for faces in (some, others))
    shares, other_shares = (np.array([one.expressions for one in faces]) for faces in (some, others))
    distances = np.linalg.norm(shapes[:, None] - other_shapes, axis=2)
    variations = np.abs(shares[:, None] - other_shares).sum(axis=2) / 2
    same, different = SAME_EXPRESSION
    return np.asarray(_falling(distances, REST_DISTANCE, EXPRESSION_DISTANCE) * _falling(variations, same, different))


def _falling(values: Vector, low: float, high: float) -> Vector:
    """1 up to ``low``, 0 from ``high`` on, linear between."""
    return np.clip((high - values) / (high - low), 0, 1)


def _log_evidence(variances: Vector, residuals: Vector, constant: float) -> Vector:
    """The log density of residuals [n, 2] whose variance is [h, n] on both axes, in an eigenbasis: [h]."""
    fit = (np.square(residuals).sum(axis=1) / variances).sum(axis=1) / 2
    return np.asarray(-fit - np.log(variances).sum(axis=1) - constant)


def _vectors(features: Iterable[CorrectionFeatures]) -> Vector:
    """The blocks of each face, scaled to a length of about 1: float64 [m, 80]."""
    rows = [
        np.concatenate([[1.0], one.expressions, one.expressions @ _COORDINATES, one.answers, one.blendshapes, one.pose])
        for one in features
    ]
    scales = np.concatenate([np.full(length, 1 / math.sqrt(square)) for _, length, square in _BLOCKS])
    return np.asarray(np.array(rows).reshape(-1, len(scales)) * scales)


def _kernel(prior: float, **blocks: float) -> _Kernel:
    """A hypothesis that depends on blocks, each with a weight."""
    return _Kernel(prior, np.concatenate([np.full(length, blocks.get(name, 0.0)) for name, length, _ in _BLOCKS]))


def _one_expression(prior: float, index: int) -> _Kernel:
    """The hypothesis that a single expression is misread."""
    return _Kernel(prior, np.eye(sum(length for _, length, _ in _BLOCKS))[1 + index])


_NO_SHIFT_PRIOR: Final = 0.3
_UNRELATED_PRIOR: Final = 0.3
_KERNELS: Final = (
    _kernel(0.08, constant=1.0),
    *(_one_expression(0.03, index) for index in range(len(Emotion))),
    _kernel(0.1, expressions=1.0),
    _kernel(0.06, point=1.0),
    _kernel(0.04, answers=1.0),
    _kernel(0.04, blendshapes=1.0),
    _kernel(0.02, pose=1.0),
    _kernel(0.1, constant=0.2, expressions=0.2, point=0.2, answers=0.2, blendshapes=0.2, pose=0.2),
)
