"""Measures how long a live frame takes, warm, stage by stage: decode, follow, expression, mood."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.errors import ImageError
from mien.face.classifiers.classifier import Classifier
from mien.face.reader import FaceReader
from mien.mood.smooth import FaceSmoother, Steadiness
from mien.photo import decode_jpeg
from mien.types import Expression, Frame, Image, Reading

WIDTH_PX: Final = 640
HEIGHT_PX: Final = 480
FRAMES_PER_S: Final = 30

#: The height of the face in the frames: somebody half a metre from a laptop's camera.
FACE_PX: Final = 180
JPEG_QUALITY: Final = 70

STAGES: Final = {
    "decode": "JPEG to pixels",
    "follow": "detector, mesh, blendshapes, alignment",
    "expression": "the classifier",
    "mood": "smoothing, valence and arousal",
}
"""What is timed, in the order in which a frame passes through."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds a frame: the median, and what 95 % of frames stay below."""

    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """What ``frames`` live frames cost after ``warm_up`` others.

    ``read`` of them showed exactly one face; ``total`` is a whole frame; ``stages`` and ``shares`` (of the time of
    all frames, 0..1) go by ``STAGES``.
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
    """Read ``jpegs`` again and again as a live feed does, and time each stage; ``clock`` is monotonic, in seconds."""
    stopwatch = _Stopwatch(classifier, clock)
    follower = FaceReader(classifier=stopwatch, threads=threads).follow()
    smoother = FaceSmoother(Steadiness())
    rows: list[list[float]] = []
    read = 0
    for index, jpeg in enumerate(islice(cycle(jpegs), warm_up + frames)):
        at_s = index / FRAMES_PER_S
        stopwatch.elapsed_s = 0.0
        started_s = clock()
        image = decode_jpeg(jpeg, max_pixels=WIDTH_PX * HEIGHT_PX)
        decoded_s = clock()
        readings = follower.read(Frame(image, index, at_s))
        followed_s = clock()
        for reading in readings[:1]:
            smoother.update(reading.expression, at_s=at_s)
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
        total=_timing(times_ms.sum(axis=1)),
        stages={name: _timing(column) for name, column in zip(STAGES, times_ms.T, strict=True)},
        shares={name: float(share) for name, share in zip(STAGES, shares, strict=True)},
    )


def moving_face(photo: Image, *, count: int = 60) -> list[bytes]:
    """Make a loop of ``count`` camera frames, JPEG of 640x480, in which the face of ``photo`` sways and nods.

    The biggest face is set into the middle, 180 px high. Raises ``ImageError`` when a frame shows not one face.
    """
    reader = FaceReader()
    found = reader.read(photo)
    if not found:
        raise ImageError("No face was found in the photo; choose one that shows a single face.")
    frames = [_frame(photo, found[0], phase=2 * math.pi * i / count) for i in range(count)]
    seen = len(reader.read(frames[0]))
    if seen != 1:
        raise ImageError(f"The frames made of the photo show {seen} faces; choose one that shows a single face.")
    return [_jpeg(frame) for frame in frames]


class _Stopwatch:
    """A classifier that adds up how long another one takes."""

    def __init__(self, classifier: Classifier, clock: Callable[[], float]) -> None:
        self._classifier = classifier
        self._clock = clock
        self.elapsed_s = 0.0

    @property
    def name(self) -> str:
        return self._classifier.name

    def classify(self, crops: NDArray[np.uint8]) -> list[Expression]:
        started_s = self._clock()
        expressions = self._classifier.classify(crops)
        self.elapsed_s += self._clock() - started_s
        return expressions


def _timing(times_ms: NDArray[np.float64]) -> Timing:
    median, p95 = np.percentile(times_ms, [50, 95])
    return Timing(float(median), float(p95))


def _frame(photo: Image, reading: Reading, *, phase: float) -> Image:
    box = reading.face.box
    centre = (box.x + box.width / 2, box.y + box.height / 2)
    scale = FACE_PX / box.height * (1 + 0.05 * math.sin(2 * phase))
    transform = cv2.getRotationMatrix2D(centre, 6 * math.sin(phase), scale)
    transform[0, 2] += WIDTH_PX / 2 - centre[0] + 40 * math.sin(phase)
    transform[1, 2] += HEIGHT_PX / 2 - centre[1]
    frame = cv2.warpAffine(photo, transform, (WIDTH_PX, HEIGHT_PX), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(frame, dtype=np.uint8)


def _jpeg(frame: Image) -> bytes:
    bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
