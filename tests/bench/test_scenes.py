"""The frames that are measured with: faces that move, and a room in which nothing does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from mien.bench.scenes import moving_faces, still_room
from mien.capture.photo import decode_jpeg
from mien.errors import ImageError
from mien.face.reader import FaceReader
from mien.face.still import is_still, shrink
from mien.types import Image


@pytest.fixture(scope="module")
def jpegs(smiling_person: NDArray[np.uint8]) -> list[bytes]:
    return moving_faces([smiling_person], count=12)


def decoded(jpeg: bytes) -> Image:
    return decode_jpeg(jpeg, max_pixels=1280 * 720)


def test_the_frames_show_one_face_that_moves(jpegs: list[bytes]) -> None:
    reader = FaceReader()
    places = []
    for jpeg in jpegs[::3]:
        image = decoded(jpeg)
        assert image.shape == (480, 640, 3)
        (reading,) = reader.read(image)
        assert 140 < reading.face.box.height < 240
        places.append(reading.face.box.x)
    assert max(places) - min(places) > 20


def test_successive_frames_differ(jpegs: list[bytes]) -> None:
    small = [shrink(decoded(jpeg)) for jpeg in jpegs]
    assert not any(is_still(before, after) for before, after in pairwise(small))


@pytest.mark.parametrize(("width_px", "height_px"), [(640, 480), (1280, 720)])
@pytest.mark.parametrize("faces", [2, 4])
def test_several_faces_fit_in_a_frame(
    faces: int, width_px: int, height_px: int, smiling_person: NDArray[np.uint8]
) -> None:
    scene = moving_faces([smiling_person], faces=faces, width_px=width_px, height_px=height_px, count=4)
    reader = FaceReader()
    assert [len(reader.read(decoded(jpeg))) for jpeg in scene] == [faces] * 4


def test_frames_of_a_still_room_differ_by_noise_only(jpegs: list[bytes]) -> None:
    first, second = still_room(jpegs[0], count=2)
    assert first != second
    assert is_still(shrink(decoded(first)), shrink(decoded(second)))


def test_colours_are_those_of_the_photo(jpegs: list[bytes]) -> None:
    # The astronaut's suit is orange: were red and blue exchanged, blue would lead.
    red, _, blue = decoded(jpegs[0])[360:].reshape(-1, 3).mean(axis=0)
    assert red > blue + 10


def test_a_photo_without_a_face_is_refused() -> None:
    with pytest.raises(ImageError, match="No face"):
        moving_faces([np.full((300, 300, 3), 128, np.uint8)])


def test_a_photo_of_several_people_is_refused(smiling_person: NDArray[np.uint8]) -> None:
    face = smiling_person[20:220, 160:290]
    with pytest.raises(ImageError, match="a single face"):
        moving_faces([np.concatenate([face, face], axis=1)])


def test_more_faces_than_there_is_room_for_are_refused(smiling_person: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        moving_faces([smiling_person], faces=5)
