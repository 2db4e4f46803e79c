"""The benchmark of a frame's stages: its clock, its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.bench.scenes import moving_faces
from mien.bench.stages import STAGES, measure_reading
from mien.face.classifiers.onnx import default_classifier


@pytest.fixture(scope="module")
def jpegs(smiling_person: NDArray[np.uint8]) -> list[bytes]:
    return moving_faces([smiling_person], count=12)


def test_measures_each_stage_with_the_clock_it_is_given(jpegs: list[bytes]) -> None:
    def ticks() -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += 0.001

    clock = ticks()
    measured = measure_reading(jpegs, classifier=default_classifier(), frames=10, warm_up=5, clock=lambda: next(clock))
    # The clock moves 1 ms each time somebody looks at it: twice inside the classifier.
    assert measured.stages["decode"].median_ms == pytest.approx(1)
    assert measured.stages["expression"].median_ms == pytest.approx(1)
    assert measured.stages["follow"].median_ms == pytest.approx(2)
    assert measured.stages["mood"].p95_ms == pytest.approx(1)
    assert measured.total.median_ms == pytest.approx(5)
    assert measured.shares == pytest.approx({"decode": 0.2, "follow": 0.4, "expression": 0.2, "mood": 0.2})
    assert list(measured.stages) == list(STAGES)
    assert (measured.frames, measured.warm_up, measured.read) == (10, 5, 10)


def test_frames_without_a_face_are_not_counted_as_read() -> None:
    wall = cv2.imencode(".jpg", np.full((480, 640, 3), 128, np.uint8))[1].tobytes()
    measured = measure_reading([wall], classifier=default_classifier(), frames=3, warm_up=0)
    assert measured.read == 0
    assert measured.shares["expression"] == 0
