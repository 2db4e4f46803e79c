"""Following faces in live video."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace

import cv2
import numpy as np
import pytest

from mien.evaluation.framing import framed
from mien.face.detect import Detection, Detector
from mien.face.detection_schedule import WHOLE_FRAME_EVERY_S
from mien.face.follow import FaceFollower
from mien.face.pipeline import FaceNetworks, Pipeline
from mien.face.reader import FaceReader
from mien.face.track import REMEMBER_S
from mien.mood.prior import Prior
from mien.types import Activity, Emotion, Frame, Hint, Image, Motion, Reading
from tests.face.acting import with_open_mouth
from tests.face.pictures import darkened, placed, turned

FRAME_S = 1 / 30
DETECT_EVERY_FRAMES = round(WHOLE_FRAME_EVERY_S / FRAME_S)


class CountingDetector(Detector):
    """The real detector, counting its calls."""

    def __init__(self) -> None:
        super().__init__(threads=2)
        self.calls = 0
        self.faint_calls = 0

    def find(self, image: Image, *, tiled: bool = True) -> list[Detection]:
        self.calls += 1
        return super().find(image, tiled=tiled)

    def find_faint(self, image: Image, *, margin: float) -> list[Detection]:
        self.faint_calls += 1
        return super().find_faint(image, margin=margin)


class CountingPipeline(Pipeline):
    """The real networks with a detector that counts its calls."""

    def __init__(self) -> None:
        super().__init__(None, threads=2, prior=Prior.EVERYDAY, mirror=True)
        self.detector = CountingDetector()

    @property
    def networks(self) -> FaceNetworks:
        return replace(super().networks, detector=self.detector)


def follow(
    follower: FaceFollower, pictures: Sequence[Image], *, start_s: float = 0.0, frame_s: float = FRAME_S
) -> list[list[Reading]]:
    return [follower.read(Frame(image, index, start_s + index * frame_s)) for index, image in enumerate(pictures)]


def ids(readings: list[Reading]) -> list[int]:
    found = [reading.face.track_id for reading in readings]
    assert None not in found
    return [number for number in found if number is not None]


def both(one: Image, other: Image) -> Image:
    """The left half of one picture beside the right half of another."""
    return np.concatenate([one[:, :320], other[:, 320:]], axis=1)


def test_a_moving_face_keeps_its_id_and_is_located(reader: FaceReader, smiling_person: Image) -> None:
    pictures = [placed(smiling_person, x=20 + 5 * step, y=2 * step) for step in range(30)]
    for step, readings in enumerate(follow(reader.follow(), pictures)):
        assert ids(readings) == [1]
        box = readings[0].face.box
        assert abs(box.x + box.width / 2 - (20 + 5 * step + 225 * 480 / 512)) < 10
        assert readings[0].expression.top is Emotion.HAPPY
        assert readings[0].mood.time_s == pytest.approx(step * FRAME_S)


def test_a_face_that_nods_and_tilts_is_followed(reader: FaceReader, smiling_person: Image) -> None:
    pictures = [placed(turned(smiling_person, angle)) for angle in [*range(0, 50, 4), *range(50, -50, -5)]]
    assert [ids(readings) for readings in follow(reader.follow(), pictures)] == [[1]] * len(pictures)


def test_a_face_at_rest_hardly_moves_after_its_first_frame(reader: FaceReader, webcam_picture: Image) -> None:
    first, *later = follow(reader.follow(), [webcam_picture] * 12)
    assert first[0].features.motion is None
    for (reading,) in later:
        assert reading.features.motion is not None
        assert max(astuple(reading.features.motion)) < 1.5


def test_a_mouth_that_opens_moves_the_jaw(reader: FaceReader, webcam_picture: Image) -> None:
    landmarks = reader.read(webcam_picture)[0].face.landmarks
    opened = with_open_mouth(webcam_picture, landmarks, 0.75)
    motion = follow(reader.follow(), [webcam_picture] * 3 + [opened])[-1][0].features.motion
    assert motion is not None
    assert motion.jaw_per_s > 5
    assert motion.jaw_per_s > 1.5 * max(motion.brows_per_s, motion.lids_per_s)


def test_a_face_that_comes_back_at_once_is_known_again(
    reader: FaceReader, webcam_picture: Image, empty_room: Image
) -> None:
    follower = reader.follow()
    found = follow(follower, [webcam_picture] * 3 + [empty_room] * 5 + [webcam_picture] * 2)
    assert [ids(readings) for readings in found] == [[1]] * 3 + [[]] * 5 + [[1]] * 2


def test_black_frames_and_clock_jumps_are_handled_while_nothing_moves(
    reader: FaceReader, webcam_picture: Image
) -> None:
    follower, black = reader.follow(), np.zeros_like(webcam_picture)
    pictures = [webcam_picture, webcam_picture, black, black, webcam_picture, webcam_picture, webcam_picture]
    times_s = [0.0, 0.1, 0.2, 0.3, 0.4, -7.0, 1e6]
    found = [follower.read(Frame(picture, 0, time_s)) for picture, time_s in zip(pictures, times_s, strict=True)]
    assert [ids(readings) for readings in found] == [[1], [1], [], [], [1], [1], [1]]
    assert follower.skipped == 1


def test_a_face_that_comes_back_later_is_new(reader: FaceReader, webcam_picture: Image, empty_room: Image) -> None:
    found = follow(reader.follow(), [webcam_picture, empty_room, empty_room, webcam_picture], frame_s=0.8)
    assert [ids(readings) for readings in found] == [[1], [], [], [2]]
    assert found[-1][0].features.motion is None


def test_motion_is_unknown_if_the_clock_stood_still(reader: FaceReader, webcam_picture: Image) -> None:
    follower = reader.follow()
    times_s = [0.0, 0.1, 0.1, 0.0]
    found = [follower.read(Frame(webcam_picture, index, time_s))[0] for index, time_s in enumerate(times_s)]
    assert [reading.features.motion is None for reading in found] == [True, False, True, True]


@pytest.mark.parametrize(("frame_s", "number"), [(0.1, 1), (3 * REMEMBER_S, 2)])
def test_a_face_found_where_one_was_lost_is_the_same_if_it_was_just_now(
    reader: FaceReader, smiling_person: Image, frame_s: float, number: int
) -> None:
    """A head that rotates by 90 degrees between two frames is lost by its mesh and found by the detector."""
    head = np.ascontiguousarray(smiling_person[:248, 101:349])
    pictures = [placed(picture, x=200, y=100, scale=1) for picture in (head, np.rot90(head))]
    assert [ids(readings) for readings in follow(reader.follow(), pictures, frame_s=frame_s)] == [[1], [number]]


def test_a_face_at_another_place_is_new(reader: FaceReader, smiling_person: Image) -> None:
    here, there = placed(smiling_person, x=-100), placed(smiling_person, x=250)
    assert [ids(readings) for readings in follow(reader.follow(), [here, here, there, there])] == [[1], [1], [2], [2]]


def test_two_faces_keep_their_ids(reader: FaceReader, smiling_person: Image) -> None:
    pictures = [
        both(
            placed(smiling_person, x=-100 + 2 * step, scale=0.8), placed(smiling_person, x=260 + step, y=80, scale=0.7)
        )
        for step in range(25)
    ]
    for readings in follow(reader.follow(), pictures):
        assert ids(readings) == [1, 2]
        assert readings[0].face.box.x < readings[1].face.box.x


def test_the_nearer_face_comes_first_whatever_its_id(reader: FaceReader, smiling_person: Image) -> None:
    left = placed(smiling_person, x=-20, scale=0.7)
    near, far = placed(smiling_person, x=150, scale=0.9), placed(smiling_person, x=280, y=90, scale=0.55)
    found = follow(reader.follow(), [both(left, far)] * 2 + [both(left, near)] * (DETECT_EVERY_FRAMES + 2))
    assert ids(found[0]) == [1, 2]
    assert ids(found[-1])[1] == 1
    assert found[-1][0].face.box.area_px > found[-1][1].face.box.area_px


def test_somebody_who_joins_is_seen_within_the_schedule(reader: FaceReader, smiling_person: Image) -> None:
    alone = placed(smiling_person, x=-100, scale=0.8)
    joined = both(alone, placed(smiling_person, x=280, y=40, scale=0.8))
    found = follow(reader.follow(), [alone] * 3 + [joined] * DETECT_EVERY_FRAMES)
    assert ids(found[2]) == [1]
    assert sorted(ids(found[-1])) == [1, 2]


def test_somebody_who_leaves_is_forgotten_and_the_other_stays(
    reader: FaceReader, smiling_person: Image, empty_room: Image
) -> None:
    left, right = placed(smiling_person, x=-100, scale=0.8), placed(smiling_person, x=280, y=40, scale=0.8)
    found = follow(reader.follow(), [both(left, right)] * 3 + [both(left, empty_room)] * 3)
    assert sorted(ids(found[2])) == [1, 2]
    assert ids(found[3]) == ids(found[5]) == [reading.face.track_id for reading in found[2] if reading.face.box.x < 320]


def test_only_the_biggest_faces_are_followed_when_there_are_too_many(reader: FaceReader, smiling_person: Image) -> None:
    crowd = both(placed(smiling_person, x=0, y=80, scale=0.5), placed(smiling_person, x=260, scale=0.9))
    for readings in follow(reader.follow(max_faces=1), [crowd] * 4):
        assert len(readings) == 1
        assert readings[0].face.box.x > 320


def test_a_face_that_leaves_the_image_is_dropped(reader: FaceReader, smiling_person: Image) -> None:
    pictures = [placed(smiling_person, x=80 + 25 * step) for step in range(25)]
    found = follow(reader.follow(), pictures)
    assert ids(found[0]) == [1]
    assert found[-1] == []
    assert max(len(readings) for readings in found) == 1


@pytest.mark.parametrize("times_s", [(5.0, 1.0, 1.1), (5.0, 5.0, 5.0), (-3.0, -2.9, -9.0), (0.0, 1e6, 1e6 + 0.1)])
def test_clocks_that_jump_or_stand_still_are_handled(
    reader: FaceReader, webcam_picture: Image, times_s: tuple[float, ...]
) -> None:
    follower = reader.follow()
    found = [follower.read(Frame(webcam_picture, index, time_s)) for index, time_s in enumerate(times_s)]
    assert [ids(readings) for readings in found] == [[1]] * 3
    for (before_s, time_s), readings in zip(itertools.pairwise(times_s), found[1:], strict=True):
        assert (readings[0].features.motion is None) == (time_s <= before_s)


def test_frames_of_another_size_start_a_new_stream(reader: FaceReader, webcam_picture: Image) -> None:
    small = np.asarray(cv2.resize(webcam_picture, (320, 240)), dtype=np.uint8)
    found = follow(reader.follow(), [webcam_picture, small, small, webcam_picture])
    assert [len(readings) for readings in found] == [1] * 4
    assert found[1][0].face.box.width == pytest.approx(found[0][0].face.box.width / 2, rel=0.1)
    assert found[1][0].features.motion is None
    assert ids(found[1]) == ids(found[2]) != ids(found[0])


def test_the_detector_runs_twice_a_second_while_a_face_moves(webcam_picture: Image) -> None:
    pipeline = CountingPipeline()
    swaying = [np.roll(webcam_picture, 3 * (index % 3), axis=1) for index in range(20)]
    follower = FaceFollower(pipeline, max_faces=1)
    follow(follower, swaying, frame_s=0.1)
    assert (pipeline.detector.calls, follower.frames, follower.skipped) == (4, 20, 0)


def test_the_detector_runs_twice_a_second_when_frames_are_rare(webcam_picture: Image) -> None:
    pipeline = CountingPipeline()
    follow(FaceFollower(pipeline, max_faces=4), [webcam_picture] * 9, frame_s=0.25)
    assert pipeline.detector.calls == 5


def test_the_detector_runs_on_every_frame_while_nobody_is_tracked(empty_room: Image) -> None:
    pipeline = CountingPipeline()
    follow(FaceFollower(pipeline, max_faces=4), [np.roll(empty_room, 20 * step, axis=1) for step in range(6)])
    assert pipeline.detector.calls == 6


def test_a_faint_face_is_found_in_live_video_too(reader: FaceReader, smiling_person: Image) -> None:
    """Eyes to mouth only: found by a search for faint faces, twice a second, and tracked by the mesh from then on."""
    gray = cv2.cvtColor(smiling_person[57:171, 169:283], cv2.COLOR_RGB2GRAY)
    frame = framed(cv2.resize(gray, (48, 48), interpolation=cv2.INTER_AREA).astype(np.uint8))
    found = follow(reader.follow(), [frame] * 60)
    assert [ids(readings) for readings in found[-10:]] == [[1]] * 10


def test_searches_for_faint_faces_in_an_empty_room_are_rare(empty_room: Image) -> None:
    pipeline = CountingPipeline()
    follow(FaceFollower(pipeline, max_faces=4), [np.roll(empty_room, 20 * step, axis=1) for step in range(60)])
    assert pipeline.detector.calls == 60
    assert pipeline.detector.faint_calls == 4


def test_a_frame_in_which_nothing_moved_repeats_the_reading(webcam_picture: Image) -> None:
    rng = np.random.default_rng(3)
    noisy = [np.clip(webcam_picture + rng.normal(0, 4, webcam_picture.shape), 0, 255).astype(np.uint8) for _ in "abcd"]
    follower = FaceFollower(CountingPipeline(), max_faces=1)
    (first,), *later = follow(follower, [noisy[index % 4] for index in range(15)], frame_s=0.03)
    assert (follower.frames, follower.skipped) == (15, 14)
    for index, (reading,) in enumerate(later, start=1):
        assert reading.face is first.face
        assert reading.mood.time_s == pytest.approx(0.03 * index)
        assert reading.features.motion == Motion(0, 0, 0, 0)


def test_every_face_has_quality_and_activity(reader: FaceReader, webcam_picture: Image) -> None:
    dark = darkened(webcam_picture, 0.12)
    follower = reader.follow(max_faces=1)
    for readings in follow(follower, [webcam_picture] * 3 + [dark] * 2):
        assert readings[0].features.activity == Activity()
    quality = readings[0].features.quality
    assert quality is not None
    assert quality.hint is Hint.TOO_DARK
    assert follower.skipped == 3


def test_a_mouth_that_opens_after_skipped_frames_opens_as_fast(reader: FaceReader, webcam_picture: Image) -> None:
    """Skipped frames count as frames with a closed mouth."""
    opened = with_open_mouth(webcam_picture, reader.read(webcam_picture)[0].face.landmarks, 0.75)
    speeds_per_s = []
    for rest_frames in (2, 12):
        follower = reader.follow(max_faces=1)
        motion = follow(follower, [webcam_picture] * rest_frames + [opened])[-1][0].features.motion
        assert follower.skipped == rest_frames - 1
        assert motion is not None
        speeds_per_s.append(motion.jaw_per_s)
    assert speeds_per_s[0] == pytest.approx(speeds_per_s[1], rel=0.01)


def test_change_too_slow_to_be_seen_from_frame_to_frame_is_seen(webcam_picture: Image) -> None:
    """Two levels darker every frame: compared with the previous frame only, nothing would ever change."""
    follower = FaceFollower(CountingPipeline(), max_faces=1)
    darker = [np.clip(webcam_picture.astype(int) - 2 * step, 0, 255).astype(np.uint8) for step in range(13)]
    follow(follower, darker, frame_s=0.03)
    assert follower.frames - follower.skipped == 5


def test_somebody_far_away_is_found_in_a_tile(smiling_person: Image, empty_room: Image) -> None:
    """A face 40 pixels high, which the detector misses in the whole frame and finds in its tile."""
    head = np.ascontiguousarray(smiling_person[:300, 100:400])
    scene = empty_room.copy()
    small = cv2.resize(head, None, fx=0.38, fy=0.38, interpolation=cv2.INTER_AREA)
    scene[300 : 300 + small.shape[0], 480 : 480 + small.shape[1]] = small
    pipeline = CountingPipeline()
    found = follow(FaceFollower(pipeline, max_faces=2), [scene] * 30, frame_s=0.1)
    assert pipeline.detector.find(scene, tiled=False) == []
    assert ids(found[-1]) == [1]
    assert found[-1][0].face.box.height < 50


def test_followers_of_one_reader_are_independent(
    reader: FaceReader, smiling_person: Image, webcam_picture: Image, empty_room: Image
) -> None:
    moving = [placed(smiling_person, x=20 + 6 * step) for step in range(20)]
    streams = [moving, [webcam_picture] * 20, [empty_room] * 20]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda pictures: follow(reader.follow(), pictures), streams))
    assert [[ids(readings) for readings in stream] for stream in found] == [[[1]] * 20, [[1]] * 20, [[]] * 20]
    box = found[0][-1][0].face.box
    assert abs(box.x + box.width / 2 - (20 + 6 * 19 + 225 * 480 / 512)) < 10


def test_a_live_reading_agrees_with_a_still_one(reader: FaceReader, webcam_picture: Image) -> None:
    live = follow(reader.follow(), [webcam_picture] * 5)[-1][0]
    still = reader.read(webcam_picture)[0]
    assert np.hypot(*(live.face.landmarks - still.face.landmarks)[:, :2].T).mean() < 1
    assert dict(live.expression.probabilities) == pytest.approx(dict(still.expression.probabilities), abs=0.1)


def test_a_follower_without_room_is_refused(reader: FaceReader) -> None:
    with pytest.raises(ValueError, match="at least one face"):
        reader.follow(max_faces=0)
