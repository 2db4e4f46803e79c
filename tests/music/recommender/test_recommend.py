"""Properties of every station: its picks, their propensities, the order of the list."""

from __future__ import annotations

import csv
import gzip
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.cli.terminal.reason_words import reason_words
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal, target
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.recommend import recommend
from mien.music.recommender.taste import Feedback, Taste
from mien.types import AudioFeatures, Mood, MoodOrigin, Track
from tests.calls import count_calls

unit = st.floats(-1, 1)
moods = st.builds(Mood, unit, unit)


def track(key, valence, arousal, *, artist="", title="", tempo_bpm=100.0, duration_s=60.0, album="", tonic=None):
    minor = None if tonic is None else False
    features = AudioFeatures(tempo_bpm, -18.0, valence, arousal, 1.0, 1, tonic, minor)
    return Track(f"test:{key}", title or f"Piece {key}", artist, album, duration_s, features)


def scattered(count, *, seed=0):
    """Tracks of many artists all over the plane, of many tempos and lengths."""
    rng = np.random.default_rng(seed)
    return [
        track(
            i,
            v,
            a,
            artist=f"Artist {i % (count // 3 + 1)}",
            tempo_bpm=60 + 120 * t,
            duration_s=120 + 180 * s,
            tonic=int(k),
        )
        for i, (v, a, t, s, k) in enumerate(rng.uniform((-1, -1, 0, 0, 0), (1, 1, 1, 1, 12), (count, 5)).tolist())
    ]


def distances(station):
    goal = (station.target.valence, station.target.arousal)
    heard = [pick.track.features for pick in station.picks]
    return [math.dist(goal, (features.valence, features.arousal)) for features in heard]


@st.composite
def pools(draw):
    places = draw(st.lists(st.tuples(unit, unit, st.integers(0, 5)), max_size=40))
    return [track(i, v, a, artist=f"Artist {artist}" if artist else "") for i, (v, a, artist) in enumerate(places)]


def generators():
    return st.none() | st.builds(np.random.default_rng, st.integers(0, 2**32))


@settings(deadline=None)
@given(mood=moods, pool=pools(), count=st.integers(0, 45), rng=generators())
def test_station_has_no_repeats_and_numbers_in_range(mood, pool, count, rng):
    station = recommend(mood, pool, count=count, rng=rng, history=[one.id for one in pool[::3]])
    ids = [pick.track.id for pick in station.picks]
    assert len(ids) == len(set(ids)) == min(count, len(pool))
    assert station.target == mood
    assert station.route == (mood,) * len(ids)
    for pick in station.picks:
        assert 0 < pick.propensity <= 1
        assert 0 < pick.score <= 1
        assert pick.reasons
        assert pick.track in pool


@settings(max_examples=10)
@given(mood=moods, pool=pools().filter(lambda pool: 2 <= len(pool) <= 6), seed=st.integers(0, 1000))
def test_propensities_of_a_position_sum_to_one(mood, pool, seed):
    """Many draws of the first place show every candidate with a noticeable probability."""
    rng = np.random.default_rng(seed)
    track_index = TrackIndex.of(pool)
    seen = {}
    for _ in range(1000):
        pick = recommend(mood, track_index, count=1, rng=rng).picks[0]
        assert seen.setdefault(pick.track.id, pick.propensity) == pick.propensity
    assert sum(seen.values()) <= 1 + 1e-9
    assert sum(seen.values()) == pytest.approx(1, abs=0.01)


def test_propensity_is_how_often_a_track_is_chosen():
    pool = [track(i, i / 40, 0.0) for i in range(8)]
    track_index = TrackIndex.of(pool)
    rng = np.random.default_rng(7)
    draws = [recommend(Mood(0, 0), track_index, count=1, rng=rng).picks[0] for _ in range(4000)]
    for one in pool:
        chosen = [pick for pick in draws if pick.track is one]
        if chosen:
            expected = chosen[0].propensity
            assert len(chosen) / len(draws) == pytest.approx(expected, abs=4 * math.sqrt(expected / len(draws)))


