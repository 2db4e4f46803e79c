"""How well a face can be read, and which hint helps."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from mien.face.pose import read_pose
from mien.face.quality import is_covered, measure_quality, turn_factor
from mien.face.reader import FaceReader
from mien.types import Box, HeadPose, Hint, Image, Quality
from tests.face.pictures import HEIGHT_PX, WIDTH_PX, darkened, placed

Landmarks = np.ndarray
Seen = tuple[Image, Landmarks]
Spoiled = Callable[[Seen, float], Seen]


@pytest.fixture(scope="module")
def seen(reader: FaceReader, smiling_person: Image) -> Seen:
    """A good picture, 640 by 480, with the mesh of its face, 170 pixels wide."""
    picture = placed(smiling_person, x=-100, scale=1.8)
    return picture, reader.read(picture)[0].face.landmarks


def box_of(landmarks: Landmarks) -> Box:
    (left, top), (right, bottom) = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    return Box(float(left), float(top), float(right - left), float(bottom - top))


def quality(seen: Seen) -> Quality:
    return measure_quality(*seen, box_of(seen[1]), read_pose(seen[1])[0])


# -- each defect, from harmless (severity 0) to useless (1) ------------------------------------------------------------


def dark(seen: Seen, severity: float) -> Seen:
    return darkened(seen[0], 1 - 0.97 * severity), seen[1]


def bright(seen: Seen, severity: float) -> Seen:
    return np.clip(seen[0] * (1 + 9.0 * severity), 0, 255).astype(np.uint8), seen[1]


def blurred(seen: Seen, severity: float) -> Seen:
    sigma_px = 0.01 + 0.06 * box_of(seen[1]).width * severity
    return np.asarray(cv2.GaussianBlur(seen[0], (0, 0), sigma_px), dtype=np.uint8), seen[1]


def shaken(seen: Seen, severity: float) -> Seen:
    reach_px = 1 + round(0.2 * box_of(seen[1]).width * severity)
    return np.asarray(cv2.blur(seen[0], (reach_px, 1)), dtype=np.uint8), seen[1]


def far(seen: Seen, severity: float) -> Seen:
    scale = 1 - 0.92 * severity
    middle = (WIDTH_PX / 2 * (1 - scale), HEIGHT_PX / 2 * (1 - scale), 0)
    return placed(seen[0], x=middle[0], y=middle[1], scale=scale), (seen[1] * scale + middle).astype(np.float32)


def moved(across: float, down: float) -> Spoiled:
    """Moved out of the picture to one side, until nothing of the face is left."""

    def spoil(seen: Seen, severity: float) -> Seen:
        box = box_of(seen[1])
        left = box.x + box.width if across < 0 else WIDTH_PX - box.x
        up = box.y + box.height if down < 0 else HEIGHT_PX - box.y
        x, y = round(severity * across * left), round(severity * down * up)
        return placed(seen[0], x=x, y=y, scale=1), (seen[1] + (x, y, 0)).astype(np.float32)

    return spoil


def turned(axis: int, most_deg: float) -> Spoiled:
    """A mesh rotated in space about the vertical (0) or horizontal (1) axis; the picture is unchanged."""

    def spoil(seen: Seen, severity: float) -> Seen:
        angle = math.radians(most_deg * severity)
        turn = np.eye(3)
        turn[axis, axis] = turn[2, 2] = math.cos(angle)
        turn[axis, 2], turn[2, axis] = math.sin(angle), -math.sin(angle)
        middle = seen[1].mean(axis=0)
        return seen[0], ((seen[1] - middle) @ turn.T + middle).astype(np.float32)

    return spoil


DEFECTS = [
    pytest.param(dark, Hint.TOO_DARK, id="dark"),
    pytest.param(bright, Hint.TOO_BRIGHT, id="bright"),
    pytest.param(blurred, Hint.BLURRED, id="blurred"),
    pytest.param(shaken, Hint.BLURRED, id="shaken"),
    pytest.param(far, Hint.TOO_FAR, id="far"),
    pytest.param(moved(-1, 0), Hint.CUT_OFF, id="left"),
    pytest.param(moved(1, 0), Hint.CUT_OFF, id="right"),
    pytest.param(moved(0, -1), Hint.CUT_OFF, id="up"),
    pytest.param(moved(0, 1), Hint.CUT_OFF, id="down"),
    pytest.param(turned(0, 60), Hint.TURNED_AWAY, id="turned"),
    pytest.param(turned(0, -60), Hint.TURNED_AWAY, id="turned the other way"),
    pytest.param(turned(1, 60), Hint.TURNED_AWAY, id="raised"),
    pytest.param(turned(1, -60), Hint.TURNED_AWAY, id="lowered"),
]


@pytest.mark.parametrize(("spoiled", "hint"), DEFECTS)
def test_each_defect_has_its_hint_and_no_other(seen: Seen, spoiled: Spoiled, hint: Hint) -> None:
    found = [quality(spoiled(seen, severity)) for severity in np.linspace(0, 1, 21)]
    assert found[0] == quality(seen)
    assert found[0].hint is None
    assert found[0].score > 0.98
    assert found[-1].hint is hint
    assert found[-1].score < 0.3
    assert {one.hint for one in found} == {None, hint}


@pytest.mark.parametrize(("spoiled", "_hint"), DEFECTS)
@settings(max_examples=12)
@given(severities=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_more_of_a_defect_is_never_better(
    seen: Seen, spoiled: Spoiled, _hint: Hint, severities: tuple[float, float]
) -> None:
    less, more = (quality(spoiled(seen, severity)).score for severity in sorted(severities))
    assert 0 <= more <= less + 0.03 <= 1.03


def test_two_defects_are_worse_than_either(seen: Seen) -> None:
    both = quality(far(dark(seen, 0.87), 0.8)).score
    assert 0 < both < min(quality(dark(seen, 0.87)).score, quality(far(seen, 0.8)).score)


ANGLES_DEG = st.floats(-90, 90)


@given(ANGLES_DEG, ANGLES_DEG, st.floats(-180, 180), st.floats(0, 1))
def test_the_farther_a_head_is_turned_the_less_it_counts(yaw: float, pitch: float, roll: float, share: float) -> None:
    factor = turn_factor(HeadPose(yaw, pitch, roll))
    assert 0 <= factor <= turn_factor(HeadPose(share * yaw, pitch, 0)) + 1e-9
    assert factor <= turn_factor(HeadPose(yaw, share * pitch, -roll)) + 1e-9


@given(ANGLES_DEG, ANGLES_DEG)
def test_a_little_turn_never_changes_the_factor_much(yaw: float, pitch: float) -> None:
    factor = turn_factor(HeadPose(yaw, pitch, 0))
    assert abs(factor - turn_factor(HeadPose(yaw + 0.1, pitch, 0))) < 0.01
    assert abs(factor - turn_factor(HeadPose(yaw, pitch + 0.1, 0))) < 0.01


def test_a_window_behind_a_face_does_not_change_its_darkness(seen: Seen) -> None:
    """A bright background does not hide that the face is dark."""
    picture, landmarks = dark(seen, 0.88)
    outline = cv2.convexHull(landmarks[:, :2].astype(np.int32))
    inside = cv2.fillConvexPoly(np.zeros(picture.shape[:2], np.uint8), outline, 1)[..., None]
    against_light = np.where(inside == 1, picture, 255).astype(np.uint8)
    assert quality((against_light, landmarks)).hint is Hint.TOO_DARK


@pytest.mark.parametrize("box", [Box(-500, 0, 100, 100), Box(0, 9e5, 90, 90), Box(10, 10, 0, 0), Box(5, 5, 0.2, 300)])
def test_an_empty_box_is_measured(seen: Seen, box: Box) -> None:
    assert measure_quality(*seen, box, HeadPose(0, 0, 0)).score == 0


@pytest.mark.parametrize("shade", [0, 255])
def test_an_image_without_contrast_is_measured(seen: Seen, shade: int) -> None:
    assert quality((np.full_like(seen[0], shade), seen[1])).score == 0


def test_good_photographs_get_no_hint(reader: FaceReader, shared_data: Path) -> None:
    """All but one of 32 faces: that one, in a group's picture of itself, looks far past the camera."""
    found: list[Quality] = []
    for path in sorted((shared_data / "faces").glob("*.jpg")):
        picture = np.array(PillowImage.open(path).convert("RGB"))
        faces = [reading.face for reading in reader.read(picture)]
        found += [measure_quality(picture, face.landmarks, face.box, read_pose(face.landmarks)[0]) for face in faces]
    assert len(found) >= 32
    assert [one.hint for one in found if one.hint] == [Hint.TURNED_AWAY]
    assert np.median([one.score for one in found]) > 0.98


