"""The benchmark of head pose turns faces as it says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import pose
from mien.face.pose import rotation_of
from mien.face.reader import FaceReader
from mien.types import HeadPose


@pytest.mark.parametrize("yaw_deg", [-25, 25])
def test_a_turned_face_is_read_as_turned(smiling_person: NDArray[np.uint8], yaw_deg: float) -> None:
    with FaceReader() as reader:
        landmarks = reader.read(smiling_person)[0].face.landmarks.astype(np.float64)
        picture = pose.turned(smiling_person, landmarks, rotation_of(HeadPose(yaw_deg, 0, 0)))
        (reading, *_) = reader.read(picture)
    assert picture.shape == smiling_person.shape
    assert reading.features.head_pose is not None
    assert reading.features.head_pose.yaw_deg == pytest.approx(yaw_deg, abs=6)


def test_a_face_that_is_not_turned_is_drawn_as_it_was(smiling_person: NDArray[np.uint8]) -> None:
    with FaceReader() as reader:
        landmarks = reader.read(smiling_person)[0].face.landmarks.astype(np.float64)
    picture = pose.turned(smiling_person, landmarks, np.eye(3))
    left, top, right, bottom = 200, 90, 250, 160  # the inside of the face
    difference = picture[top:bottom, left:right].astype(int) - smiling_person[top:bottom, left:right]
    assert np.abs(difference).mean() < 1


def test_the_report_has_a_row_for_each_turn() -> None:
    one = pose.TurnedFace(HeadPose(10, 0, 0), HeadPose(12, 1, 0), 0.9, 0.1)
    text = pose.report([[one] * 18, [None] * 18])
    assert text.count("| 1 of 2 | ") == 18
    assert "| yaw, all | 9 | 2.0° | 2.0° |" in text
    assert "| 0 of 1 |" in pose.report([[None] * 18])
