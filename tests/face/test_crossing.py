"""Real faces that walk past each other in live video: each keeps its id, behind the other and out of sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.walking_heads import draw_head, head_of
from mien.capture.photo import read_photo
from mien.face.reader import FaceReader
from mien.types import Frame, Image

FRAMES_PER_S = 15

#: The center (x, y) and the width of a head at a time, in pixels; None while it is hidden.
Walk = Callable[[float], tuple[float, float, float] | None]


def ids_of(reader: FaceReader, heads: Sequence[Image], walks: Sequence[Walk], *, seconds: float) -> list[set[int]]:
    """The ids of each head, in 320 by 240 pixels with a webcam's noise; later heads pass in front of earlier ones."""
    rng = np.random.default_rng(5)
    room = cv2.GaussianBlur(rng.integers(0, 256, (240, 320, 3)).astype(np.uint8), (0, 0), 6).astype(np.float64)
    follower = reader.follow()
    ids: list[set[int]] = [set() for _ in heads]
    for index in range(round(seconds * FRAMES_PER_S)):
        places = [walk(index / FRAMES_PER_S) for walk in walks]
        scene = room
        for picture, place in zip(heads, places, strict=True):
            scene = scene if place is None else draw_head(scene, picture, *place)
        frame = np.clip(scene + rng.normal(0, 2, scene.shape), 0, 255).astype(np.uint8)
        apart = all(
            abs(one[0] - other[0]) > 50 for one in places for other in places if one and other and one is not other
        )
        for reading in follower.read(Frame(frame, index, index / FRAMES_PER_S)):
            box = reading.face.box
            middle = box.x + box.width / 2
            near = [who for who, place in enumerate(places) if place and abs(place[0] - middle) < 20]
            if apart and reading.face.track_id is not None:
                assert len(near) == 1
                ids[near[0]].add(reading.face.track_id)
    return ids


def rightwards(t: float) -> tuple[float, float, float]:
    return 60 + 70 * t, 118, 95


def leftwards(t: float) -> tuple[float, float, float]:
    return 260 - 70 * t, 122, 88


def hidden_for_half_a_second(t: float) -> tuple[float, float, float] | None:
    return None if 1 < t < 1.5 else (230 - 10 * t, 120, 90)


@pytest.fixture(scope="module")
def twins(reader: FaceReader, smiling_person: Image) -> list[Image]:
    """One face, and the same mirrored, broader and darker."""
    broader = cv2.resize(smiling_person[:, ::-1], None, fx=1, fy=0.8)
    return [head_of(reader, smiling_person), head_of(reader, (broader * 0.8).astype(np.uint8))]


@pytest.mark.parametrize("walks", [(rightwards, leftwards), (leftwards, rightwards)])
def test_two_similar_faces_keep_their_ids_when_they_cross(
    reader: FaceReader, twins: list[Image], walks: tuple[Walk, Walk]
) -> None:
    assert sorted(ids_of(reader, twins, walks, seconds=2.8), key=min) == [{1}, {2}]


def test_a_face_hidden_for_half_a_second_keeps_its_id(reader: FaceReader, twins: list[Image]) -> None:
    walks: tuple[Walk, Walk] = (lambda t: (80 + 20 * t, 120, 90), hidden_for_half_a_second)
    assert sorted(ids_of(reader, twins, walks, seconds=2), key=min) == [{1}, {2}]


@pytest.mark.parametrize("other", ["obama_biden.jpg", "img1.jpg", "img14.jpg"])
def test_two_people_keep_their_ids_when_they_cross(
    reader: FaceReader, smiling_person: Image, shared_data: Path, other: str
) -> None:
    heads = [head_of(reader, smiling_person), head_of(reader, read_photo(shared_data / "faces" / other))]
    assert sorted(ids_of(reader, heads, (rightwards, leftwards), seconds=2.8), key=min) == [{1}, {2}]
