"""Paths between two songs, and radios: what they begin and end with, their steps, and what they must not repeat."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from mien.errors import NoMatchError
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.recommend import recommend_path, recommend_radio
from mien.types import AudioFeatures, Mood, ReasonKind, Track

KINDS = 4


def library(count=400, *, seed=0, sounds=True):
    """Tracks all over the plane, of ``KINDS`` sounds that go with the valence, and of many artists."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(20, 200, (KINDS, 300))
    tracks = []
    for number, (v, a, t) in enumerate(rng.uniform((-1, -1, 60), (1, 1, 180), (count, 3)).tolist()):
        kind = min(int((v + 1) / 2 * KINDS), KINDS - 1)
        sound = np.clip(codes[kind] + rng.normal(0, 12, 300), 0, 255).astype(np.uint8).tobytes() if sounds else b""
        features = AudioFeatures(t, -18.0, v, a, 0.9, 4, sound=sound)
        tracks.append(Track(f"test:{number}", f"Piece {number}", f"Artist {number % 60}", "", 200.0, features))
    return tracks


def point(track):
    return track.features.valence, track.features.arousal


def kind(track):
    return min(int((track.features.valence + 1) / 2 * KINDS), KINDS - 1)


def ends(tracks):
    """A sad and calm track, and a pleasant and excited one."""
    return min(tracks, key=lambda one: sum(point(one))), max(tracks, key=lambda one: sum(point(one)))


@pytest.fixture(params=[True, False], ids=["with sounds", "without"])
def tracks(request):
    return library(sounds=request.param)


class TestPath:
    @pytest.mark.parametrize("seed", [None, 1, 2])
    def test_it_leads_from_one_song_to_the_other_without_repeats(self, tracks, seed):
        first, last = ends(tracks)
        rng = None if seed is None else np.random.default_rng(seed)
        station = recommend_path(first.id, last.id, tracks, count=12, rng=rng)
        picked = [pick.track for pick in station.picks]
        assert (picked[0], picked[-1], len(picked)) == (first, last, 12)
        assert len({one.title for one in picked}) == 12
        whole = math.dist(point(first), point(last))
        steps = [math.dist(point(one), point(other)) for one, other in itertools.pairwise(picked)]
        assert max(steps) < 0.35 * whole
        covered = [math.dist(point(first), point(one)) / whole for one in picked]
        assert all(later > earlier - 0.1 for earlier, later in itertools.pairwise(covered))
        assert station.picks[0].propensity == station.picks[-1].propensity == 1

    def test_the_sound_changes_on_the_way(self):
        tracks = library()
        first, last = ends(tracks)
        kinds = [kind(pick.track) for pick in recommend_path(first.id, last.id, tracks, count=13).picks]
        assert kinds == sorted(kinds)
        assert kinds[:3] == [0] * 3
        assert kinds[-3:] == [KINDS - 1] * 3

    def test_the_reasons_name_the_song_that_it_leads_to(self, tracks):
        first, last = ends(tracks)
        station = recommend_path(first.id, last.id, tracks, count=5)
        for number, pick in enumerate(station.picks):
            values = {reason.kind: reason.value for reason in pick.reasons}
            assert values[ReasonKind.GOAL] == last.title
            assert values[ReasonKind.PROGRESS] == pytest.approx(number / 4)
            assert ReasonKind.SIMILAR not in values

    def test_it_keeps_to_its_length(self, tracks):
        first, last = ends(tracks)
        station = recommend_path(first.id, last.id, tracks, minutes=30)
        assert station.picks[-1].track == last
        assert sum(pick.track.duration_s for pick in station.picks) == pytest.approx(1800, abs=200)

    def test_two_tracks_are_the_shortest_path(self, tracks):
        first, last = ends(tracks)
        assert [pick.track for pick in recommend_path(first.id, last.id, tracks, count=1).picks] == [first, last]
        assert [pick.track for pick in recommend_path(first.id, last.id, [first, last]).picks] == [first, last]

    def test_conditions_hold_between_the_ends(self, tracks):
        first, last = ends(tracks)
        folk = [replace(one, genres=("Folk",)) if number % 3 else one for number, one in enumerate(tracks)]
        station = recommend_path(first.id, last.id, folk, count=9, track_filter=TrackFilter(genre="folk"))
        assert all(pick.track.genres for pick in station.picks[1:-1])
        never = frozenset(pick.track.id for pick in station.picks)
        again = recommend_path(first.id, last.id, folk, count=9, track_filter=TrackFilter(never=never))
        assert not {pick.track.id for pick in again.picks[1:-1]} & never

    def test_ends_that_make_no_path_are_refused(self, tracks):
        with pytest.raises(NoMatchError, match="same song"):
            recommend_path("test:1", "test:1", tracks)
        with pytest.raises(NoMatchError, match="was not analysed"):
            recommend_path("test:1", "test:none", tracks)


class TestRadio:
    def test_a_song_begins_its_radio_and_what_follows_sounds_like_it(self):
        tracks = library()
        station = recommend_radio(["test:7"], tracks, count=15, rng=np.random.default_rng(1))
        picked = [pick.track for pick in station.picks]
        assert picked[0].id == "test:7"
        assert len({one.id for one in picked}) == 15
        assert sum(kind(one) == kind(tracks[7]) for one in picked) >= 13
        assert len({one.artist for one in picked}) >= 12
        assert not any(reason.kind is ReasonKind.MOOD_FIT for pick in station.picks for reason in pick.reasons)

    def test_a_song_that_was_played_does_not_begin_again(self, tracks):
        station = recommend_radio(["test:7"], tracks, count=5, history=["test:7"])
        assert "test:7" not in [pick.track.id for pick in station.picks]

    def test_a_radio_from_an_artist_plays_theirs_and_others(self):
        tracks = library()
        seeds = [one.id for one in tracks if one.artist == "Artist 3"]
        artists = [pick.track.artist for pick in recommend_radio(seeds, tracks, count=20).picks]
        assert 1 <= artists.count("Artist 3") <= 10
        assert all(one != other for one, other in itertools.pairwise(artists))

    def test_a_mood_can_be_asked_for(self, tracks):
        seeds = [one.id for one in tracks[:40]]
        calm = recommend_radio(seeds, tracks, mood=Mood(0.2, -0.8), count=10)
        lively = recommend_radio(seeds, tracks, mood=Mood(0.2, 0.8), count=10)
        means = [np.mean([point(pick.track)[1] for pick in station.picks]) for station in (calm, lively)]
        assert means[0] < -0.4
        assert means[1] > 0.4
        assert any(reason.kind is ReasonKind.MOOD_FIT for reason in calm.picks[0].reasons)

    def test_music_that_was_not_analysed_makes_no_radio(self, tracks):
        with pytest.raises(NoMatchError, match="analysed"):
            recommend_radio(["test:none"], tracks)

    def test_an_index_saves_building_one(self, tracks):
        index = TrackIndex.of(tracks)
        assert recommend_radio(["test:1"], index, count=4) == recommend_radio(["test:1"], tracks, count=4)
