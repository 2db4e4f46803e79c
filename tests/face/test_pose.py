"""The pose of a head and the direction of its gaze."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.pose import (
    CANONICAL_HEAD,
    EYE_CORNERS,
    EYE_DEPTH,
    EYE_OUTWARDS,
    EYE_RADIUS,
    EYE_RISE,
    EYELIDS,
    HEAD_PAIRS,
    HEAD_POINTS,
    IRISES,
    fit_rotation,
    head_pose,
    head_rotation,
    read_pose,
    rotation_of,
)
from mien.face.reader import FaceReader
from mien.types import HeadPose, Image

Mesh = np.ndarray


@pytest.fixture(scope="module")
def mesh(reader: FaceReader, smiling_person: Image) -> Mesh:
    """A real mesh of a face that looks into the camera."""
    return reader.read(smiling_person)[0].face.landmarks


def rotated(mesh: Mesh, rotation: np.ndarray) -> Mesh:
    middle = mesh.mean(axis=0)
    return ((mesh - middle) @ rotation.T + middle).astype(np.float32)


def frontal(mesh: Mesh) -> Mesh:
    return rotated(mesh, head_rotation(mesh).T)


def synthetic_face(*, right_deg: float, up_deg: float, pose: HeadPose) -> Mesh:
    """The canonical head, 200 px wide, with open eyes that look to the person's right and up."""
    mesh = np.zeros((478, 3))
    mesh[list(HEAD_POINTS)] = list(CANONICAL_HEAD.values())
    right, up = np.radians([right_deg, up_deg])
    sight = np.array([-np.sin(right) * np.cos(up), -np.sin(up), -np.cos(right) * np.cos(up)])
    for (outer, inner), (upper, lower), iris, out in zip(EYE_CORNERS, EYELIDS, IRISES, (-1, 1), strict=True):
        width = np.linalg.norm(mesh[outer] - mesh[inner])
        middle = (mesh[outer] + mesh[inner]) / 2
        lid = np.array([0, 0.15 * width, 0])
        mesh[upper], mesh[lower] = middle - lid, middle + lid
        mesh[list(iris)] = middle + width * (np.array([out * EYE_OUTWARDS, -EYE_RISE, EYE_DEPTH]) + EYE_RADIUS * sight)
    return (200 * mesh @ rotation_of(pose).T + [320, 240, 0]).astype(np.float32)


@given(st.floats(-85, 85), st.floats(-85, 85), st.floats(-175, 175))
def test_a_mesh_that_is_rotated_has_the_angles_of_the_rotation(
    mesh: Mesh, yaw_deg: float, pitch_deg: float, roll_deg: float
) -> None:
    expected = HeadPose(yaw_deg, pitch_deg, roll_deg)
    found, _ = read_pose(rotated(frontal(mesh), rotation_of(expected)))
    assert found.yaw_deg == pytest.approx(yaw_deg, abs=0.5)
    assert found.pitch_deg == pytest.approx(pitch_deg, abs=0.5)
    assert found.roll_deg == pytest.approx(roll_deg, abs=0.5)


@pytest.mark.parametrize(
    ("pose", "nose", "up"),
    [
        pytest.param(HeadPose(30, 0, 0), (-1, 0), (0, -1), id="to the person's right is left in the image"),
        pytest.param(HeadPose(0, 30, 0), (0, -1), (0, -1), id="raised"),
        pytest.param(HeadPose(0, 0, 30), (0, 0), (-0.5, -0.87), id="to the right shoulder is counterclockwise"),
    ],
)
def test_signs(pose: HeadPose, nose: tuple[float, float], up: tuple[float, float]) -> None:
    """Where the tip of the nose and the top of the head go in the image."""
    rotation = rotation_of(pose)
    ahead = (rotation @ [0, 0, -1])[:2]
    assert np.sign(np.round(ahead, 3)).tolist() == list(nose)
    top = (rotation @ [0, -1, 0])[:2]
    np.testing.assert_allclose(top / np.linalg.norm(top), up, atol=0.01)