def test_propensity_is_conditional_on_earlier_picks():
    near, far = track("near", 0.0, 0.0), track("far", 0.02, 0.0)
    station = recommend(Mood(0, 0), [near, far], count=2, rng=np.random.default_rng(1))
    assert station.picks[0].propensity < 1
    assert station.picks[1].propensity == 1


def test_without_rng_the_best_track_is_certain():
    pool = [track(i, v, 0.0) for i, v in enumerate((0.9, -0.3, 0.1, 0.5, -0.8))]
    station = recommend(Mood(0.2, 0.0), pool, count=5)
    assert [pick.track.features.valence for pick in station.picks] == [0.1, 0.5, -0.3, 0.9, -0.8]
    assert all(pick.propensity == 1 for pick in station.picks)
    assert [pick.score for pick in station.picks] == sorted((pick.score for pick in station.picks), reverse=True)


def test_seed_determines_station():
    pool = [track(i, *np.random.default_rng(i).uniform(-1, 1, 2)) for i in range(30)]

    def evening(seed):
        station = recommend(Mood(0.5, 0.5), pool, count=10, rng=np.random.default_rng(seed))
        return [pick.track.id for pick in station.picks]

    assert evening(1) == evening(1)
    assert len({tuple(evening(seed)) for seed in range(8)}) > 4


def test_perfect_fit_scores_one():
    (pick,) = recommend(Mood(0.3, -0.2), [track("it", 0.3, -0.2)], count=1).picks
    assert pick.score == 1
    assert reason_words(pick.reasons) == "steady and bright, 100 bpm, very close to your mood"


@given(artists=st.integers(1, 12), each=st.integers(1, 6))
def test_artists_alternate_among_equal_fits(artists, each):
    pool = [track(f"{a}-{n}", 0.0, 0.0, artist=f"Artist {a}") for a in range(artists) for n in range(each)]
    order = [pick.track.artist for pick in recommend(Mood(0, 0), pool, count=artists * each).picks]
    for begin in range(0, len(order), artists):
        assert len(set(order[begin : begin + artists])) == artists
    assert order == order[:artists] * each


def test_random_draws_hardly_disturb_the_spacing():
    pool = [track(f"{a}-{n}", 0.0, 0.0, artist=f"Artist {a}") for a in range(5) for n in range(6)]
    stations = [recommend(Mood(0, 0), pool, count=20, rng=np.random.default_rng(seed)) for seed in range(40)]
    orders = [[pick.track.artist for pick in station.picks] for station in stations]
    pairs = [pair for order in orders for pair in itertools.pairwise(order)]
    assert sum(first == second for first, second in pairs) < 0.01 * len(pairs)
    windows = [order[begin : begin + 5] for order in orders for begin in range(16)]
    assert np.mean([len(set(window)) for window in windows]) > 4.5


def test_no_artist_twice_in_a_row_if_another_is_about_as_near():
    pool = [track(i, 0.3 + i / 200, 0.3, artist="One" if i % 3 else f"Other {i}") for i in range(30)]
    for seed in range(20):
        station = recommend(Mood(0.3, 0.3), pool, count=12, rng=np.random.default_rng(seed))
        order = [pick.track.artist for pick in station.picks]
        assert all(first != second for first, second in itertools.pairwise(order))


def test_unknown_artists_are_not_one_artist():
    pool = [track(i, 0.01 * i, 0.0, artist="") for i in range(5)]
    assert [pick.track.id for pick in recommend(Mood(0, 0), pool).picks] == [one.id for one in pool]


def test_the_same_song_in_two_albums_comes_once():
    pool = [track(1, 0, 0, artist="Ann", title="Song"), track(2, 0, 0, artist="ann", title="SONG"), track(3, 1, 1)]
    assert [pick.track.id for pick in recommend(Mood(0, 0), pool).picks] == ["test:1", "test:3"]


