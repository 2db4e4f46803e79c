"""Simulates people whose moods differ from what mien reads, and who correct it with some noise.

The readings are real: rows of FER2013 through mien's network, with the blendshapes and head pose of the photographed
face whose expression is most alike. A person's bias shifts the mood that mien reads to the mood that they have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.capture.photo import read_photo
from mien.face.classifiers.classifier import Classifier
from mien.face.reader import FaceReader
from mien.mood.circumplex import COORDINATES
from mien.mood.correction import ANSWER_COUNT, CorrectionFeatures, Point
from mien.mood.prior import Prior
from mien.types import BLENDSHAPE_COUNT, Emotion
from training.data import Rows

Array = NDArray[np.float64]

_BATCH: Final = 64
_HAND_NOISE: Final = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Readings in arrays of n rows: the blocks of ``CorrectionFeatures``, and the label of FER2013."""

    expressions: Array
    answers: Array
    blendshapes: Array
    pose: Array
    labels: NDArray[np.int64]

    @property
    def points(self) -> Array:
        """The points that mien reads, [n, 2]."""
        return np.asarray(self.expressions @ np.array([COORDINATES[emotion] for emotion in Emotion]))

    def features(self, row: int) -> CorrectionFeatures:
        """One reading as mien's features."""
        return CorrectionFeatures(self.expressions[row], self.answers[row], self.blendshapes[row], self.pose[row])


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedPerson:
    """A person.

    Attributes:
        name: Their bias, in words.
        moods: Their moods for readings, [n, 2].
        noise: The standard deviation of their corrections; None if they correct at random.
    """

    name: str
    moods: Callable[[Readings], Array]
    noise: float | None


def simulated_people(rng: np.random.Generator) -> list[SimulatedPerson]:
    """The 20 people."""

    def shift(length: float) -> Callable[[Readings], Array]:
        angle = rng.uniform(0, 2 * math.pi)
        step = length * np.array([math.cos(angle), math.sin(angle)])
        return lambda readings: readings.points + step

    def table(scale: float) -> Callable[[Readings], Array]:
        steps = rng.normal(0, scale, (len(Emotion), 2))
        return lambda readings: readings.points + readings.expressions @ steps

    def linear(block: str, scale: float) -> Callable[[Readings], Array]:
        count = ANSWER_COUNT if block == "answers" else BLENDSHAPE_COUNT
        slopes = rng.normal(0, scale, (count, 2))
        return lambda readings: readings.points + getattr(readings, block) @ slopes

    def scaled(factor: float) -> Callable[[Readings], Array]:
        return lambda readings: factor * readings.points

    people = [SimulatedPerson(f"constant shift {size}", shift(size), _HAND_NOISE) for size in (0.2, 0.3, 0.4, 0.5)]
    people += [SimulatedPerson(f"per expression {size}", table(size), _HAND_NOISE) for size in (0.25, 0.3, 0.35, 0.4)]
    people += [SimulatedPerson(f"expressive, times {size}", scaled(size), _HAND_NOISE) for size in (0.5, 1.5, 1.8)]
    people += [SimulatedPerson(f"by answers {size}", linear("answers", size), _HAND_NOISE) for size in (0.04, 0.05)]
    people += [
        SimulatedPerson(f"by blendshapes {size}", linear("blendshapes", size), _HAND_NOISE) for size in (0.3, 0.4)
    ]
    people += [SimulatedPerson(f"shift 0.35, noise {size}", shift(0.35), size) for size in (0.1, 0.15, 0.2)]
    people.append(SimulatedPerson("no bias, noise 0.15", scaled(1.0), 0.15))
    people.append(SimulatedPerson("no bias, corrects at random", scaled(1.0), None))
    return people


def read_photographs(folder: Path) -> list[CorrectionFeatures]:
    """The features of every face in the photographs of a folder."""
    with FaceReader() as reader:
        paths = sorted(folder.glob("*.jpg"))
        return [CorrectionFeatures.of(face) for path in paths for face in reader.read(read_photo(path))]


def read_rows(classifier: Classifier, rows: Rows, photographed: Sequence[CorrectionFeatures]) -> Readings:
    """Everyday readings of the rows, with blendshapes and pose of one of the three most similar photographed faces."""
    batches = [
        classifier.classify(rows.images[start : start + _BATCH], prior=Prior.EVERYDAY)
        for start in range(0, len(rows), _BATCH)
    ]
    found = [expression for batch in batches for expression in batch]
    expressions = np.array([[one.probabilities[emotion] for emotion in Emotion] for one in found])
    known = np.array([face.expressions for face in photographed])
    similar = np.argsort(((expressions[:, None] - known) ** 2).sum(axis=2), axis=1)[:, :3]
    chosen = np.random.default_rng(0).integers(similar.shape[1], size=len(similar))
    faces = [photographed[index] for index in similar[np.arange(len(similar)), chosen]]
    return Readings(
        expressions,
        np.array([one.answers for one in found]),
        np.array([face.blendshapes for face in faces]),
        np.array([face.pose for face in faces]),
        rows.labels,
    )


def draw(readings: Readings, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Different rows, with each expression as often as in a day."""
    frequencies = np.bincount(readings.labels, minlength=len(Emotion))
    weights = (Prior.EVERYDAY.probabilities / np.maximum(frequencies, 1))[readings.labels]
    return rng.choice(len(weights), count, replace=False, p=weights / weights.sum())


def targets(person: SimulatedPerson, moods: Array, rng: np.random.Generator) -> Array:
    """The points that a person chooses who has these moods, [n, 2]."""
    if person.noise is None:
        return rng.uniform(-1, 1, moods.shape)
    return np.clip(moods + rng.normal(0, person.noise, moods.shape), -1, 1)


def pairs(points: Array) -> list[Point]:
    """Points [n, 2] as tuples."""
    return [(float(valence), float(arousal)) for valence, arousal in points]
