"""The detector: how its output is decoded, and what it finds in real pictures."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.face.detect import (
    GRID,
    INPUT_PX,
    TILED_FROM_PX,
    Detection,
    Detector,
    Tile,
    decode,
    letterbox,
    overlap,
    suppress,
    tiles,
)
from mien.types import Box, Image
from tests.face.pictures import darkened, placed, turned

EYES_AND_MOUTH = ((203, 102), (247, 103), (223, 150))  # of the astronaut, read off the photograph by hand

large_sizes = st.tuples(st.integers(1, 40_000), st.integers(TILED_FROM_PX + 1, 40_000)).flatmap(st.permutations)
boxes = st.builds(Box, *[st.floats(-100, 100)] * 2, *[st.floats(0.5, 100)] * 2)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(threads=2)


def detection(box: Box, score: float) -> Detection:
    return Detection(box, np.zeros((6, 2), dtype=np.float32), score)


def test_a_cell_is_decoded_from_its_center() -> None:
    regressors = np.zeros((GRID * GRID, 16), dtype=np.float32)
    logits = np.full(GRID * GRID, -9, dtype=np.float32)
    cell = 7 * GRID + 20
    logits[cell] = 0.4
    regressors[cell] = [3, -2, 40, 30, *range(12)]
    corners, sizes, keypoints, scores = decode(regressors, logits)
    np.testing.assert_allclose(corners, [[20.5 * 4 + 3 - 20, 7.5 * 4 - 2 - 15]])
    np.testing.assert_allclose(sizes, [[40, 30]])
    np.testing.assert_allclose(keypoints[0, 2], [20.5 * 4 + 4, 7.5 * 4 + 5])
    np.testing.assert_allclose(scores, [1 / (1 + np.exp(-0.4))], rtol=1e-6)


def test_cells_without_a_face_are_ignored() -> None:
    found = decode(np.ones((GRID * GRID, 16), dtype=np.float32), np.full(GRID * GRID, -1e4, dtype=np.float32))
    assert [len(part) for part in found] == [0, 0, 0, 0]


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 0.3))
def test_the_letterbox_holds_the_whole_image_with_a_black_border(height: int, width: int, margin: float) -> None:
    letter = letterbox(np.full((height, width, 3), 255, dtype=np.uint8), margin=margin)
    assert letter.tensor.shape == (1, INPUT_PX, INPUT_PX, 3)
    assert set(np.unique(letter.tensor)) <= {-1.0, np.float32(255) * np.float32(1 / 127.5) - 1}
    rows, columns = np.nonzero(letter.tensor[0, :, :, 0] > 0)
    assert abs(columns[0] - letter.offset[0]) <= 1
    assert abs(rows[0] - letter.offset[1]) <= 1
    assert len(set(columns)) == max(1, round(width * letter.scale))
    assert len(set(rows)) == max(1, round(height * letter.scale))


@given(large_sizes)
def test_tiles_of_each_size_cover_a_large_picture_with_overlap(size_px: list[int]) -> None:
    width, height = size_px
    found = tiles(width, height)
    assert len(found) <= 32
    assert len(set(found)) == len(found)
    for size in {(tile.width, tile.height) for tile in found}:
        same = [tile for tile in found if (tile.width, tile.height) == size]
        columns, rows = sorted({tile.x for tile in same}), sorted({tile.y for tile in same})
        assert len(same) == len(columns) * len(rows)
        for starts, side, length in ((columns, size[0], width), (rows, size[1], height)):
            assert starts[0] == 0
            assert starts[-1] + side == length
            assert all(before + side - after >= side // 3 - 1 for before, after in itertools.pairwise(starts))


@pytest.mark.parametrize(
    ("size", "sides"),
    [((1280, 720), [720]), ((1920, 1080), [1080, 691]), ((3000, 4000), [2400, 1440]), ((20_000, 900), [2000])],
)
def test_large_pictures_are_cut_into_smaller_tiles(size: tuple[int, int], sides: list[int]) -> None:
    assert sorted({max(tile.width, tile.height) for tile in tiles(*size)}, reverse=True) == sides


def test_a_tile_keeps_faces_at_the_picture_s_own_border() -> None:
    tile = Tile(x=0, y=100, width=200, height=200)
    assert not tile.cuts(Box(-20, 20, 50, 50), 400, 300)
    assert tile.cuts(Box(20, -20, 50, 50), 400, 300)
    assert tile.cuts(Box(180, 20, 50, 50), 400, 300)
    assert not tile.cuts(Box(20, 180, 50, 50), 400, 300)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_at_most_one(one: Box, other: Box) -> None:
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, other) == pytest.approx(overlap(other, one))
    assert overlap(one, one) == pytest.approx(1)


def test_overlap_of_known_boxes() -> None:
    assert overlap(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert overlap(Box(0, 0, 10, 10), Box(10, 0, 10, 10)) == 0
    assert overlap(Box(0, 0, 10, 10), Box(30, 30, 10, 10)) == 0


def test_of_two_that_overlap_the_better_one_remains() -> None:
    worse = detection(Box(1, 1, 10, 10), 0.6)
    better = detection(Box(0, 0, 10, 10), 0.9)
    apart = detection(Box(50, 0, 10, 10), 0.7)
    assert suppress([worse, apart, better]) == [better, apart]


def test_a_real_face_is_found_with_its_eyes(detector: Detector, smiling_person: Image) -> None:
    (found,) = detector.find(smiling_person)
    assert found.score > 0.7
    for point, expected in zip(found.keypoints[[0, 1, 3]], EYES_AND_MOUTH, strict=True):
        assert np.hypot(*(point - expected)) < 10


def test_keypoints_follow_a_face_that_is_moved(detector: Detector, smiling_person: Image) -> None:
    picture = placed(smiling_person, x=200, y=60, scale=0.8)
    (found,) = detector.find(picture)
    for point, expected in zip(found.keypoints[[0, 1, 3]], EYES_AND_MOUTH, strict=True):
        assert np.hypot(*(point - (np.array(expected) * 0.8 + [200, 60]))) < 10


@pytest.mark.parametrize("angle_deg", [-45, -30, 30, 45])
def test_a_tilted_face_is_found_with_its_angle(detector: Detector, smiling_person: Image, angle_deg: float) -> None:
    (found,) = detector.find(turned(smiling_person, angle_deg))
    dx, dy = found.keypoints[1] - found.keypoints[0]
    assert abs(np.degrees(np.arctan2(dy, dx)) - angle_deg) < 15


def test_a_face_in_low_light_is_found(detector: Detector, smiling_person: Image) -> None:
    assert len(detector.find(darkened(smiling_person, 0.12))) == 1


@pytest.mark.parametrize("scale", [0.5, 0.65, 3])
def test_small_and_large_faces_are_found(detector: Detector, smiling_person: Image, scale: float) -> None:
    x = -450 if scale == 3 else 100
    y = -150 if scale == 3 else 50
    assert len(detector.find(placed(smiling_person, x=x, y=y, scale=scale))) == 1


@pytest.mark.parametrize("share", [0.15, 0.3])
def test_a_face_that_leaves_the_picture_is_found(detector: Detector, smiling_person: Image, share: float) -> None:
    left = round(180 + share * 91)  # the face reaches from 180 to 271
    assert len(detector.find(np.ascontiguousarray(smiling_person[:, left:]))) == 1


def test_tiles_find_faces_that_are_small_in_a_large_picture(detector: Detector, smiling_person: Image) -> None:
    picture = np.full((1500, 2000, 3), 90, dtype=np.uint8)
    person = placed(smiling_person)[:, 80:560]
    picture[900:1380, 1400:1880] = person
    assert max(picture.shape) > TILED_FROM_PX
    assert detector.find(picture, tiled=False) == []
    (found,) = detector.find(picture)
    assert abs(found.box.x + found.box.width / 2 - (1400 + 225 * 480 / 512)) < 20


def test_no_face_is_found_in_an_empty_room(detector: Detector, empty_room: Image) -> None:
    assert detector.find(empty_room) == []
    assert detector.find(np.zeros((480, 640, 3), dtype=np.uint8)) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 4000, 3), (4000, 1, 3), (7, 30_000, 3)])
def test_unusual_image_sizes_are_searched(detector: Detector, shape: tuple[int, int, int]) -> None:
    assert detector.find(np.zeros(shape, dtype=np.uint8)) == []
