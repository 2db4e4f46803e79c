"""What our own detector makes of FER2013: ``python -m training.views --data fer2013.csv --out runs/views.npz``.

A network that has seen nothing but FER2013's own crops is worse behind a detector that cuts faces another way. So it
is trained on both: every picture as it stands, and as the reader finds it in a larger frame (``evaluation.framing``).
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
    """A classifier that saves the time of a real one: views are taken before there is a network to trust."""

    name = "none"

    def classify(self, crops: NDArray[np.uint8], *, prior: Prior = Prior.FER2013) -> list[Expression]:  # noqa: ARG002
        """The same for every crop."""
        uniform = Expression({emotion: 1 / len(Emotion) for emotion in Emotion}, confident=False, model=self.name)
        return [uniform] * len(crops)


def detect_crops(pictures: NDArray[np.uint8], reader: FaceReader) -> DetectedCrops:
    """What ``reader`` sees in each of ``pictures`` (uint8 [n, 48, 48]) when it stands in a frame."""
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
    """Several views, one behind the other."""
    return DetectedCrops(
        found=np.concatenate([part.found for part in parts]),
        crops=np.concatenate([part.crops for part in parts]),
        blendshapes=np.concatenate([part.blendshapes for part in parts]),
        presence=np.concatenate([part.presence for part in parts]),
    )


def summary(data: Fer2013, detected: DetectedCrops) -> Iterator[str]:
    """A line a split: the share of rows in which a face was found, over all and by class."""
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
    """The reader's views of every row, taken by ``jobs`` processes; prints the progress and what was found."""
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
    """How many processes this one may keep busy."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batch(pictures: NDArray[np.uint8]) -> DetectedCrops:
    return detect_crops(pictures, FaceReader(classifier=UniformClassifier(), threads=1))


def main() -> None:
    """Parse the command line and take the views."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--out", type=Path, required=True, help="where to write the views (.npz)")
    parser.add_argument("--jobs", type=int, default=cores(), help="how many processes (default: one a core)")
    arguments = parser.parse_args()
    with exit_on_error():
        data = read(arguments.data)
        detect_all(data, jobs=arguments.jobs).save(arguments.out, data.rows.images)


if __name__ == "__main__":
    main()
