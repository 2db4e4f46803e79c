"""Compute all figures of the model card on one split of FER2013."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.bench.timing import Timing
from mien.evaluation.corruptions import SMALL_SIDES_PX, Corruption, corrupt_as_usual, lower_resolution
from mien.evaluation.metrics import LIGHTING, predicted_classes, score, thirds
from mien.face.reader import FaceReader
from training.data import Rows
from training.detected import DetectedCrops
from training.ferplus import NO_MAJORITY, majority
from training.network import Network
from training.views import BATCH, UniformClassifier, concatenate, detect_crops

REPORT = "make train-report"
EVALUATE = "mien evaluate"

Probabilities = NDArray[np.float64]
"""The network's probabilities [n, 7] for the unmodified crops."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the report.

    Attributes:
        key: Its name in JSON.
        measure: A description.
        value: Its value, a fraction in 0..1 if ``in_percent``; None if it is not available.
        shown: The formatted value.
        command: The command that computes it.
        in_percent: Whether it is shown in percent.
    """

    key: str
    measure: str
    value: float | None
    shown: str
    command: str
    in_percent: bool = True


def crop_figures(network: Network, rows: Rows, clean: Probabilities) -> Iterator[Figure]:
    """Figures on the unmodified crops."""
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
        probabilities = network.votes(crops, mirror=mirror) if decided.any() else None
        value = None if probabilities is None else _accuracy(labels[decided], probabilities)
        yield _share(key, measure, value, REPORT, note)


def figures_without_copies(rows: Rows, clean: Probabilities, unleaked: NDArray[np.bool_]) -> Iterator[Figure]:
    """Accuracy over the rows ``unleaked`` (bool [n]), whose image is not also in Training."""
    value = _accuracy(rows.labels[unleaked], clean[unleaked]) if unleaked.any() else None
    measure = "accuracy without the rows whose picture stands in Training"
    yield _share("accuracy_without_copies", measure, value, REPORT, f" ({unleaked.sum()} rows)")


def detect_in_crops(rows: Rows, *, threads: int) -> DetectedCrops:
    """Run mien's face reader on each crop, enlarged in a frame, and print the progress; independent of the network."""
    reader = FaceReader(classifier=UniformClassifier(), threads=threads)
    parts = []
    for start in range(0, len(rows), BATCH):
        parts.append(detect_crops(rows.images[start : start + BATCH], reader))
        print(f"\rframed {min(start + BATCH, len(rows))} of {len(rows)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return concatenate(parts)


def detector_figures(network: Network, rows: Rows, clean: Probabilities, detected: DetectedCrops) -> Iterator[Figure]:
    """Accuracy if each face must first be detected and aligned, as in ``detected``."""
    found = detected.found
    labels, command = rows.labels[found], f"{EVALUATE} --framed"
    yield _share("framed_found", "face found in a frame of 640x480", float(found.mean()), command)
    if not found.any():
        return
    as_crops = _accuracy(labels, clean[found])
    framed = _accuracy(labels, network.labels(detected.crops[found]))
    yield _share("framed_as_crops", "accuracy of those rows as crops", as_crops, command)
    yield _share("framed_accuracy", "accuracy of those rows behind the detector", framed, command)
    yield _points("framed_points_lost", "points lost behind the detector", as_crops - framed, command)


def corruption_figures(network: Network, rows: Rows, clean: Probabilities) -> Iterator[Figure]:
    """Accuracy under each corruption at severity 3, their mean, and its difference to the unmodified crops."""
    command = f"{EVALUATE} --crops --corruptions"
    values = []
    for corruption in Corruption:
        images = np.stack([corrupt_as_usual(crop, corruption) for crop in rows.images])
        values.append(_accuracy(rows.labels, network.labels(images)))
        yield _share(f"corrupted_{corruption.name.lower()}", f"accuracy under {corruption}", values[-1], command)
    mean, clean_accuracy = float(np.mean(values)), _accuracy(rows.labels, clean)
    yield _share("corrupted_mean", "accuracy under the six corruptions, mean", mean, command)
    yield _points(
        "corrupted_points_lost", "points lost under the six corruptions, mean", clean_accuracy - mean, command
    )


def size_figures(network: Network, rows: Rows) -> Iterator[Figure]:
    """Accuracy at lower resolutions of the face."""
    for side_px in SMALL_SIDES_PX:
        smaller = np.stack([lower_resolution(crop, side_px=side_px) for crop in rows.images])
        value = _accuracy(rows.labels, network.labels(smaller))
        yield _share(f"size_{side_px}_px", f"accuracy, face of {side_px} px", value, f"{EVALUATE} --crops --by size")


def lighting_figures(rows: Rows, clean: Probabilities) -> Iterator[Figure]:
    """Accuracy for each third of the crops by brightness (mean) and by contrast (standard deviation)."""
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


def speed_figure(timing: Timing, *, threads: int) -> Figure:
    """The duration of one forward pass."""
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
