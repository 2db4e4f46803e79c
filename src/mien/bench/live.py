"""Measures the time from a camera's frame to a mood, with one face, with several, and with nothing moving."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from mien.bench.scenes import FRAMES_PER_S
from mien.bench.timing import Timing, timing
from mien.capture.photo import decode_jpeg
from mien.face.classifiers.classifier import Classifier
from mien.face.reader import FaceReader
from mien.live.reader import LiveReader
from mien.types import Frame


@dataclass(frozen=True, slots=True, eq=False)
class LiveMeasurement:
    """The times of live frames, from JPEG to mood.

    Attributes:
        times_ms: The time of each frame, float64 [frames].
        read: In how many frames all faces were found, with a mood.
        skipped: How many frames were answered with the previous readings because nothing had moved.
    """

    times_ms: NDArray[np.float64]
    read: int
    skipped: int

    @property
    def frames(self) -> int:
        """How many frames were measured."""
        return len(self.times_ms)

    @property
    def timing(self) -> Timing:
        """Median and 95th percentile."""
        return timing(self.times_ms)

    @property
    def mean_ms(self) -> float:
        """The mean; with several faces, which take turns, it says more than the median."""
        return float(self.times_ms.mean())


def measure_live(
    jpegs: Sequence[bytes],
    *,
    faces: int,
    reader: FaceReader,
    frames: int = 200,
    warm_up: int = 30,
    clock: Callable[[], float] = time.perf_counter,
) -> LiveMeasurement:
    """Read frames in a loop with the timestamps of a camera of 30 frames per second, however long that takes.

    Args:
        jpegs: The frames.
        faces: How many faces they show.
        reader: Reads the faces.
        frames: How many frames to measure.
        warm_up: How many frames to read before.
        clock: Monotonic time in s, for measuring.
    """
    live = LiveReader(reader.follow())
    times_ms = np.zeros(frames)
    read = skipped = 0
    for index, jpeg in enumerate(islice(cycle(jpegs), warm_up + frames)):
        started_s = clock()
        image = decode_jpeg(jpeg, max_pixels=1920 * 1080)
        answer = live.read(Frame(image, index, index / FRAMES_PER_S))
        ended_s = clock()
        if index >= warm_up:
            times_ms[index - warm_up] = 1000 * (ended_s - started_s)
            read += len(answer.faces) == faces and answer.mood is not None
            skipped += answer.skipped
    return LiveMeasurement(times_ms, read, skipped)


def make_reader(classifier: Classifier, *, threads: int) -> FaceReader:
    """A reader whose networks are loaded already."""
    reader = FaceReader(classifier=classifier, threads=threads)
    reader.read(np.zeros((480, 640, 3), np.uint8))
    return reader