def test_a_mirrored_picture_changes_the_signs_of_yaw_and_roll(reader: FaceReader, smiling_person: Image) -> None:
    turned = np.ascontiguousarray(rotated_picture(smiling_person, 15))
    there, _ = read_pose(reader.read(turned)[0].face.landmarks)
    mirrored, _ = read_pose(reader.read(np.ascontiguousarray(turned[:, ::-1]))[0].face.landmarks)
    assert mirrored.yaw_deg == pytest.approx(-there.yaw_deg, abs=3)
    assert mirrored.pitch_deg == pytest.approx(there.pitch_deg, abs=3)
    assert mirrored.roll_deg == pytest.approx(-there.roll_deg, abs=2)


def rotated_picture(picture: Image, clockwise_deg: float) -> Image:
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -clockwise_deg, 1)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


@pytest.mark.parametrize("clockwise_deg", [-40, -20, 10, 30])
def test_turning_a_picture_changes_the_roll_alone(
    reader: FaceReader, smiling_person: Image, clockwise_deg: float
) -> None:
    before, _ = read_pose(reader.read(smiling_person)[0].face.landmarks)
    after, _ = read_pose(reader.read(rotated_picture(smiling_person, clockwise_deg))[0].face.landmarks)
    assert after.roll_deg == pytest.approx(before.roll_deg - clockwise_deg, abs=2)
    assert after.yaw_deg == pytest.approx(before.yaw_deg, abs=4)
    assert after.pitch_deg == pytest.approx(before.pitch_deg, abs=4)


@given(st.floats(-40, 40), st.floats(-25, 25), st.floats(-30, 30), st.floats(-20, 20), st.floats(-60, 60))
def test_the_gaze_is_measured_relative_to_the_head(
    right_deg: float, up_deg: float, yaw_deg: float, pitch_deg: float, roll_deg: float
) -> None:
    _, gaze = read_pose(synthetic_face(right_deg=right_deg, up_deg=up_deg, pose=HeadPose(yaw_deg, pitch_deg, roll_deg)))
    assert gaze is not None
    assert gaze.vertical_deg == pytest.approx(up_deg, abs=4)
    if abs(yaw_deg + right_deg) < 45:  # beyond, an iris is at the edge of its eye and hardly moves
        assert gaze.horizontal_deg == pytest.approx(right_deg, abs=4)


@pytest.mark.parametrize(
    ("yaw_deg", "right_deg", "up_deg", "expected"),
    [(0, 0, 0, True), (0, 0, -20, True), (20, -20, 0, True), (0, 35, 0, False), (35, 0, 0, False), (0, 0, 25, False)],
)
def test_the_screen_is_where_head_and_eyes_together_look(
    yaw_deg: float, right_deg: float, up_deg: float, expected: bool
) -> None:
    _, gaze = read_pose(synthetic_face(right_deg=right_deg, up_deg=up_deg, pose=HeadPose(yaw_deg, 0, 0)))
    assert gaze is not None
    assert gaze.looking_at_screen is expected


def test_shut_eyes_have_no_gaze(mesh: Mesh) -> None:
    shut = mesh.copy()
    for upper, lower in EYELIDS:
        shut[upper] = shut[lower]
    assert read_pose(shut)[1] is None
    assert read_pose(mesh)[1] is not None


def test_a_person_who_looks_into_the_camera_looks_at_the_screen(mesh: Mesh) -> None:
    pose, gaze = read_pose(mesh)
    assert pose.away_deg < 10
    assert gaze is not None
    assert gaze.looking_at_screen


def test_the_canonical_head_is_symmetric_and_not_turned() -> None:
    head = {point: np.array(place) for point, place in CANONICAL_HEAD.items()}
    paired = {point for pair in HEAD_PAIRS for point in pair}
    for right, left in HEAD_PAIRS:
        np.testing.assert_allclose(head[right] * (-1, 1, 1), head[left], atol=2e-3)
    assert all(head[point][0] == 0 for point in HEAD_POINTS if point not in paired)
    shape = np.array(list(head.values()))
    assert head_pose(fit_rotation(shape - shape.mean(axis=0), shape)).away_deg < 0.01


def test_a_flat_mesh_has_a_pose() -> None:
    """Points that coincide or lie in a plane give some finite angles."""
    for landmarks in (np.zeros((478, 3), np.float32), np.ones((478, 3), np.float32)):
        pose, gaze = read_pose(landmarks)
        assert np.isfinite([pose.yaw_deg, pose.pitch_deg, pose.roll_deg]).all()
        assert gaze is None or np.isfinite([gaze.horizontal_deg, gaze.vertical_deg]).all()
