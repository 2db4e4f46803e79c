"""Measures the gain of "my neutral" for a synthetic shift: FER2013 with simulated people.

    python -m benchmarks.neutral --data fer2013.zip [--people 200] [--rest 5]

No available data set has many labelled images of each of many people. So people are simulated: each is a random shift
that is added to the log-probabilities of all "their" images, which are rows of PublicTest that show different people.
The resting face is the median of a few shifted neutral images; other shifted images are then read with and without it.
This shows that the correction removes such a shift, and what it costs without one; it does not show how much real
people differ at rest. The table is printed and written to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import record
from mien.face.classifiers.classifier import Classifier
from mien.face.classifiers.onnx import default_classifier
from mien.mood.logits import centred_logs, expression_of
from mien.mood.neutral import TYPICAL_LOGS, NeutralBaseline, NeutralCalibration, relative_expression
from mien.mood.prior import Prior
from mien.types import BLENDSHAPE_COUNT, Emotion, Expression
from training.data import Rows, read

STRENGTHS: Final = (0.0, 0.6, 1.2)
"""Standard deviations of the simulated shift of each log-probability."""

PICTURES: Final = 50
RESTING: Final = 10
_BATCH: Final = 64
_EMOTIONS: Final = list(Emotion)
_NEUTRAL: Final = _EMOTIONS.index(Emotion.NEUTRAL)
_HAPPY: Final = _EMOTIONS.index(Emotion.HAPPY)


@dataclass(frozen=True, slots=True)
class Gain:
    """Accuracy, 0..1, without and with the neutral: on all, on neutral and on happy images."""

    strength: float
    accuracy: tuple[float, float]
    rest: tuple[float, float]
    happy: tuple[float, float]


def main() -> None:
    """Measure, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip or fer2013.csv")
    parser.add_argument("--people", type=int, default=200, help="made-up people for each strength (default 200)")
    parser.add_argument("--rest", type=int, default=5, help="neutral pictures that a rest is learnt from (default 5)")
    options = parser.parse_args()
    if options.people < 1:
        parser.error("--people must be 1 or more")
    rows = read(options.data).part("PublicTest")
    most = int((rows.labels == _NEUTRAL).sum()) - RESTING
    if not 1 <= options.rest <= most:
        parser.error(f"--rest must be from 1 to {most}: the number of neutral pictures without the {RESTING} to read")
    classifier = default_classifier()
    logs = read_logs(classifier, rows)
    gains = [
        measure(logs, rows.labels, classifier.name, strength, people=options.people, rest=options.rest)
        for strength in STRENGTHS
    ]
    text = report(gains, np.median(logs[rows.labels == _NEUTRAL], axis=0), people=options.people, rest=options.rest)
    print(text)
    record.save("neutral", text)


def read_logs(classifier: Classifier, rows: Rows) -> NDArray[np.float64]:
    """Centred log-probabilities [n, 7] of every row."""
    batches = [
        classifier.classify(rows.images[start : start + _BATCH], prior=Prior.EVERYDAY)
        for start in range(0, len(rows), _BATCH)
    ]
    return np.array([centred_logs(expression) for batch in batches for expression in batch])


def measure(
    logs: NDArray[np.float64], labels: NDArray[np.int64], model: str, strength: float, *, people: int, rest: int
) -> Gain:
    """Simulate people, learn the resting face of each, and read their other images."""
    rng = np.random.default_rng(0)
    neutral_rows = np.flatnonzero(labels == _NEUTRAL)
    right: dict[str, list[NDArray[np.bool_]]] = {"all": [], "rest": [], "happy": []}
    for _ in range(people):
        shift = rng.normal(0, strength, len(Emotion))
        at_rest = rng.choice(neutral_rows, rest + RESTING, replace=False)
        neutral = _learnt([_expression(row + shift, model) for row in logs[at_rest[:rest]]])
        shown = rng.choice(np.setdiff1d(np.arange(len(logs)), at_rest), PICTURES, replace=False)
        for name, some in (
            ("all", shown),
            ("rest", at_rest[rest:]),
            ("happy", shown[labels[shown] == _HAPPY]),
        ):
            right[name].append(_read(logs[some] + shift, labels[some], neutral, model))
    shares = {name: np.concatenate(parts).mean(axis=0) for name, parts in right.items()}
    pairs = [(float(shares[name][0]), float(shares[name][1])) for name in right]
    return Gain(strength, *pairs)


def report(gains: Sequence[Gain], typical: NDArray[np.float64], *, people: int, rest: int) -> str:
    """The result in Markdown."""
    lines = [
        "# My neutral on a synthetic shift",
        "",
        *record.circumstances(),
        f"- FER2013 PublicTest; {people} made-up people, {PICTURES} pictures each, at rest in {rest} others",
        "",
        "| shift (made up) | all pictures | with my neutral | neutral ones | with | happy ones | with |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for gain in gains:
        cells = (f"{share:.1%}" for pair in (gain.accuracy, gain.rest, gain.happy) for share in pair)
        lines.append(f"| {gain.strength or 'none'} | " + " | ".join(cells) + " |")
    medians = ", ".join(f"{emotion} {value:.2f}" for emotion, value in zip(Emotion, typical, strict=True))
    assumed = ", ".join(f"{value:.1f}" for value in TYPICAL_LOGS)
    lines += ["", f"Typical face at rest, as read: {medians}; as assumed: {assumed}."]
    return "\n".join(lines)


def _learnt(expressions: Sequence[Expression]) -> NeutralBaseline:
    calibration = NeutralCalibration()
    still = np.zeros(BLENDSHAPE_COUNT, np.float32)
    for index in range(100):
        calibration.add(expressions[index % len(expressions)], still, at_s=index / 10)
    return calibration.finish()


def _read(
    logs: NDArray[np.float64], labels: NDArray[np.int64], neutral: NeutralBaseline, model: str
) -> NDArray[np.bool_]:
    """Whether each image is read as labelled, without and with the neutral: bool [n, 2]."""
    expressions = [_expression(row, model) for row in logs]
    tops = [(plain.top, relative_expression(neutral, plain).top) for plain in expressions]
    named = [_EMOTIONS[label] for label in labels]
    return np.array(
        [[top is name for top in pair] for pair, name in zip(tops, named, strict=True)], dtype=np.bool_
    ).reshape(-1, 2)


def _expression(logs: NDArray[np.float64], model: str) -> Expression:
    return expression_of(logs, confident=True, model=model)


if __name__ == "__main__":
    main()
