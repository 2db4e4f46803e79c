"""Choose how the network's two answers are fused under the everyday prior: ``python -m training.everyday``.

The weights decide which expression leads, so they are chosen by the goals that the reading has: of all pairs of weights
on a grid, take the pair that keeps the smallest distance to ``REQUIRED_RECALLS`` largest, in standard errors of each
recall, on PublicTest, over the rows on which at least 8 of FER+'s 10 annotators agree. What only just reaches a goal on
one split misses it on another. The temperature decides how sure the reading is: take the one with the lowest negative
log-likelihood, over the rows on which at least 7 agree (between the two reported agreements, 6 and 8), with each class
weighted by ``Prior.EVERYDAY``. Readings are averaged over each crop and its mirror image. ``--write`` stores the choice
in ``expression.json``; ``--final`` also scores PrivateTest.

Two earlier rules were scored on PrivateTest as well: the lowest likelihood without a temperature (neutral as neutral
95.8 %), and the lowest likelihood among those with a margin of one point to each goal (sad as sad 82.1 %).
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.everyday import AGREEMENTS, EverydayScores, class_weights, everyday_scores
from mien.face.classifiers.fusion import Fusion, votes_as_expressions
from mien.face.classifiers.onnx import as_input, softmax
from mien.mood.prior import Prior
from mien.onnx_runtime import open_session
from mien.types import Emotion
from training.data import DATA_HELP, EXPRESSION_VOTES, Fer2013, Rows, read
from training.exit_on_error import exit_on_error

MODELS: Final = Path("src/mien/models")
SELECTION_AGREEMENT: Final = 7
LABEL_WEIGHTS: Final = np.round(np.arange(0, 1.01, 0.1), 1)
VOTE_WEIGHTS: Final = np.round(np.arange(0.5, 2.51, 0.1), 1)
TEMPERATURES: Final = np.round(np.arange(0.4, 1.21, 0.05), 2)
REQUIRED_AGREEMENT: Final = 8
REQUIRED_RECALLS: Final = MappingProxyType(
    {Emotion.ANGRY: 0.92, Emotion.HAPPY: 0.97, Emotion.SAD: 0.85, Emotion.SURPRISE: 0.96, Emotion.NEUTRAL: 0.96}
)
CONFIDENT_COVERAGE: Final = 0.8
"""The fraction of everyday readings that count as confident, as for the first answer."""


class Answers(NamedTuple):
    """Both answers to some crops and to their mirror images.

    Attributes:
        labels: Probabilities of the expressions, float64 [2, n, 7]: for the crops and for their mirror images.
        votes: Probabilities of the votes, float64 [2, n, 8].
    """

    labels: NDArray[np.float64]
    votes: NDArray[np.float64]


def answers_of(network: Path, rows: Rows, *, temperature: float) -> Answers:
    """Run the network on crops and on their mirror images.

    Args:
        network: The ONNX file.
        rows: The crops.
        temperature: The temperature of the first answer's logits.

    Returns:
        Both answers.
    """
    session = open_session(network, threads=2)
    labels, votes = [], []
    for images in (rows.images, np.ascontiguousarray(rows.images[:, :, ::-1])):
        batches = np.array_split(as_input(images), 1 + len(images) // 256)
        found = [session.run(["logits", "votes"], {"images": batch}) for batch in batches]
        labels.append(softmax(np.concatenate([logits for logits, _ in found]).astype(np.float64) / temperature))
        votes.append(softmax(np.concatenate([logits for _, logits in found]).astype(np.float64)))
    return Answers(np.stack(labels), np.stack(votes))


def expression_votes(rows: Rows) -> NDArray[np.float64]:
    """The votes for each expression, out of ten, float64 [n, 7]; contempt counts as neutral."""
    return votes_as_expressions(rows.votes[:, :EXPRESSION_VOTES].astype(np.float64))


def read_everyday(fusion: Fusion, answers: Answers, *, prior: Prior = Prior.EVERYDAY) -> NDArray[np.float64]:
    """The mean reading of crops and mirror images under a prior, float64 [n, 7]."""
    fused = [fusion.fuse(*pair, prior.probabilities) for pair in zip(answers.labels, answers.votes, strict=True)]
    return np.asarray(np.mean(fused, axis=0))


def training_priors(data: Fer2013) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Class frequencies in the training targets of the first and the second answer, float64 [7] each."""
    rows = data.training()
    labels = np.bincount(rows.labels, minlength=len(Emotion)) / len(rows)
    votes = expression_votes(rows)
    counted = votes[votes.sum(axis=1) > 0]
    return labels, np.asarray((counted / counted.sum(axis=1, keepdims=True)).mean(axis=0))


