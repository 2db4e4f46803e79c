"""Measures the time of a live frame by stage: decode, follow, expression, mood."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.bench.scenes import FRAMES_PER_S
from mien.bench.timing import Timing, timing
from mien.capture.photo import decode_jpeg
from mien.face.classifiers.classifier import Classifier
from mien.face.reader import FaceReader
from mien.mood.prior import Prior
from mien.mood.smooth import FaceSmoother, Steadiness
from mien.types import Expression, Frame

MAX_PIXELS: Final = 1920 * 1080

STAGES: Final = {
    "decode": "JPEG to pixels",
    "follow": "detector, mesh, alignment, and blendshapes as far as they take longer than the classifier",
    "expression": "the classifier",
    "mood": "smoothing, valence and arousal",
}
"""The stages in the order in which a frame passes through them."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """The time of live frames by stage.

    Attributes:
        frames: How many frames were measured.
        warm_up: How many frames were read before.
        read: In how many frames exactly one face was found.
        total: The time of a whole frame.
        stages: The time by stage of ``STAGES``.
        shares: The share of the total time by stage, 0..1.
    """

    frames: int
    warm_up: int
    read: int
    total: Timing
    stages: Mapping[str, Timing]
    shares: Mapping[str, float]


def measure_reading(
    jpegs: Sequence[bytes],
    *,
    classifier: Classifier,
    frames: int = 300,
    warm_up: int = 60,
    threads: int = 2,
    clock: Callable[[], float] = time.perf_counter,
) -> Measurement:
    """Read frames in a loop as a live feed does, and time each stage.

    Args:
        jpegs: The frames, each with one face.
        classifier: Classifies the expressions.
        frames: How many frames to measure.
        warm_up: How many frames to read before.
        threads: How many threads each network may use.
        clock: Monotonic time in s.
    """
    stopwatch = _Stopwatch(classifier, clock)
    smoother, steadiness = FaceSmoother(), Steadiness()
    rows: list[list[float]] = []
    read = 0
    with FaceReader(classifier=stopwatch, threads=threads) as reader:
        follower = reader.follow()
        for index, jpeg in enumerate(islice(cycle(jpegs), warm_up + frames)):
            at_s = index / FRAMES_PER_S
            stopwatch.elapsed_s = 0.0
            started_s = clock()
            image = decode_jpeg(jpeg, max_pixels=MAX_PIXELS)
            decoded_s = clock()
            readings = follower.read(Frame(image, index, at_s))
            followed_s = clock()
            for reading in readings[:1]:
                smoother.update(reading.expression, at_s=at_s, steadiness=steadiness)
            ended_s = clock()
            if index >= warm_up:
                read += len(readings) == 1
                follow_s = followed_s - decoded_s - stopwatch.elapsed_s
                rows.append([decoded_s - started_s, follow_s, stopwatch.elapsed_s, ended_s - followed_s])
    times_ms = 1000 * np.array(rows)
    shares = times_ms.sum(axis=0) / times_ms.sum()
    return Measurement(
        frames=frames,
        warm_up=warm_up,
        read=read,
        total=timing(times_ms.sum(axis=1)),
        stages={name: timing(column) for name, column in zip(STAGES, times_ms.T, strict=True)},
        shares={name: float(share) for name, share in zip(STAGES, shares, strict=True)},
    )


class _Stopwatch:
    """A classifier that measures the time of another one."""

    def __init__(self, classifier: Classifier, clock: Callable[[], float]) -> None:
        self._classifier = classifier
        self._clock = clock
        self.elapsed_s = 0.0

    @property
    def name(self) -> str:
        return self._classifier.name

    def classify(self, crops: NDArray[np.uint8], *, prior: Prior = Prior.FER2013) -> list[Expression]:
        started_s = self._clock()
        expressions = self._classifier.classify(crops, prior=prior)
        self.elapsed_s += self._clock() - started_s
        return expressions
