"""The mesh: squares and their transforms, and 478 points on a real face."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.detect import Detector
from mien.face.mesh import INPUT_PX, Mesh, MeshNetwork, RotatedSquare, square_of_detection, square_of_landmarks
from mien.types import Image
from tests.face.pictures import turned

squares = st.builds(
    RotatedSquare, st.floats(-100, 1000), st.floats(-100, 1000), st.floats(10, 800), st.floats(-math.pi, math.pi)
)


@pytest.fixture(scope="module")
def network() -> MeshNetwork:
    return MeshNetwork(threads=2)


@pytest.fixture(scope="module")
def mesh(network: MeshNetwork, smiling_person: Image) -> Mesh:
    (found,) = Detector(threads=2).find(smiling_person)
    return network.read(smiling_person, square_of_detection(found))


@given(squares, st.integers(8, 300))
def test_the_center_and_a_corner_of_a_square_are_mapped(square: RotatedSquare, size_px: int) -> None:
    transform = square.transform(size_px).astype(np.float64)
    middle = transform @ [square.x, square.y, 1]
    np.testing.assert_allclose(middle, [(size_px - 1) / 2] * 2, atol=0.05)
    along = np.array([math.cos(square.angle_rad), math.sin(square.angle_rad)]) * square.side_px / 2
    right_edge = transform @ [square.x + along[0], square.y + along[1], 1]
    np.testing.assert_allclose(right_edge, [size_px - 0.5, (size_px - 1) / 2], atol=0.05)


@given(st.floats(-math.pi, math.pi), st.floats(0.3, 4), st.floats(-300, 300))
def test_the_square_turns_grows_and_moves_with_the_face(angle: float, scale: float, shift: float) -> None:
    landmarks = np.random.default_rng(1).uniform(0, 100, (478, 3)).astype(np.float32)
    landmarks[33, :2], landmarks[263, :2] = (30, 40), (70, 40)
    before = square_of_landmarks(landmarks)
    cosine, sine = math.cos(angle), math.sin(angle)
    moved = landmarks.copy()
    moved[:, :2] = scale * landmarks[:, :2] @ np.array([[cosine, sine], [-sine, cosine]]) + shift
    after = square_of_landmarks(moved)
    assert after.side_px == pytest.approx(scale * before.side_px, rel=1e-3)
    assert math.cos(after.angle_rad - angle) == pytest.approx(1, abs=1e-4)
    assert after.x == pytest.approx(scale * (cosine * before.x - sine * before.y) + shift, abs=0.5)
    assert after.y == pytest.approx(scale * (sine * before.x + cosine * before.y) + shift, abs=0.5)


def test_points_of_a_real_face_lie_on_it(mesh: Mesh) -> None:
    assert mesh.is_face
    assert mesh.confidence > 0.9
    assert mesh.landmarks.shape == (478, 3)
    right_eye, left_eye = mesh.landmarks[[33, 133], :2].mean(axis=0), mesh.landmarks[[362, 263], :2].mean(axis=0)
    assert np.hypot(*(right_eye - [203, 103])) < 4
    assert np.hypot(*(left_eye - [246, 103])) < 4
    mouth = mesh.landmarks[[61, 291], :2].mean(axis=0)
    assert np.hypot(*(mouth - [223, 141])) < 5


def test_the_box_holds_every_point(mesh: Mesh) -> None:
    box = mesh.box
    points = mesh.landmarks[:, :2]
    assert points.min(axis=0) == pytest.approx([box.x, box.y], abs=1e-3)
    assert points.max(axis=0) == pytest.approx([box.x + box.width, box.y + box.height], abs=1e-2)


def test_the_nose_is_nearer_than_the_ears(mesh: Mesh) -> None:
    assert mesh.landmarks[1, 2] < mesh.landmarks[[234, 454], 2].min()


@pytest.mark.parametrize("angle_deg", [-60, -45, 20, 45, 60])
def test_a_turned_picture_turns_the_points(
    network: MeshNetwork, mesh: Mesh, smiling_person: Image, angle_deg: float
) -> None:
    height, width = smiling_person.shape[:2]
    angle = math.radians(angle_deg)
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    middle = np.array([width / 2, height / 2])
    expected = mesh.landmarks.copy()
    expected[:, :2] = (mesh.landmarks[:, :2] - middle) @ rotation + middle
    again = network.read(turned(smiling_person, angle_deg), square_of_landmarks(expected))
    assert again.is_face
    assert np.hypot(*(again.landmarks[:, :2] - expected[:, :2]).T).mean() < 1.5


def test_a_second_fit_agrees_with_the_first(network: MeshNetwork, mesh: Mesh, smiling_person: Image) -> None:
    again = network.read(smiling_person, square_of_landmarks(mesh.landmarks))
    assert np.hypot(*(again.landmarks[:, :2] - mesh.landmarks[:, :2]).T).mean() < 1.5


def test_squares_without_a_face_have_no_presence(
    network: MeshNetwork, smiling_person: Image, empty_room: Image
) -> None:
    elsewhere = RotatedSquare(420, 380, 150, 0)
    for picture in (smiling_person, empty_room):
        mesh = network.read(picture, elsewhere)
        assert not mesh.is_face
        assert mesh.confidence < 0.5


def test_a_square_outside_the_picture_has_no_presence(network: MeshNetwork, smiling_person: Image) -> None:
    assert not network.read(smiling_person, RotatedSquare(-900, 2000, 2 * INPUT_PX, 0.3)).is_face