def test_recent_plays_are_avoided_and_old_ones_are_not():
    pool = [track(i, 0.02 * i, 0.0) for i in range(6)]
    latest_first = recommend(Mood(0, 0), pool, count=6, history=["test:0", "test:1"]).picks
    assert [pick.track.id for pick in latest_first] == [f"test:{i}" for i in (2, 3, 4, 5, 0, 1)]
    assert reason_words(latest_first[-1].reasons).endswith("played not long ago")
    long_ago = recommend(Mood(0, 0), pool, count=1, history=["test:0", *(f"gone:{i}" for i in range(120))])
    assert long_ago.picks[0].track.id == "test:0"


def test_what_could_not_be_judged_is_never_picked():
    silence, unsure, music = track("silence", 0, 0), track("unsure", 0, 0), track("music", 0.3, 0)
    silence = replace(silence, features=replace(silence.features, loudness_lufs=-70.0))
    unsure = replace(unsure, features=replace(unsure.features, arousal_confidence=0.0, valence_confidence=0.0))
    stated = replace(unsure, id="test:stated", features=replace(unsure.features, origin=MoodOrigin.PERSON))
    picks = recommend(Mood(0, 0), [silence, unsure, music, stated]).picks
    assert {pick.track.id for pick in picks} == {music.id, stated.id}


def test_uncertain_tracks_rank_behind_music():
    noise, music = track("noise", 0, 0), track("music", 0.3, 0)
    noise = replace(noise, features=replace(noise.features, arousal_confidence=0.01))
    assert [pick.track for pick in recommend(Mood(0, 0), [noise, music]).picks] == [music, noise]


def test_last_play_of_a_track_counts():
    pool = [track("often", 0, 0), track("once", 0, 0)]
    station = recommend(Mood(0, 0), pool, count=2, history=["test:often", "test:once", "test:often"])
    assert [pick.track.id for pick in station.picks] == ["test:once", "test:often"]


def test_tracks_without_features_are_ignored_and_an_empty_pool_gives_no_picks():
    unheard = Track("test:new", "New", "", "", 0.0)
    for pool in ([], [unheard]):
        station = recommend(Mood(0.1, 0.2), pool, rng=np.random.default_rng(0))
        assert (station.target, station.route, station.picks) == (Mood(0.1, 0.2), (), ())


@pytest.mark.parametrize(
    ("features", "reason"),
    [
        ((-0.6, -0.6, 72.4), "calm and dark, 72 bpm, very close to your mood"),
        ((-0.6, -0.3, 0.0), "calm and dark, close to your mood"),
        ((-0.1, -0.5, 60.0), "calm, 60 bpm, not far from your mood"),
        ((0.8, 0.9, 151.0), "lively and bright, 151 bpm, far from your mood"),
    ],
)
def test_reasons_follow_the_numbers(features, reason):
    valence, arousal, tempo = features
    (pick,) = recommend(Mood(-0.6, -0.6), [track(1, valence, arousal, tempo_bpm=tempo)]).picks
    assert reason_words(pick.reasons) == reason


def test_an_index_built_before_gives_the_same_picks():
    pool = scattered(200)
    apart = recommend(Mood(0.3, 0.1), pool, goal=Goal.LIFT, rng=np.random.default_rng(2))
    assert recommend(Mood(0.3, 0.1), TrackIndex.of(pool), goal=Goal.LIFT, rng=np.random.default_rng(2)) == apart


@settings(max_examples=20)
@given(mood=moods, goal=st.sampled_from(Goal), seed=st.integers(0, 100))
def test_a_list_begins_at_the_mood_and_ends_at_the_goal(mood, goal, seed):
    station = recommend(mood, TrackIndex.of(scattered(60)), goal=goal, count=12, rng=np.random.default_rng(seed))
    assert station.route[:3] == (mood,) * 3
    assert station.route[-1] == station.target == target(goal, mood)
    steps = [math.dist(*([m.valence, m.arousal] for m in pair)) for pair in itertools.pairwise(station.route[2:])]
    assert max(steps) - min(steps) < 0.25 * max(steps) + 1e-9


