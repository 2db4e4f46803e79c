"""Every figure of the model card, measured on one split of FER2013."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.corruptions import SMALL_SIDES_PX, Corruption, corrupt_as_usual, lower_resolution
from mien.evaluation.metrics import LIGHTING, predicted_classes, score, thirds
from mien.face.reader import FaceReader
from training.data import Rows
from training.detected import Views
from training.ferplus import NO_MAJORITY, majority
from training.network import Network, Timing
from training.views import BATCH, NoOpinion, joined, views

REPORT = "make train-report"
EVALUATE = "mien evaluate"

Answers = NDArray[np.float64]
"""What the network says of each crop as it stands: probabilities [n, 7]."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: ``measure`` in words, a ``value`` or None where it cannot be had, as ``shown``, by which command.

    Shares are 0..1, and ``in_percent`` when they are shown; ``key`` names the figure in JSON.
    """

    key: str
    measure: str
    value: float | None
    shown: str
    command: str
    in_percent: bool = True


def of_crops(network: Network, rows: Rows, clean: Answers) -> Iterator[Figure]:
    """What the crops as they stand tell."""
    scores = score(rows.labels, clean)
    mirrored = _accuracy(rows.labels, network.labels(rows.images, mirror=True))
    crops = f"{EVALUATE} --crops"
    yield _share("accuracy", "accuracy", scores.accuracy, crops)
    yield _share("accuracy_mirror", "accuracy, mean of mirror images", mirrored, f"{crops} --mirror")
    yield _share("macro_f1", "macro F1", scores.macro_f1, crops)
    yield _share("ece", "expected calibration error, 15 bins", scores.calibration_error, crops)
    yield _share("accuracy_at_80_coverage", "accuracy at 80 % coverage", scores.selective_accuracy, crops)
    yield from _ferplus(network, rows)


def _ferplus(network: Network, rows: Rows) -> Iterator[Figure]:
    labels = majority(rows.votes)
    decided = labels != NO_MAJORITY
    crops = rows.images[decided]
    note = f" ({decided.sum()} rows)"
    for key, words, mirror in (("ferplus", "", False), ("ferplus_mirror", ", mean of mirror images", True)):
        measure = f"FER+, label of the majority{words}"
        answers = network.votes(crops, mirror=mirror) if decided.any() else None
        value = None if answers is None else _accuracy(labels[decided], answers)
        yield _share(key, measure, value, REPORT, note)


def without_copies(rows: Rows, clean: Answers, unleaked: NDArray[np.bool_]) -> Iterator[Figure]:
    """Accuracy over the rows whose picture does not stand in Training as well; ``unleaked`` bool [n] names them."""
    value = _accuracy(rows.labels[unleaked], clean[unleaked]) if unleaked.any() else None
    measure = "accuracy without the rows whose picture stands in Training"
    yield _share("accuracy_without_copies", measure, value, REPORT, f" ({unleaked.sum()} rows)")


def looked_at(rows: Rows, *, threads: int) -> Views:
    """What mien's reader finds of each crop, enlarged in a frame: the same for every network; prints the progress."""
    reader = FaceReader(classifier=NoOpinion(), threads=threads)
    parts = []
    for start in range(0, len(rows), BATCH):
        parts.append(views(rows.images[start : start + BATCH], reader))
        print(f"\rframed {min(start + BATCH, len(rows))} of {len(rows)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return joined(parts)


def behind_the_detector(network: Network, rows: Rows, clean: Answers, seen: Views) -> Iterator[Figure]:
    """What is left of the accuracy when each crop has to be found and aligned first, as in ``seen``."""
    found = seen.found
    labels, command = rows.labels[found], f"{EVALUATE} --framed"
    yield _share("framed_found", "face found in a frame of 640x480", float(found.mean()), command)
    if not found.any():
        return
    as_crops = _accuracy(labels, clean[found])
    framed = _accuracy(labels, network.labels(seen.crops[found]))
    yield _share("framed_as_crops", "accuracy of those rows as crops", as_crops, command)
    yield _share("framed_accuracy", "accuracy of those rows behind the detector", framed, command)
    yield _points("framed_points_lost", "points lost behind the detector", as_crops - framed, command)


def corrupted(network: Network, rows: Rows, clean: Answers) -> Iterator[Figure]:
    """Accuracy under each corruption at severity 3, their mean, and how far that lies under the clean crops'."""
    command = f"{EVALUATE} --crops --corruptions"
    values = []
    for corruption in Corruption:
        spoilt = np.stack([corrupt_as_usual(crop, corruption) for crop in rows.images])
        values.append(_accuracy(rows.labels, network.labels(spoilt)))
        yield _share(f"corrupted_{corruption.name.lower()}", f"accuracy under {corruption}", values[-1], command)
    mean, unspoilt = float(np.mean(values)), _accuracy(rows.labels, clean)
    yield _share("corrupted_mean", "accuracy under the six corruptions, mean", mean, command)
    yield _points("corrupted_points_lost", "points lost under the six corruptions, mean", unspoilt - mean, command)


def by_size(network: Network, rows: Rows) -> Iterator[Figure]:
    """Accuracy when faces are smaller in the picture."""
    for side_px in SMALL_SIDES_PX:
        smaller = np.stack([lower_resolution(crop, side_px=side_px) for crop in rows.images])
        value = _accuracy(rows.labels, network.labels(smaller))
        yield _share(f"size_{side_px}_px", f"accuracy, face of {side_px} px", value, f"{EVALUATE} --crops --by size")


def by_lighting(rows: Rows, clean: Answers) -> Iterator[Figure]:
    """Accuracy for each third of the crops by brightness (mean gray) and by contrast (its standard deviation)."""
    right = predicted_classes(clean) == rows.labels
    for name, values in (
        ("brightness", rows.images.mean(axis=(1, 2))),
        ("contrast", rows.images.std(axis=(1, 2))),
    ):
        place = thirds(values)
        for third, word in enumerate(LIGHTING[name]):
            inside = place == third
            value = float(right[inside].mean()) if inside.any() else None
            command = f"{EVALUATE} --crops --by lighting"
            yield _share(f"{name}_{word}", f"accuracy, {name}: {word} third", value, command)


def of_speed(timing: Timing, *, threads: int) -> Figure:
    """The time for one forward pass."""
    measure = f"one forward pass, batch 1, {threads} threads, median"
    shown = f"{timing.median_ms:.2f} ms (95th percentile {timing.p95_ms:.2f})"
    return Figure("forward_ms", measure, timing.median_ms, shown, REPORT, in_percent=False)


def _accuracy(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    return float((predicted_classes(probabilities) == labels).mean())


def _share(key: str, measure: str, value: float | None, command: str, note: str = "") -> Figure:
    shown = "not known" if value is None else f"{100 * value:.2f} %{note}"
    return Figure(key, measure, value, shown, command)


def _points(key: str, measure: str, share: float, command: str) -> Figure:
    return Figure(key, measure, 100 * share, f"{100 * share:.2f}", command, in_percent=False)
