"""Following several faces: each is located in every frame, and analysed in turn."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from mien.bench.scenes import moving_faces
from mien.capture.photo import decode_jpeg
from mien.face.reader import FaceReader
from mien.types import Frame, Image, Reading


@pytest.fixture(scope="module")
def scene(smiling_person: Image) -> list[Image]:
    """Half a second or more of three moving people."""
    return [decode_jpeg(jpeg, max_pixels=640 * 480) for jpeg in moving_faces([smiling_person], faces=3)[:18]]


def follow(
    reader: FaceReader, scene: list[Image], *, frames_per_s: float, focus: int | None = None
) -> list[list[Reading]]:
    follower = reader.follow()
    return [follower.read(Frame(image, index, index / frames_per_s), focus=focus) for index, image in enumerate(scene)]


def fresh(frames: list[list[Reading]], track: int) -> list[bool]:
    """In which frames after the first the face with this id was analysed, not only located."""
    told = [next(reading for reading in frame if reading.face.track_id == track) for frame in frames]
    return [before.features is not after.features for before, after in pairwise(told)]


def test_the_focused_face_is_read_in_every_frame(reader: FaceReader, scene: list[Image]) -> None:
    frames = follow(reader, scene, frames_per_s=30, focus=2)
    assert [sorted(reading.face.track_id or 0 for reading in frame) for frame in frames] == [[1, 2, 3]] * len(scene)
    assert all(fresh(frames, 2))
    for other in (1, 3):
        assert 7 <= sum(fresh(frames, other)) <= 11
        for before, after in pairwise(fresh(frames, other)):
            assert before or after
    assert sum(one and other for one, other in zip(fresh(frames, 1), fresh(frames, 3), strict=True)) <= 3


def test_without_focus_the_biggest_is_read_in_every_frame(reader: FaceReader, scene: list[Image]) -> None:
    frames = follow(reader, scene, frames_per_s=30)
    before = frames[0]
    for frame in frames[1:]:
        biggest = max(frame, key=lambda reading: reading.face.box.area_px)
        assert all(biggest.features is not reading.features for reading in before)
        before = frame


def test_every_face_is_located_in_every_frame(reader: FaceReader, scene: list[Image]) -> None:
    for index, frame in enumerate(follow(reader, scene, frames_per_s=30)):
        alone = sorted((reading.face.box.x, reading.face.box.y) for reading in reader.read(scene[index]))
        followed = sorted((reading.face.box.x, reading.face.box.y) for reading in frame)
        assert followed == [pytest.approx(place, abs=6) for place in alone]
        assert all(reading.mood.time_s == index / 30 for reading in frame)


def test_at_fifteen_frames_a_second_everybody_is_read_in_every_frame(reader: FaceReader, scene: list[Image]) -> None:
    frames = follow(reader, scene, frames_per_s=15)
    assert all(all(fresh(frames, track)) for track in (1, 2, 3))


def crowd(smiling_person: Image, *, behind: tuple[int, ...], in_front: bool, step: int = 0) -> Image:
    """Small faces in a row at given places, and a big one below; they move with ``step``."""
    face = smiling_person[0:220, 120:340]
    picture = np.full((480, 640, 3), 110, np.uint8)
    for place in behind:
        left = 10 + 155 * place + step % 5
        picture[5:115, left : left + 110] = cv2.resize(face, (110, 110))
    if in_front:
        left = 170 + step % 5
        picture[170:470, left : left + 300] = cv2.resize(face, (300, 300))
    return picture


@pytest.mark.parametrize("focus", [None, 1])
def test_a_much_bigger_face_replaces_the_smallest_but_not_the_focused_one(
    reader: FaceReader, smiling_person: Image, focus: int | None
) -> None:
    follower = reader.follow(max_faces=2)
    alone = [crowd(smiling_person, behind=(0, 3), in_front=False, step=step) for step in range(3)]
    joined = [crowd(smiling_person, behind=(0, 3), in_front=True, step=step) for step in range(20)]
    frames = [follower.read(Frame(image, index, index / 30), focus=focus) for index, image in enumerate(alone + joined)]
    assert len(frames[2]) == len(frames[-1]) == 2
    newcomer, kept = frames[-1]
    assert newcomer.face.box.width > 100
    assert kept.face.track_id == 1 or focus is None


def test_the_focused_face_is_never_replaced(reader: FaceReader, smiling_person: Image) -> None:
    follower = reader.follow(max_faces=1)
    for step in range(20):
        picture = crowd(smiling_person, behind=(0,), in_front=step > 2, step=step)
        (only,) = follower.read(Frame(picture, step, step / 30), focus=1)
        assert only.face.track_id == 1


def test_a_face_that_comes_back_is_read_at_once(reader: FaceReader, smiling_person: Image) -> None:
    follower = reader.follow()
    frames = []
    for step in range(40):
        behind = () if 10 <= step < 20 else (3,)
        picture = crowd(smiling_person, behind=behind, in_front=True, step=step)
        readings = follower.read(Frame(picture, step, step / 30))
        frames.append({reading.face.track_id: reading for reading in readings})
    assert set(frames[9]) == {1, 2}
    assert set(frames[19]) == {1}
    back = next(frame[2] for frame in frames[20:] if 2 in frame)
    assert back.features is not frames[9][2].features