def test_picks_follow_the_route_with_small_tempo_jumps():
    track_index = TrackIndex.of(scattered(20_000))
    for goal in Goal:
        station = recommend(Mood(-0.6, 0.5), track_index, goal=goal, count=15, rng=np.random.default_rng(0))
        heard = [pick.track.features for pick in station.picks]
        errors = [
            math.dist((f.valence, f.arousal), (m.valence, m.arousal)) for f, m in zip(heard, station.route, strict=True)
        ]
        jumps = [abs(math.log2(b.tempo_bpm / a.tempo_bpm)) for a, b in itertools.pairwise(heard)]
        assert np.mean(errors) < 0.08
        assert np.mean(jumps) < 0.2
        assert len({pick.track.artist for pick in station.picks}) == 15


def test_key_and_tempo_break_ties_of_mood():
    first = track("first", 0, 0, tempo_bpm=100, tonic=0)
    others = (("g", 100, 7), ("f#", 100, 6), ("q", 180, 0))
    near, off, fast = (track(key, 0.05, 0, tempo_bpm=tempo, tonic=tonic) for key, tempo, tonic in others)
    order = [pick.track.id for pick in recommend(Mood(0, 0), [fast, off, near, first], count=4).picks]
    assert order == ["test:first", "test:g", "test:f#", "test:q"]


def test_albums_are_spaced_within_an_artist():
    pool = [track(i, 0.001 * i, 0, artist="Ann", album="One" if i < 3 else "Two") for i in range(6)]
    albums = [pick.track.album for pick in recommend(Mood(0, 0), pool, count=4).picks]
    # The only artist there is cannot be spaced, and neither can the albums.
    assert albums == ["One", "One", "One", "Two"]
    others = [track(f"o{i}", 0.9, 0.9, artist=f"Other {i}") for i in range(40)]
    albums = [pick.track.album for pick in recommend(Mood(0, 0), [*pool, *others], count=4).picks]
    assert albums[:2] == ["One", "Two"]


@pytest.mark.parametrize("minutes", [7, 20, 45, 90])
def test_list_lasts_about_the_requested_minutes(minutes):
    track_index = TrackIndex.of(scattered(3000))
    for seed in range(5):
        station = recommend(
            Mood(-0.5, 0.2), track_index, minutes=minutes, goal=Goal.LIFT, rng=np.random.default_rng(seed)
        )
        lasting = sum(pick.track.duration_s for pick in station.picks)
        assert lasting == pytest.approx(60 * minutes, abs=60)
        if minutes >= 20:
            assert station.route[-1] == station.target


def test_count_and_minutes_are_both_upper_bounds():
    pool = scattered(200)
    assert len(recommend(Mood(0, 0), pool, count=3, minutes=600).picks) == 3
    assert len(recommend(Mood(0, 0), pool, count=100, minutes=10).picks) < 6
    assert len(recommend(Mood(0, 0), pool).picks) == 20
    assert len(recommend(Mood(0, 0), pool[:2], minutes=600).picks) == 2


def test_tracks_of_unknown_length_count_as_typical():
    pool = [track(i, 0.01 * i, 0, duration_s=0.0 if i % 2 else 180.0) for i in range(50)]
    assert len(recommend(Mood(0, 0), pool, minutes=30).picks) == 10


def test_never_and_like_exclude_the_song_itself():
    pool = [track(1, 0, 0, artist="Ann", title="Song"), track(2, 0, 0, artist="Ann", title="Song"), track(3, 0.2, 0)]
    track_filter = TrackFilter(never=frozenset({"test:1", "gone:9"}))
    assert [pick.track.id for pick in recommend(Mood(0, 0), pool, track_filter=track_filter).picks] == ["test:3"]
    assert recommend(Mood(0, 0), pool, track_filter=TrackFilter(never=frozenset({"test:1", "test:3"}))).picks == ()
    assert [
        pick.track.id for pick in recommend(Mood(0, 0), pool, track_filter=TrackFilter(like=("test:3",))).picks
    ] == ["test:1"]


