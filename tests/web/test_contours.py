"""The lines over a face lie where its parts are."""

import numpy as np
import pytest

from mien.face.reader import FaceReader
from mien.web.contours import CONTOURS, contours_of


@pytest.fixture(scope="module")
def lines(smiling_person):
    (reading, *_) = FaceReader().read(smiling_person)
    return {name: np.array(points) for name, points in contours_of(reading.face).items()}


def test_they_are_few_and_of_the_mesh():
    indices = [index for line in CONTOURS.values() for index in line]
    assert len(indices) <= 115
    assert set(indices) <= set(range(478))


def test_closed_lines_end_where_they_began():
    closed = {name for name, line in CONTOURS.items() if line[0] == line[-1]}
    assert closed == {"oval", "left_eye", "right_eye", "lips_outer", "lips_inner"}


def test_no_point_is_drawn_twice():
    for line in CONTOURS.values():
        assert len(set(line)) >= len(line) - 1


def test_points_are_rounded_to_a_tenth_of_a_pixel(lines):
    for points in lines.values():
        assert np.allclose(points * 10, np.round(points * 10))


def test_all_parts_lie_within_the_oval(lines):
    low, high = lines["oval"].min(axis=0), lines["oval"].max(axis=0)
    for points in lines.values():
        assert (points >= low).all()
        assert (points <= high).all()


def test_parts_lie_as_in_a_face(lines):
    middle = {name: points.mean(axis=0) for name, points in lines.items()}
    # The person's left is the picture's right.
    assert middle["right_eye"][0] < middle["nose"][0] < middle["left_eye"][0]
    assert middle["left_brow"][1] < middle["left_eye"][1] < middle["nose"][1] < middle["lips_outer"][1]
    assert middle["right_brow"][1] < middle["right_eye"][1]


def test_a_line_goes_round_without_crossing_itself(lines):
    for name in ("oval", "left_eye", "right_eye", "lips_outer", "lips_inner"):
        points = lines[name]
        around = np.unwrap(np.arctan2(*(points - points[:-1].mean(axis=0)).T[::-1]))
        turns = np.diff(around)
        assert abs(around[-1] - around[0]) == pytest.approx(2 * np.pi, abs=0.01)
        assert (np.sign(turns) == np.sign(turns[0])).mean() > 0.9