def loss(probabilities: NDArray[np.float64], votes: NDArray[np.float64], *, agreement: int) -> float:
    """Negative log-likelihood of the majority expression, each class weighted by the everyday prior.

    Args:
        probabilities: Readings, float64 [n, 7].
        votes: As ``expression_votes`` counts them, float64 [n, 7].
        agreement: The minimum number of agreeing annotators, out of ten.

    Returns:
        The sum over all rows with this agreement.
    """
    agreed = votes.max(axis=1) >= agreement
    truth = votes[agreed].argmax(axis=1)
    weights = class_weights(np.bincount(truth, minlength=len(Emotion)))[truth]
    likelihoods = probabilities[agreed][np.arange(len(truth)), truth]
    return float(-(weights * np.log(np.maximum(likelihoods, 1e-12))).sum())


def choose(
    answers: Answers, votes: NDArray[np.float64], priors: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> Fusion:
    """Choose weights, temperature and threshold; see the module.

    Args:
        answers: The network's answers to PublicTest.
        votes: As ``expression_votes`` counts them, float64 [n, 7].
        priors: As ``training_priors`` counts them.

    Returns:
        The best fusion, with the threshold for ``CONFIDENT_COVERAGE``.
    """
    weights = product(LABEL_WEIGHTS, VOTE_WEIGHTS)
    pairs = [Fusion(float(first), float(second), 1.0, *priors, confidence_threshold=0.0) for first, second in weights]
    best = max(pairs, key=lambda fusion: smallest_margin(read_everyday(fusion, answers), votes))
    calibrated = [replace(best, temperature=float(temperature)) for temperature in TEMPERATURES]
    losses = [loss(read_everyday(fusion, answers), votes, agreement=SELECTION_AGREEMENT) for fusion in calibrated]
    best = calibrated[int(np.argmin(losses))]
    return replace(best, confidence_threshold=_threshold(read_everyday(best, answers), votes))


def smallest_margin(probabilities: NDArray[np.float64], votes: NDArray[np.float64]) -> float:
    """The smallest distance of a recall to its goal in ``REQUIRED_RECALLS``, negative below the goal.

    Args:
        probabilities: Readings, float64 [n, 7].
        votes: As ``expression_votes`` counts them, float64 [n, 7].

    Returns:
        The distance in standard errors of a recall that is exactly at its goal. Classes without a row are left out.
    """
    scores = everyday_scores(votes, probabilities, agreement=REQUIRED_AGREEMENT)
    margins = []
    for index, emotion in enumerate(Emotion):
        goal = REQUIRED_RECALLS.get(emotion)
        if goal is not None and scores.rows[index] > 0:
            error = math.sqrt(goal * (1 - goal) / float(scores.rows[index]))
            margins.append((float(scores.recalls[index]) - goal) / error)
    return min(margins, default=0.0)


def _threshold(probabilities: NDArray[np.float64], votes: NDArray[np.float64]) -> float:
    """The minimum probability of the most confident ``CONFIDENT_COVERAGE`` of everyday readings."""
    top, truth = probabilities.max(axis=1), votes.argmax(axis=1)
    weights = class_weights(np.bincount(truth, minlength=len(Emotion)))[truth]
    order = np.argsort(top)
    below = int(np.searchsorted(np.cumsum(weights[order]), 1 - CONFIDENT_COVERAGE))
    return round(float(top[order][below]), 3)


def table(split: str, votes: NDArray[np.float64], readings: dict[str, NDArray[np.float64]]) -> list[str]:
    """Markdown rows, one for each reading and agreement: everyday accuracy, calibration error, recalls."""
    lines = []
    for name, probabilities in readings.items():
        for agreement in AGREEMENTS:
            scores = everyday_scores(votes, probabilities, agreement=agreement)
            lines.append(f"| {split} | {name} | >= {agreement} of 10 ({scores.count}) | {_figures(scores)} |")
    return lines


def _figures(scores: EverydayScores) -> str:
    recalls = " | ".join(f"{100 * recall:.1f}" for recall in scores.recalls)
    return f"{100 * scores.accuracy:.2f} | {scores.calibration_error:.3f} | {recalls}"


def as_settings(fusion: Fusion) -> dict[str, Any]:
    """The ``fusion`` object of a network's settings file."""
    return {
        "label_weight": fusion.label_weight,
        "vote_weight": fusion.vote_weight,
        "temperature": fusion.temperature,
        "label_prior": [round(float(share), 4) for share in fusion.label_prior],
        "vote_prior": [round(float(share), 4) for share in fusion.vote_prior],
        "confidence_threshold": fusion.confidence_threshold,
        "chosen_by": "training.everyday on PublicTest",
    }


def main() -> None:
    """Parse the command line, choose, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument(
        "--network",
        type=Path,
        default=MODELS / "expression.onnx",
        help="ONNX file, with its settings file in the same folder",
    )
    parser.add_argument("--final", action="store_true", help="also score PrivateTest")
    parser.add_argument("--write", action="store_true", help="store the weights in the network's settings")
    arguments = parser.parse_args()
    with exit_on_error():
        _run(arguments)


def _run(arguments: argparse.Namespace) -> None:
    data = read(arguments.data)
    settings_path = arguments.network.with_suffix(".json")
    settings = json.loads(settings_path.read_text(encoding="utf-8"))
    public = data.part("PublicTest")
    answers = answers_of(arguments.network, public, temperature=settings["temperature"])
    fusion = choose(answers, expression_votes(public), training_priors(data))
    print(f"chosen on PublicTest: labels ^ {fusion.label_weight}, votes ^ {fusion.vote_weight}, ", end="")
    print(f"temperature {fusion.temperature}, ", end="")
    print(f"confident from {fusion.confidence_threshold}\n")
    print(f"| split | reading | rows | everyday accuracy, % | ECE | {' | '.join(f'{e}, %' for e in Emotion)} |")
    print("|---" * (5 + len(Emotion)) + "|")
    for split in ("PublicTest", "PrivateTest") if arguments.final else ("PublicTest",):
        rows = data.part(split)
        found = answers
        if split != "PublicTest":
            found = answers_of(arguments.network, rows, temperature=settings["temperature"])
        readings = {
            "first answer": found.labels[0],
            "second answer": votes_as_expressions(found.votes[0]),
            "first answer, everyday prior": read_everyday(
                replace(fusion, label_weight=1.0, vote_weight=0.0, temperature=1.0), found
            ),
            "second answer, everyday prior": read_everyday(
                replace(fusion, label_weight=0.0, vote_weight=1.0, temperature=1.0), found
            ),
            "everyday reading": read_everyday(fusion, Answers(found.labels[:1], found.votes[:1])),
            "everyday reading, mirrored": read_everyday(fusion, found),
        }
        print("\n".join(table(split, expression_votes(rows), readings)))
    if arguments.write:
        text = json.dumps(settings | {"fusion": as_settings(fusion)}, indent=2) + "\n"
        settings_path.write_text(text, encoding="utf-8")
        print(f"\nwritten to {settings_path}")


if __name__ == "__main__":
    main()
