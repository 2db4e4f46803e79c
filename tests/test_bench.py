"""The benchmark of live reading: its frames, its clock, its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mien.bench import HEIGHT_PX, STAGES, WIDTH_PX, measure_reading, moving_face
from mien.errors import ImageError
from mien.face.classifiers.onnx import default_classifier
from mien.face.reader import FaceReader
from mien.photo import decode_jpeg


@pytest.fixture(scope="module")
def jpegs(smiling_person: NDArray[np.uint8]) -> list[bytes]:
    return moving_face(smiling_person, count=12)


def test_the_frames_show_one_face_that_moves(jpegs: list[bytes]) -> None:
    reader = FaceReader()
    places = []
    for jpeg in jpegs[::3]:
        image = decode_jpeg(jpeg, max_pixels=WIDTH_PX * HEIGHT_PX)
        assert image.shape == (HEIGHT_PX, WIDTH_PX, 3)
        (reading,) = reader.read(image)
        assert 140 < reading.face.box.height < 240
        places.append(reading.face.box.x)
    assert max(places) - min(places) > 20


def test_colours_are_those_of_the_photo(jpegs: list[bytes], smiling_person: NDArray[np.uint8]) -> None:
    # The astronaut's suit is orange: were red and blue exchanged, blue would lead.
    image = decode_jpeg(jpegs[0], max_pixels=WIDTH_PX * HEIGHT_PX)
    red, _, blue = image[HEIGHT_PX - 120 :].reshape(-1, 3).mean(axis=0)
    assert red > blue + 10


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
    wall = cv2.imencode(".jpg", np.full((HEIGHT_PX, WIDTH_PX, 3), 128, np.uint8))[1].tobytes()
    measured = measure_reading([wall], classifier=default_classifier(), frames=3, warm_up=0)
    assert measured.read == 0
    assert measured.shares["expression"] == 0


def test_a_photo_without_a_face_is_refused() -> None:
    with pytest.raises(ImageError, match="No face"):
        moving_face(np.full((300, 300, 3), 128, np.uint8))


def test_a_photo_of_several_people_is_refused(smiling_person: NDArray[np.uint8]) -> None:
    face = smiling_person[20:220, 160:290]
    with pytest.raises(ImageError, match="a single face"):
        moving_face(np.concatenate([face, face], axis=1))
