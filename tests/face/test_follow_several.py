"""Following several faces: where each is, is known in every frame; what it does, by turns."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mien.bench.scenes import moving_faces
from mien.face.reader import FaceReader
from mien.photo import decode_jpeg
from mien.types import Frame, Image, Reading


@pytest.fixture(scope="module")
def scene(smiling_person: Image) -> list[Image]:
    """Half a second and more of three people who sway."""
    return [decode_jpeg(jpeg, max_pixels=640 * 480) for jpeg in moving_faces([smiling_person], faces=3)[:18]]


def follow(
    reader: FaceReader, scene: list[Image], *, frames_per_s: float, me: int | None = None
) -> list[list[Reading]]:
    follower = reader.follow()
    follower.me = me
    return [follower.read(Frame(image, index, index / frames_per_s)) for index, image in enumerate(scene)]


def fresh(frames: list[list[Reading]], track: int) -> list[bool]:
    """In which frames after the first the face of this number was read, not only found."""
    told = [next(reading for reading in frame if reading.face.track_id == track) for frame in frames]
    return [before.features is not after.features for before, after in pairwise(told)]


def test_me_is_read_in_every_frame_and_the_others_in_every_second(reader: FaceReader, scene: list[Image]) -> None:
    frames = follow(reader, scene, frames_per_s=30, me=2)
    assert [sorted(reading.face.track_id or 0 for reading in frame) for frame in frames] == [[1, 2, 3]] * len(scene)
    assert all(fresh(frames, 2))
    for other in (1, 3):
        assert 7 <= sum(fresh(frames, other)) <= 11
        for before, after in pairwise(fresh(frames, other)):
            assert before or after
    assert sum(one and other for one, other in zip(fresh(frames, 1), fresh(frames, 3), strict=True)) <= 3


def test_without_me_the_biggest_is_read_in_every_frame(reader: FaceReader, scene: list[Image]) -> None:
    frames = follow(reader, scene, frames_per_s=30)
    before = frames[0]
    for frame in frames[1:]:
        biggest = max(frame, key=lambda reading: reading.face.box.area_px)
        assert all(biggest.features is not reading.features for reading in before)
        before = frame


def test_where_a_face_is_is_known_in_every_frame(reader: FaceReader, scene: list[Image]) -> None:
    for index, frame in enumerate(follow(reader, scene, frames_per_s=30)):
        alone = sorted((reading.face.box.x, reading.face.box.y) for reading in reader.read(scene[index]))
        followed = sorted((reading.face.box.x, reading.face.box.y) for reading in frame)
        assert followed == [pytest.approx(place, abs=6) for place in alone]
        assert all(reading.mood.time_s == index / 30 for reading in frame)


def test_at_fifteen_frames_a_second_everybody_is_read_in_every_frame(reader: FaceReader, scene: list[Image]) -> None:
    frames = follow(reader, scene, frames_per_s=15)
    assert all(all(fresh(frames, track)) for track in (1, 2, 3))
