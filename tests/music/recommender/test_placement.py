"""Places in a library: what stays as estimated, what moves, and what no library may do to a track."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mien.music.recommender.placement import MAX_SHIFT, group_offsets, place_in_library, relative_places
from mien.types import AudioFeatures, MoodOrigin, Track

numbers = st.floats(-1, 1, allow_subnormal=False)


def track(key, valence, arousal, *, genre="", origin=MoodOrigin.ESTIMATE):
    features = AudioFeatures(100.0, -18.0, valence, arousal, 0.8, 1, origin=origin)
    return Track(f"folder:{key}", f"Piece {key}", "Ann", "Album", 180.0, features, genres=(genre,) if genre else ())


def library(points, *, genre="", first=0):
    return [track(first + i, v, a, genre=genre) for i, (v, a) in enumerate(np.asarray(points).tolist())]


def points_of(tracks):
    return np.array([(one.features.valence, one.features.arousal) for one in tracks])


def drawn(count, *, centre, spread=0.3, seed=0):
    return np.clip(np.random.default_rng(seed).normal(centre, spread, (count, 2)), -1, 1)


def quadrants(tracks):
    points = points_of(tracks) > 0
    return [float((points == pair).all(axis=1).mean()) for pair in itertools.product((False, True), repeat=2)]


@pytest.fixture(params=[(-0.4, 0.3), (0.5, 0.5), (-0.3, -0.6)], ids=str)
def centre(request):
    return request.param


@st.composite
def libraries(draw):
    count = draw(st.integers(1, 80))
    points = draw(arrays(np.float64, (count, 2), elements=numbers))
    genres = draw(st.lists(st.sampled_from(["", "Rock", "Chiptune", "Folk"]), min_size=count, max_size=count))
    return [track(i, *point, genre=genre) for i, (point, genre) in enumerate(zip(points.tolist(), genres, strict=True))]


@settings(deadline=None)
@given(libraries())
def test_places_stay_on_the_plane_and_remember_the_estimates(tracks):
    placed = place_in_library(tracks)
    assert [one.id for one in placed] == [one.id for one in tracks]
    assert np.abs(points_of(placed)).max() <= 1
    assert [one.features.absolute for one in placed] == [(one.features.valence, one.features.arousal) for one in tracks]


@settings(deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 200), st.just(2)), elements=numbers))
def test_a_clear_estimate_is_never_turned_into_its_opposite(points):
    assert np.abs(points_of(place_in_library(library(points))) - points).max() <= MAX_SHIFT + 1e-9


@settings(deadline=None)
@given(libraries())
def test_order_within_a_genre_is_kept(tracks):
    placed = place_in_library(tracks)
    for genre in {one.genres for one in tracks}:
        rows = [row for row, one in enumerate(tracks) if one.genres == genre]
        before, after = points_of(tracks)[rows], points_of(placed)[rows]
        for axis in (0, 1):
            steps = np.diff(after[np.argsort(before[:, axis], kind="stable"), axis])
            assert steps.min(initial=0) >= -1e-9


@settings(deadline=None)
@given(libraries(), st.randoms(use_true_random=False))
def test_places_do_not_depend_on_the_order_of_the_tracks(tracks, random):
    shuffled = random.sample(tracks, len(tracks))
    expected = {one.id: one.features for one in place_in_library(tracks)}
    for one in place_in_library(shuffled):
        assert one.features.valence == pytest.approx(expected[one.id].valence, abs=1e-9)
        assert one.features.arousal == pytest.approx(expected[one.id].arousal, abs=1e-9)


@settings(deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 12), st.just(2)), elements=st.floats(-1, -0.25)))
def test_no_elegy_of_a_small_library_is_bright(points):
    places = points_of(place_in_library(library(points)))
    assert places.max() < 0.05


@settings(deadline=None)
@given(arrays(np.float64, (10, 2), elements=numbers))
def test_a_library_of_ten_stays_nearly_absolute(points):
    assert np.abs(points_of(place_in_library(library(points))) - points).max() < 0.2


def test_a_library_with_an_offset_fills_every_quadrant(centre):
    tracks = library(drawn(300, centre=centre))
    assert max(quadrants(tracks)) > 0.5
    assert 0.15 <= min(quadrants(place_in_library(tracks))) <= max(quadrants(place_in_library(tracks))) <= 0.35


def test_chip_music_does_not_fall_into_a_corner():
    chip = library(drawn(60, centre=(0.45, 0.7), spread=0.15, seed=1), genre="Chiptune")
    others = library(drawn(200, centre=(-0.2, -0.1), seed=2), genre="Folk", first=100)
    assert max(quadrants(chip)) > 0.95
    placed = place_in_library(chip + others)
    assert max(quadrants(placed[:60])) < 0.6
    assert max(quadrants(placed)) < 0.35


def test_a_lively_genre_stays_livelier_than_a_calm_one():
    metal = library(drawn(80, centre=(0.0, 0.5), seed=1), genre="Metal")
    ambient = library(drawn(80, centre=(0.0, -0.5), seed=2), genre="Ambient", first=100)
    arousals = points_of(place_in_library(metal + ambient))[:, 1]
    assert arousals[:80].mean() > arousals[80:].mean() + 0.4


def test_one_more_track_moves_the_others_little():
    """As a scan adds one track after the other, of several genres."""
    points = drawn(120, centre=(-0.3, 0.2), seed=3)
    genres = ["Rock", "Chiptune", "", "Folk"]
    tracks = [track(i, *point, genre=genres[i * i % 4]) for i, point in enumerate(points.tolist())]
    before = points_of(place_in_library(tracks[:10]))
    for count in range(11, 121):
        after = points_of(place_in_library(tracks[:count]))
        assert np.abs(after[:-1] - before).max() < 0.12
        before = after


def test_stated_moods_are_absolute_and_do_not_count():
    stated = [track(i, 0.9, 0.9, origin=origin) for i, origin in enumerate((MoodOrigin.TAG, MoodOrigin.PERSON))]
    estimated = library(drawn(100, centre=(-0.4, -0.4)), first=10)
    placed = place_in_library([*stated, *estimated])
    assert placed[:2] == stated
    assert placed[2:] == place_in_library(estimated)


def test_tracks_that_were_not_analysed_stay():
    bare = Track("folder:bare", "Bare", "", "", 10.0)
    assert place_in_library([bare]) == [bare]
    assert place_in_library([]) == []


def test_offsets_shrink_with_the_size_of_the_group_and_where_groups_hardly_differ():
    centres = np.repeat([[0.4, 0.0], [-0.4, 0.0], [0.0, 0.0]], [40, 40, 3], axis=0)
    points = centres + np.random.default_rng(5).normal(0, 0.1, centres.shape)
    groups = np.repeat([0, 1, 2], [40, 40, 3])
    offsets = group_offsets(points, groups, np.full(3, 0.9))
    assert offsets[0, 0] > 0.3
    assert offsets[1, 0] < -0.3
    assert np.abs(offsets[:, 1]).max() < 0.1
    alone = group_offsets(points[[0, *range(40, 80)]], np.repeat([0, 1], [1, 40]), np.full(2, 0.9))
    assert abs(alone[0, 0]) < 0.3


def test_equal_estimates_share_a_place():
    places = relative_places(np.full((200, 2), -0.5), np.zeros(200, np.intp), np.full(1, 0.5))
    assert np.ptp(places, axis=0).max() == 0
    assert np.abs(places + 0.5).max() <= MAX_SHIFT
