"""The nearest come first, whatever taste and chance say; repeats before contradictions; songs before short pieces."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.cli.terminal.reason_words import reason_words
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.nearest_first import FAR, NEAR, nearest
from mien.music.recommender.recommend import recommend
from mien.music.recommender.taste import Feedback, Taste
from mien.types import AudioFeatures, Mood, Track

unit = st.floats(-0.8, 0.8)


def track(key, valence, arousal, *, artist="", duration_s=200.0, source="own", confidence=1.0):
    features = AudioFeatures(100.0, -18.0, valence, arousal, confidence, 1)
    return Track(f"{source}:{key}", f"Piece {key}", artist, "", duration_s, features)


def apart(pick, mood):
    return math.dist((pick.track.features.valence, pick.track.features.arousal), (mood.valence, mood.arousal))


def around(mood, count, *, low, high, seed=0, **options):
    """Tracks at a distance from a mood between two bounds, all on the plane."""
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        angle, radius = rng.uniform(0, 2 * math.pi), rng.uniform(low, high)
        point = mood.valence + radius * math.cos(angle), mood.arousal + radius * math.sin(angle)
        if max(map(abs, point)) <= 1:
            found.append(track(f"{low}-{seed}-{len(found)}", *point, **options))
    return found


@settings(max_examples=25, deadline=None)
@given(valence=unit, arousal=unit, near=st.integers(5, 30), far=st.integers(0, 200), alike=st.booleans())
def test_with_five_near_tracks_the_first_five_picks_are_near_in_every_start(valence, arousal, near, far, alike):
    mood = Mood(valence, arousal)
    pool = around(mood, near, low=0, high=NEAR - 1e-6, artist="Ann" if alike else "", confidence=0.4)
    pool += around(mood, far, low=NEAR + 0.01, high=1.5)
    # The far tracks are those that the listener likes.
    taste = Taste.of([Feedback(one, 1.0) for one in pool[near:]] + [Feedback(one, 0.0) for one in pool[:near]])
    track_index = TrackIndex.of(pool)
    for seed in range(20):
        station = recommend(mood, track_index, count=10, taste=taste, rng=np.random.default_rng(seed))
        assert all(apart(pick, mood) <= NEAR for pick in station.picks[:5])


def test_variety_comes_from_among_equals():
    mood = Mood(0.5, 0.2)
    pool = around(mood, 12, low=0.1, high=0.2)
    starts = {recommend(mood, pool, count=1, rng=np.random.default_rng(seed)).picks[0].track.id for seed in range(100)}
    assert len(starts) > 6


def test_far_tracks_come_last_and_are_said_to_be_far():
    mood = Mood(0.5, 0.2)
    pool = around(mood, 4, low=0, high=0.3) + around(mood, 3, low=0.4, high=0.55) + around(mood, 5, low=0.7, high=1.2)
    for seed in range(20):
        picks = recommend(mood, pool, count=12, rng=np.random.default_rng(seed)).picks
        assert [apart(pick, mood) > FAR for pick in picks] == [False] * 7 + [True] * 5
        assert [("far from your mood" in reason_words(pick.reasons).split(", ")) for pick in picks][-5:] == [True] * 5


@given(data=st.data())
def test_there_is_always_a_group_and_it_is_the_best_that_has_any(data):
    numbers = st.tuples(st.floats(0, 2), st.sampled_from([0.0, 2.0, 5.0, 20.0, math.inf]))
    rows = data.draw(st.lists(numbers, min_size=1, max_size=20))
    distances, plays_since = map(np.array, zip(*rows, strict=True))
    chosen = nearest(distances, plays_since)
    assert chosen.any()
    if ((distances <= FAR) & (plays_since >= 3)).any():
        assert (distances[chosen] <= FAR).all()
    if ((distances <= NEAR) & (plays_since >= 15)).any():
        assert (distances[chosen] <= NEAR).all()


def test_a_fitting_track_is_repeated_before_one_plays_that_contradicts_but_never_at_once():
    mood = Mood(0.6, 0.3)
    near, far = around(mood, 4, low=0, high=0.3), around(mood, 30, low=0.8, high=1.4)
    played = []
    for seed in range(40):
        (pick,) = recommend(mood, near + far, count=1, history=played, rng=np.random.default_rng(seed)).picks
        assert apart(pick, mood) <= NEAR
        assert pick.track.id not in played[-3:]
        played.append(pick.track.id)


@pytest.mark.parametrize("songs_at", [(0, 0.3), (0.3, 0.6), (0.8, 1.2)])
def test_short_pieces_never_outnumber_songs(songs_at):
    mood = Mood(0.5, 0.2)
    low, high = songs_at
    pool = around(mood, 30, low=0, high=0.9, duration_s=47, source="starter") + around(mood, 12, low=low, high=high)
    for seed in range(20):
        for count in (10, 20):
            picks = recommend(mood, pool, count=count, rng=np.random.default_rng(seed)).picks
            assert sum(pick.track.duration_s < 90 for pick in picks) <= count / 2


def test_without_songs_short_pieces_fill_the_list():
    mood = Mood(0.5, 0.2)
    pool = around(mood, 12, low=0, high=0.9, duration_s=47)
    assert len(recommend(mood, pool, count=10, rng=np.random.default_rng(0)).picks) == 10


def test_songs_near_the_mood_take_turns_with_short_pieces():
    mood = Mood(0.5, 0.2)
    pool = around(mood, 10, low=0, high=0.3, duration_s=47) + around(mood, 10, low=0, high=0.3, seed=1)
    for seed in range(20):
        picks = recommend(mood, pool, count=10, rng=np.random.default_rng(seed)).picks
        shorts = np.cumsum([pick.track.duration_s < 90 for pick in picks])
        assert all(count <= (place + 1) / 2 for place, count in enumerate(shorts))
