"""Measures what a person's corrections change, with simulated people of different biases.

    python -m benchmarks.personal --data fer2013.zip --faces photographs [--corrections 10] [--repeats 5]

No available data set has many people who say what their faces mean. So 20 people are simulated: each has a bias, which
shifts the mood that mien reads to the mood that they have, and each corrects with some noise. The readings are real:
rows of FER2013 through mien's network, drawn as often as their expression occurs in a day, with the blendshapes and
head pose of the photographed face whose expression is most alike. A person corrects ten readings; then the distance
between their mood and the point is measured on other readings, before and after. The halo is checked against each
person's own next corrections. The results are printed and written to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import record
from mien.capture.photo import read_photo
from mien.face.classifiers.classifier import Classifier
from mien.face.classifiers.onnx import default_classifier
from mien.face.reader import FaceReader
from mien.mood.circumplex import COORDINATES
from mien.mood.correction import ANSWER_COUNT, CorrectionFeatures, PersonalShift, Point
from mien.mood.halo import HALO_COVERAGE, halo_radius
from mien.mood.prior import Prior
from mien.types import BLENDSHAPE_COUNT, Emotion
from training.data import Rows, read

Array = NDArray[np.float64]

PARTS: Final = ("PublicTest", "PrivateTest")
HELD_OUT: Final = 100
"""How many readings of each person measure the distance."""

HALO_CORRECTIONS: Final = 30
REACH_RATIO: Final = 0.6
REACH_WORSE: Final = 0.02
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


@dataclass(frozen=True, slots=True)
class PersonalGain:
    """Mean distances between a person's mood and the point, before and after their corrections, on the plane."""

    name: str
    before: float
    after: float
    worst: float


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip or fer2013.csv")
    parser.add_argument("--faces", type=Path, required=True, help="a folder of photographs with faces (JPEG)")
    parser.add_argument("--corrections", type=int, default=10, help="how many corrections each gives (default 10)")
    parser.add_argument("--repeats", type=int, default=5, help="how often each person is simulated (default 5)")
    options = parser.parse_args()
    if options.corrections < 1 or options.repeats < 1:
        parser.error("--corrections and --repeats must be 1 or more")
    photographed = read_photographs(options.faces)
    if not photographed:
        parser.error(f"{options.faces} has no photograph (*.jpg) with a face")
    rows, classifier = read(options.data), default_classifier()
    parts = []
    for part in PARTS:
        readings = read_rows(classifier, rows.part(part), photographed)
        people = simulated_people(np.random.default_rng(20))
        gains = [
            measure(person, readings, corrections=options.corrections, repeats=options.repeats) for person in people
        ]
        parts.append((part, gains, halo_share(people, readings)))
    text = report(parts, corrections=options.corrections, repeats=options.repeats)
    print(text)
    record.save("personal", text)


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


def measure(person: SimulatedPerson, readings: Readings, *, corrections: int, repeats: int) -> PersonalGain:
    """The distance before and after a person's corrections.

    Args:
        person: The person.
        readings: The readings to draw from.
        corrections: How many corrections they give.
        repeats: How often this is simulated.
    """
    rng = np.random.default_rng(7)
    moods = np.clip(person.moods(readings), -1, 1)
    before, after = [], []
    for _ in range(repeats):
        drawn = _draw(readings, corrections + HELD_OUT, rng)
        given, held_out = drawn[:corrections], drawn[corrections:]
        targets = _targets(person, moods[given], rng)
        shift = PersonalShift([readings.features(row) for row in given], _pairs(targets - readings.points[given]))
        shown = np.array([shift.at(readings.features(row)) for row in held_out]) + readings.points[held_out]
        before.append(_mean_distance(moods[held_out], readings.points[held_out]))
        after.append(_mean_distance(moods[held_out], np.clip(shown, -1, 1)))
    worst = max(late - early for early, late in zip(before, after, strict=True))
    return PersonalGain(person.name, float(np.mean(before)), float(np.mean(after)), worst)


def halo_share(people: Sequence[SimulatedPerson], readings: Readings) -> float:
    """The share of the people's corrections that lay in the halo drawn before them, 0..1."""
    rng = np.random.default_rng(8)
    inside = []
    for person in people:
        moods = np.clip(person.moods(readings), -1, 1)
        rows = _draw(readings, HALO_CORRECTIONS, rng)
        targets = _targets(person, moods[rows], rng)
        residuals = _pairs(targets - readings.points[rows])
        distances: list[float] = []
        for count, row in enumerate(rows):
            shift = PersonalShift([readings.features(one) for one in rows[:count]], residuals[:count])
            shown = np.clip(readings.points[row] + shift.at(readings.features(row)), -1, 1)
            radius = halo_radius(distances)
            distances.append(float(np.linalg.norm(targets[count] - shown)))
            if radius is not None:
                inside.append(distances[-1] <= radius)
    return float(np.mean(inside))


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


def report(parts: Sequence[tuple[str, Sequence[PersonalGain], float]], *, corrections: int, repeats: int) -> str:
    """The results in Markdown.

    Args:
        parts: For each part of FER2013 its name, the gains, and the share of corrections inside the halo.
        corrections: As in ``measure``.
        repeats: As in ``measure``.
    """
    lines = [
        "# What corrections change, for simulated people",
        "",
        *record.circumstances(),
        f"- {corrections} corrections and {HELD_OUT} other readings each, {repeats} times; distances on the plane",
    ]
    for part, gains, share in parts:
        lines += ["", f"## FER2013 {part}", "", "| person | before | after | ratio | worse by |"]
        lines.append("|---|---:|---:|---:|---:|")
        for gain in gains:
            ratio = f"{gain.after / gain.before:.0%}" if gain.before > 0 else ""
            worse = max(0.0, gain.after - gain.before)
            lines.append(f"| {gain.name} | {gain.before:.3f} | {gain.after:.3f} | {ratio} | {worse:.3f} |")
        before, after = (sum(getattr(gain, name) for gain in gains) for name in ("before", "after"))
        worse = max(max(0.0, gain.after - gain.before) for gain in gains)
        lines += [
            "",
            f"- all together: {after / before:.0%} of the distance before (reach: at most {REACH_RATIO:.0%})",
            f"- worse off by at most {worse:.3f} on average, {max(0.0, *(gain.worst for gain in gains)):.3f} in one "
            f"simulation (reach: at most {REACH_WORSE})",
            f"- {share:.0%} of the next corrections inside the halo (promised: {HALO_COVERAGE:.0%})",
        ]
    return "\n".join(lines)


def _draw(readings: Readings, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Different rows, with each expression as often as in a day."""
    frequencies = np.bincount(readings.labels, minlength=len(Emotion))
    weights = (Prior.EVERYDAY.probabilities / np.maximum(frequencies, 1))[readings.labels]
    return rng.choice(len(weights), count, replace=False, p=weights / weights.sum())


def _targets(person: SimulatedPerson, moods: Array, rng: np.random.Generator) -> Array:
    if person.noise is None:
        return rng.uniform(-1, 1, moods.shape)
    return np.clip(moods + rng.normal(0, person.noise, moods.shape), -1, 1)


def _pairs(points: Array) -> list[Point]:
    return [(float(valence), float(arousal)) for valence, arousal in points]


def _mean_distance(one: Array, other: Array) -> float:
    return float(np.linalg.norm(one - other, axis=1).mean())


if __name__ == "__main__":
    main()