def test_more_like_this_finds_similar_tracks():
    def tagged(key, genre, tempo_bpm):
        return replace(track(key, 0.0, 0.0, tempo_bpm=tempo_bpm), genres=(genre,))

    pool = [tagged(i, ("rock", "jazz", "folk")[i % 3], 80 + 20 * (i % 5)) for i in range(60)]
    sought = tagged("sought", "Jazz", 120)
    picks = recommend(Mood(0, 0), [*pool, sought], count=4, track_filter=TrackFilter(like=("test:sought",))).picks
    assert [(pick.track.genres, pick.track.features.tempo_bpm) for pick in picks] == [(("jazz",), 120)] * 4
    assert "much like what you asked for" in reason_words(picks[0].reasons)


class TestMoreLikeBySound:
    """Three styles of sound, scattered over the plane and among artists."""

    @staticmethod
    def pool(count=90):
        rng = np.random.default_rng(4)
        styles = rng.integers(20, 200, (3, 300))
        return [
            with_sound(one, np.clip(styles[i % 3] + rng.normal(0, 10, 300), 0, 255))
            for i, one in enumerate(scattered(count))
        ]

    def test_the_sound_counts_before_the_place(self):
        pool = self.pool()
        for seed in range(5):
            station = recommend(
                Mood(0.0, 0.0),
                pool,
                count=10,
                track_filter=TrackFilter(like=("test:4",)),
                rng=np.random.default_rng(seed),
            )
            assert {int(pick.track.id.partition(":")[2]) % 3 for pick in station.picks} == {1}
            assert "much like what you asked for" in reason_words(station.picks[0].reasons)

    def test_a_goal_still_leads_somewhere(self):
        only = TrackFilter(like=("test:4",))
        station = recommend(Mood(0, 0), self.pool(900), count=12, goal=Goal.CALM, track_filter=only)
        assert distances(station)[-1] < 0.4

    def test_tracks_without_a_sound_are_compared_by_place_tempo_and_words(self):
        pool = scattered(60)
        sought = with_sound(track("sought", 0.5, 0.5, tempo_bpm=100), np.full(300, 90))
        only = TrackFilter(like=("test:sought",))
        with_it = recommend(Mood(0.5, 0.5), [*pool, sought], count=5, track_filter=only)
        without = recommend(
            Mood(0.5, 0.5), [*pool, track("sought", 0.5, 0.5, tempo_bpm=100)], count=5, track_filter=only
        )
        assert [pick.track.id for pick in with_it.picks] == [pick.track.id for pick in without.picks]

    def test_an_unknown_sound_comes_between_like_and_unlike_ones(self):
        pool = self.pool(30)
        bare = scattered(31)[30]
        station = recommend(Mood(0, 0), [*pool, bare], count=31, track_filter=TrackFilter(like=("test:4",)))
        order = [int(pick.track.id.partition(":")[2]) for pick in station.picks]
        assert 5 < order.index(30) < 28


def with_sound(track, codes):
    return replace(track, features=replace(track.features, sound=np.asarray(codes).astype(np.uint8).tobytes()))


def test_every_pick_meets_the_filter():
    pool = [
        replace(
            one, genres=("Indie Rock",) if i % 4 else ("Jazz",), language=("eng", "deu", "")[i % 3], explicit=i % 5 == 0
        )
        for i, one in enumerate(scattered(600))
    ]
    track_filter = TrackFilter(genre="rock", language="DEU", explicit=False)
    picks = recommend(Mood(0.1, 0.1), pool, track_filter=track_filter, rng=np.random.default_rng(0)).picks
    assert len(picks) == 20
    for pick in picks:
        assert (pick.track.genres, pick.track.language, pick.track.explicit) == (("Indie Rock",), "deu", False)