# -- the camera ------------------------------------------------------------------------------------------------------


def noisy(picture: np.ndarray, sigma: float = 10) -> Image:
    noise = np.random.default_rng(3).normal(0, sigma, (HEIGHT_PX, WIDTH_PX, 3))
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def glow(colour: tuple[int, int, int]) -> np.ndarray:
    """Light of one colour from one side."""
    rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX]
    return np.exp(-((columns - 500) ** 2 + (rows - 100) ** 2) / (2 * 250**2))[..., None] * np.array(colour)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.zeros((HEIGHT_PX, WIDTH_PX, 3)), id="shutter"),
        pytest.param(np.full((HEIGHT_PX, WIDTH_PX, 3), 80.0), id="a camera that brightens its own noise"),
        pytest.param(glow((220, 60, 40)), id="finger"),
        pytest.param(glow((90, 80, 70)), id="hand"),
    ],
)
def test_a_covered_camera_is_detected(picture: np.ndarray) -> None:
    assert is_covered(noisy(picture))


def test_rooms_and_people_are_not_covered(webcam_picture: Image, empty_room: Image) -> None:
    assert not is_covered(webcam_picture)
    assert not is_covered(darkened(webcam_picture, 0.2))
    assert not is_covered(noisy(200 - glow((40, 40, 40)), 5)), "a bright wall"
    assert not is_covered(empty_room)


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (3000, 40)])
def test_frames_of_any_size_may_be_covered(size: tuple[int, int]) -> None:
    assert is_covered(np.zeros((*size, 3), np.uint8))
