"""Track ids of simulated faces that move, hide and cross."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.face.reader import FaceReader
from mien.face.track import (
    REMEMBER_FACES,
    REMEMBER_S,
    SAME_FACE_DISTANCE,
    FaceGeometry,
    Points,
    Tracker,
    distance,
    is_over,
    normalized_shape,
    procrustes_distance,
)
from mien.types import Image
from tests.face.pictures import placed, turned

POINTS = 40
FIVE = 5

Walk = Callable[[float], tuple[float, float]]


def person(seed: int, *, size_px: float = 90, points: int = POINTS) -> Points:
    """A face centered on (0, 0): points common to all people, with individual differences of 4 % of its size."""
    common = np.random.default_rng(0).uniform(-0.5, 0.5, (points, 2))
    own = np.random.default_rng(seed).normal(0, 0.04, (points, 2))
    return ((common + own) * size_px).astype(np.float32)


def at(face: Points, x: float, y: float) -> Points:
    return face + np.array([x, y], dtype=np.float32)


def update(tracker: Tracker, seen: Sequence[Points], *, at_s: float) -> list[int]:
    """The id of each face."""
    return tracker.update([FaceGeometry.of(points) for points in seen], at_s=at_s)


def crossing(
    people: Sequence[Points], walks: Sequence[Walk], *, frames_per_s: float, seed: int, duration_s: float = 4.0
) -> tuple[list[dict[int, int]], Tracker]:
    """The id of each person in each frame. Points are noisy, one detection in ten is missing, and faces are opaque.

    People stand behind each other in their order: who is less than a third of a face from one before is hidden.
    """
    rng, tracker, told = np.random.default_rng(seed), Tracker(), []
    for index in range(round(duration_s * frames_per_s)):
        places = [np.array(walk(index / frames_per_s)) for walk in walks]
        seen = {
            who: (at(face, *places[who]) + rng.normal(0, 1, face.shape)).astype(np.float32)
            for who, face in enumerate(people)
            if rng.uniform() > 0.1 and all(np.linalg.norm(places[who] - before) > 30 for before in places[:who])
        }
        order = list(rng.permutation(list(seen))) if seen else []
        ids = update(tracker, [seen[who] for who in order], at_s=index / frames_per_s)
        told.append(dict(zip(order, ids, strict=True)))
    return told, tracker


@pytest.mark.parametrize("frames_per_s", [7, 15, 30])
@pytest.mark.parametrize("points", [FIVE, POINTS])
@pytest.mark.parametrize("seed", range(4))
def test_two_and_three_faces_that_cross_keep_their_ids(frames_per_s: float, points: int, seed: int) -> None:
    walks: list[Walk] = [
        lambda t: (100 + 100 * t, 200 + 5 * t),
        lambda t: (500 - 100 * t, 210 - 5 * t),
        lambda t: (300 + 3 * t, 320 - 60 * t),
    ]
    people = [person(10 * seed + who, points=points) for who in range(3)]
    for count in (2, 3):
        told, _ = crossing(people[:count], walks[:count], frames_per_s=frames_per_s, seed=seed)
        for who in range(count):
            assert len({ids[who] for ids in told if who in ids}) == 1
        assert {track_id for ids in told for track_id in ids.values()} == set(range(1, count + 1))


def test_a_face_that_hides_for_a_moment_while_it_walks_is_the_same() -> None:
    tracker, face = Tracker(), person(1)
    for index in range(60):
        hides = 20 <= index < 50
        ids = update(tracker, [] if hides else [at(face, 100 + 6 * index, 200)], at_s=index / 30)
        assert ids == ([] if hides else [1])


def test_a_face_hidden_too_long_or_too_far_away_is_new() -> None:
    tracker, face = Tracker(), person(1)
    assert update(tracker, [at(face, 100, 100)], at_s=0) == [1]
    assert update(tracker, [at(face, 500, 100)], at_s=0.05) == [2]
    assert update(tracker, [], at_s=0.1) == []
    assert update(tracker, [at(face, 500, 100)], at_s=0.2 + REMEMBER_S) == [3]


def test_another_person_near_the_last_position_is_new() -> None:
    for stranger in range(20, 30):
        tracker = Tracker()
        update(tracker, [at(person(1), 100, 100)], at_s=0)
        update(tracker, [], at_s=0.1)
        assert update(tracker, [at(person(stranger), 190, 100)], at_s=0.8) == [2]
        assert update(tracker, [at(person(stranger), 190, 100), at(person(1), 30, 110)], at_s=0.9) == [2, 1]


@pytest.mark.parametrize("times_s", [(5.0, 1.0), (0.0, 1e6), (3.0, 3.0)])
def test_a_face_that_stays_keeps_its_id_with_any_clock(times_s: tuple[float, float]) -> None:
    tracker, face = Tracker(), at(person(1), 100, 100)
    assert [update(tracker, [face], at_s=time_s) for time_s in times_s] == [[1], [1]]
    assert update(tracker, [at(face, 20, 0)], at_s=times_s[1] + 0.03) == [1]


def test_faces_out_of_sight_are_forgotten_by_time_by_count_and_by_a_clock_that_jumps_back() -> None:
    tracker = Tracker()
    for index in range(3 * REMEMBER_FACES):
        update(tracker, [at(person(1), 1000 * index, 0)], at_s=index / 100)
        assert len(tracker.missed) <= REMEMBER_FACES
    update(tracker, [], at_s=-1)
    update(tracker, [], at_s=-0.9)
    assert len(tracker.missed) == 0


sightings = st.lists(
    st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(0, 200), st.integers(0, 3)), max_size=6
)
moments = st.lists(st.tuples(st.floats(-3, 3), sightings), max_size=12)


@settings(max_examples=60)
@given(moments)
def test_ids_are_unique_count_up_and_are_never_reused(
    stream: list[tuple[float, list[tuple[float, ...]]]],
) -> None:
    tracker, known, forgotten, time_s = Tracker(), set[int](), set[int](), 0.0
    for step_s, faces in stream:
        time_s += step_s
        ids = update(tracker, [at(person(int(f[3]), size_px=f[2]), f[0], f[1]) for f in faces], at_s=time_s)
        assert len(set(ids)) == len(ids) == len(faces)
        assert not forgotten & set(ids)
        assert sorted(set(ids) - known) == list(range(len(known) + 1, len(known | set(ids)) + 1))
        known |= set(ids)
        remembered = {track.track_id for track in tracker.in_sight + tracker.missed}
        assert len(remembered) == len(tracker.in_sight) + len(tracker.missed) <= len(faces) + REMEMBER_FACES
        forgotten |= known - remembered


@settings(max_examples=40)
# With fewer frames a second, three missed detections in a row may exceed the reach before the velocity is known.
@given(st.integers(0, 1000), st.floats(12, 60), st.floats(-200, 200), st.floats(-100, 100))
def test_one_face_is_one_track_at_any_speed(seed: int, frames_per_s: float, speed_x: float, speed_y: float) -> None:
    _, tracker = crossing(
        [person(seed)], [lambda t: (speed_x * t, speed_y * t)], frames_per_s=frames_per_s, seed=seed, duration_s=2
    )
    assert [track.track_id for track in (tracker.in_sight + tracker.missed)] == [1]


@given(st.floats(-300, 300), st.floats(20, 400), st.floats(0, 6))
def test_a_shape_is_invariant_to_position_size_and_rotation(x: float, size_px: float, angle: float) -> None:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], dtype=np.float32)
    other = at(person(1, size_px=size_px) @ turn, x, -x)
    assert procrustes_distance(normalized_shape(person(1)), normalized_shape(other)) < 1e-3
    assert distance(FaceGeometry.of(other), FaceGeometry.of(other)) == 0


@given(st.floats(-200, 200), st.floats(-200, 200), st.floats(30, 200), st.integers(0, 5))
def test_meshes_over_one_face_are_recognized_by_distance(x: float, y: float, size_px: float, who: int) -> None:
    one, other = FaceGeometry.of(person(1)), FaceGeometry.of(at(person(who, size_px=size_px), x, y))
    assert is_over(one, other) == (distance(one, other) <= SAME_FACE_DISTANCE)


@given(st.floats(-200, 200), st.floats(-200, 200))
def test_moved_geometry_equals_the_geometry_of_moved_points(x: float, y: float) -> None:
    moved, again = FaceGeometry.of(person(1)).moved(x, y), FaceGeometry.of(at(person(1), x, y))
    assert moved.center == pytest.approx(again.center, abs=1e-3)
    assert (moved.box.x, moved.box.y) == pytest.approx((again.box.x, again.box.y), abs=1e-3)
    assert moved.size_px == pytest.approx(again.size_px, abs=1e-3)
    np.testing.assert_allclose(moved.points, again.points, atol=1e-3)


def test_a_real_face_keeps_its_shape_when_rotated_and_reduced(reader: FaceReader, smiling_person: Image) -> None:
    pictures = [placed(smiling_person), placed(turned(smiling_person, 15)), placed(smiling_person, scale=0.5)]
    one, *others = (normalized_shape(reader.read(picture)[0].face.landmarks) for picture in pictures)
    assert max(procrustes_distance(one, other) for other in others) < 0.02