class TestTaste:
    def feedback(self, pool):
        """Ann is heard to the end, Bob is skipped."""
        return [Feedback(one, float(one.artist == "Ann")) for one in pool if one.artist in ("Ann", "Bob")]

    def pool(self):
        return [track(i, 0.01 * (i % 5), 0.0, artist=("Ann", "Bob", f"Other {i}")[i % 3]) for i in range(90)]

    def test_taste_changes_the_choice_and_is_a_reason(self):
        pool = self.pool()
        fresh = [track(f"new {name}", 0.02, 0.0, artist=name) for name in ("Ann", "Bob", "Cem")]
        taste = Taste.of(self.feedback(pool))
        picks = recommend(Mood(0, 0), fresh, taste=taste).picks
        assert [pick.track.artist for pick in picks] == ["Ann", "Cem", "Bob"]
        assert "an artist you like" in reason_words(picks[0].reasons)
        assert "although you often skip this artist" in reason_words(picks[2].reasons)
        assert [pick.baseline_propensity for pick in picks] == [1.0, 0.0, 1.0]

    def test_propensity_is_the_frequency_of_the_draw_with_taste(self):
        """With the same tastes drawn, the first place is filled as often as its propensity says."""
        pool = self.pool()
        track_index, taste = TrackIndex.of(pool), Taste.of(self.feedback(pool)[:8])
        drawn = [
            recommend(Mood(0, 0), track_index, count=1, taste=taste, rng=_Replayed(3, seed)).picks[0]
            for seed in range(3000)
        ]
        found = {pick.track.id: pick.propensity for pick in drawn}
        assert sum(found.values()) == pytest.approx(1, abs=0.05)
        for name, propensity in found.items():
            share = sum(pick.track.id == name for pick in drawn) / len(drawn)
            assert share == pytest.approx(propensity, abs=5 * math.sqrt(max(propensity, 1e-3) / len(drawn)))

    def test_the_baseline_propensity_is_the_probability_without_taste(self):
        pool = self.pool()
        station = recommend(
            Mood(0, 0), pool, count=1, taste=Taste.of(self.feedback(pool)), rng=np.random.default_rng(0)
        )
        chosen = station.picks[0]
        plain = {
            pick.track.id: pick.propensity
            for seed in range(400)
            for pick in recommend(Mood(0, 0), pool, count=1, rng=np.random.default_rng(seed)).picks
        }
        assert chosen.baseline_propensity == pytest.approx(plain[chosen.track.id])

    def test_taste_without_feedback_changes_no_pick(self):
        pool = self.pool()
        ids = [pick.track.id for pick in recommend(Mood(0, 0), pool, taste=Taste()).picks]
        assert ids == [pick.track.id for pick in recommend(Mood(0, 0), pool).picks]


class _Replayed(np.random.Generator):
    """Draws the same normal numbers as one seed, and uniform ones of another."""

    def __init__(self, normal_seed, uniform_seed):
        super().__init__(np.random.PCG64(uniform_seed))
        self._normal = np.random.default_rng(normal_seed)

    def standard_normal(self, *args, **options):
        return self._normal.standard_normal(*args, **options)


def test_a_hundred_thousand_tracks_take_no_more_calls_than_a_thousand():
    few, many = TrackIndex.of(scattered(1_000)), TrackIndex.of(scattered(100_000))

    def plan(track_index):
        return recommend(Mood(0.4, 0.4), track_index, rng=np.random.default_rng(0))

    assert max(distances(plan(many))) < 0.25
    assert count_calls(lambda: plan(many)) < 1.5 * count_calls(lambda: plan(few))


def test_picks_fit_moods_in_a_real_catalogue(shared_data):
    """On 28,356 real tracks, the picks lie nearer than quadrants could bring them (a mean error of 0.45)."""
    with gzip.open(shared_data / "music" / "tracks.csv.gz", "rt", encoding="utf-8") as file:
        rows = {row["track_id"]: row for row in csv.DictReader(file)}
    pool = [
        track(key, 2 * float(row["valence"]) - 1, 2 * float(row["energy"]) - 1, artist=row["track_artist"])
        for key, row in rows.items()
    ]
    rng = np.random.default_rng(0)
    errors, artists = [], []
    for mood in (Mood(0.7, 0.5), Mood(-0.6, -0.4), Mood(-0.6, 0.6), Mood(0.5, -0.5), Mood(0, 0)):
        station = recommend(mood, pool, count=15, rng=rng)
        errors += distances(station)
        artists.append(len({pick.track.artist for pick in station.picks}) / 15)
    assert np.mean(errors) < 0.1
    assert np.mean(artists) > 0.95
