"""Crop FER2013 with mien's detector: ``python -m training.views --data fer2013.csv --out runs/views.npz``.

A network that was trained only on FER2013's crops is less accurate with a detector that crops faces differently. It is
therefore trained on both: each original image, and the crop that the face reader makes from the image in a larger frame
(``mien.evaluation.framing``).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.evaluation.framing import framed
from mien.face.align import CROP_PX, align
from mien.face.reader import FaceReader
from mien.mood.prior import Prior
from mien.types import BLENDSHAPE_COUNT, Emotion, Expression
from training.data import CLASSES, DATA_HELP, SPLITS, Fer2013, read
from training.detected import DetectedCrops
from training.exit_on_error import exit_on_error

BATCH = 100


class UniformClassifier:
    """A classifier with a uniform result, for use of the face reader without an expression network."""

    name = "none"

    def classify(self, crops: NDArray[np.uint8], *, prior: Prior = Prior.FER2013) -> list[Expression]:  # noqa: ARG002
        """The uniform distribution for each crop."""
        uniform = Expression({emotion: 1 / len(Emotion) for emotion in Emotion}, confident=False, model=self.name)
        return [uniform] * len(crops)


def detect_crops(pictures: NDArray[np.uint8], reader: FaceReader) -> DetectedCrops:
    """Run ``reader`` on each of ``pictures`` (uint8 [n, 48, 48]), placed in a larger frame."""
    count = len(pictures)
    detected = DetectedCrops(
        found=np.zeros(count, dtype=np.bool_),
        crops=np.zeros((count, CROP_PX, CROP_PX), dtype=np.uint8),
        blendshapes=np.zeros((count, BLENDSHAPE_COUNT), dtype=np.float32),
        presence=np.zeros(count, dtype=np.float32),
    )
    for row, picture in enumerate(pictures):
        frame = framed(picture)
        readings = reader.read(frame)
        if readings:
            face = readings[0].face
            detected.found[row] = True
            detected.crops[row] = align(frame, face.landmarks)
            detected.blendshapes[row] = readings[0].features.blendshapes
            detected.presence[row] = face.confidence
    return detected


def concatenate(parts: list[DetectedCrops]) -> DetectedCrops:
    """Concatenate the rows of several results."""
    return DetectedCrops(
        found=np.concatenate([part.found for part in parts]),
        crops=np.concatenate([part.crops for part in parts]),
        blendshapes=np.concatenate([part.blendshapes for part in parts]),
        presence=np.concatenate([part.presence for part in parts]),
    )


def summary(data: Fer2013, detected: DetectedCrops) -> Iterator[str]:
    """One line per split: the percentage of rows in which a face was found, overall and by class."""
    for number, split in enumerate(SPLITS):
        inside = data.split == number
        if not inside.any():
            continue
        shares = [
            f"{name} {100 * detected.found[inside & (data.rows.labels == label)].mean():.1f}"
            for label, name in enumerate(CLASSES)
            if (inside & (data.rows.labels == label)).any()
        ]
        yield f"{split}: found {100 * detected.found[inside].mean():.1f} % of {inside.sum()} ({', '.join(shares)})"


def detect_all(data: Fer2013, *, jobs: int) -> DetectedCrops:
    """Run the face reader on all rows in ``jobs`` processes, and print the progress and a summary."""
    pictures = data.rows.images
    batches = [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]
    parts: list[DetectedCrops] = []
    start_s = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(_batch, batches):
            parts.append(part)
            if len(parts) % 10 == 0 or len(parts) == len(batches):
                rows, found = sum(len(p.found) for p in parts), sum(int(p.found.sum()) for p in parts)
                elapsed_s = time.monotonic() - start_s
                print(f"{rows:6d} of {len(pictures)}, found {100 * found / rows:.1f} %, {elapsed_s:.0f} s", flush=True)
    detected = concatenate(parts)
    for line in summary(data, detected):
        print(line)
    return detected


def cores() -> int:
    """The number of CPU cores available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batch(pictures: NDArray[np.uint8]) -> DetectedCrops:
    return detect_crops(pictures, FaceReader(classifier=UniformClassifier(), threads=1))


def main() -> None:
    """Parse the command line and write the detected crops."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--out", type=Path, required=True, help="file to write (.npz)")
    parser.add_argument("--jobs", type=int, default=cores(), help="number of processes (default: one per core)")
    arguments = parser.parse_args()
    with exit_on_error():
        data = read(arguments.data)
        detect_all(data, jobs=arguments.jobs).save(arguments.out, data.rows.images)


if __name__ == "__main__":
    main()
