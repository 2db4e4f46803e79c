"""What taste learns and how certain it is, whatever the order of the feedback."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.music.recommender.goals import Goal
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.reasons import ReasonInputs, reasons
from mien.music.recommender.taste import WEIGHT, Feedback, Taste, feature_vectors
from mien.types import AudioFeatures, Mood, ReasonKind, Track

HERE = Mood(0.0, 0.0)


def track(key, *, valence=0.0, arousal=0.0, artist="", genre="", tempo_bpm=110.0):
    heard = AudioFeatures(tempo_bpm, -18.0, valence, arousal, 1.0, 1)
    return Track(f"test:{key}", f"Piece {key}", artist, "", 100.0, heard, genres=(genre,) if genre else ())


def scattered(count, *, seed=0):
    rng = np.random.default_rng(seed)
    return [
        track(
            i,
            valence=v,
            arousal=a,
            artist=f"Artist {int(n)}" if n >= 1 else "",
            genre=("rock", "folk", "jazz")[int(g)],
            tempo_bpm=t,
        )
        for i, (v, a, n, g, t) in enumerate(rng.uniform((-1, -1, 0, 0, 60), (1, 1, 9, 3, 180), (count, 5)).tolist())
    ]


def mean_utilities(taste, tracks, mood=HERE):
    track_index = TrackIndex.of(tracks)
    return taste.sample(track_index, None).utilities(track_index.rows_of(one.id for one in tracks), mood)[0]


@pytest.mark.parametrize(
    ("liked", "unliked", "part"),
    [
        ({"artist": "Ann"}, {"artist": "Bob"}, "artist"),
        ({"genre": "jazz"}, {"genre": "metal"}, "style"),
        ({"tempo_bpm": 80.0}, {"tempo_bpm": 160.0}, "tempo"),
        ({"valence": 0.6}, {"valence": -0.6}, "sound"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_it_learns_a_difference_and_attributes_it_to_its_part(liked, unliked, part):
    taste = Taste.of(
        Feedback(track(f"{share}{i}", **kind), share, HERE)
        for kind, share in ((liked, 1.0), (unliked, 0.0))
        for i in range(12)
    )
    fresh = [track("liked", **liked), track("unliked", **unliked)]
    good, bad = mean_utilities(taste, fresh)
    assert good > bad + 0.1
    track_index = TrackIndex.of(fresh)
    samples = taste.sample(track_index, None)
    parts = {one.id: samples.parts(track_index.row_of[one.id], HERE) for one in fresh}
    differences = {name: parts["test:liked"][name] - parts["test:unliked"][name] for name in parts["test:liked"]}
    assert max(differences, key=differences.get) == part
    assert sum(parts["test:liked"].values()) == pytest.approx(good)


def test_it_learns_a_preference_for_contrast():
    """Low in a bright mood, bright in a low one: only the mood tells which."""
    rng = np.random.default_rng(0)
    taught = []
    for i in range(300):
        mood, valence = Mood(*rng.uniform(-0.9, 0.9, 2)), rng.uniform(-0.9, 0.9)
        taught.append(Feedback(track(i, valence=valence), float(valence * mood.valence < 0), mood))
    taste = Taste.of(taught)
    fresh = [track("bright", valence=0.6), track("dark", valence=-0.6)]
    assert np.diff(mean_utilities(taste, fresh, Mood(0.8, 0)))[0] > 0.05
    assert np.diff(mean_utilities(taste, fresh, Mood(-0.8, 0)))[0] < -0.05


def test_the_posterior_is_the_one_of_the_whole_model():
    """Eliminating the artists changes nothing: the same mean and covariance as with a column for each."""
    tracks = scattered(120)
    rng = np.random.default_rng(1)
    taught = [
        Feedback(one, float(rng.random()), Mood(*rng.uniform(-1, 1, 2)), float(rng.uniform(0.5, 3))) for one in tracks
    ]
    taste = Taste.of(taught)
    track_index = TrackIndex.of(tracks)
    rows = track_index.rows_of(one.id for one in tracks)
    x = feature_vectors(track_index, rows, np.array([(one.mood.valence, one.mood.arousal) for one in taught]))
    names = list(taste.artists)
    z = np.array([[(one.artist.casefold() or one.id) == name for name in names] for one in tracks], float)
    both, weights = np.hstack([x, z]), np.array([one.weight for one in taught])
    size = x.shape[1]
    spread = np.concatenate([[0.3], np.full(size - 1, 0.2), np.full(len(names), 0.2)])
    precision = (both.T * weights) @ both / 0.4**2 + np.diag(spread**-2)
    pull = (both.T * weights) @ [one.share for one in taught] / 0.4**2
    pull[0] += 0.7 / 0.3**2
    mean, covariance = np.linalg.solve(precision, pull), np.linalg.inv(precision)

    probe = np.hstack([feature_vectors(track_index, rows, np.array([[0.2, -0.4]])), z])
    probe[:, 0] = 0
    there = Mood(0.2, -0.4)
    assert taste.sample(track_index, None).utilities(rows, there)[0] == pytest.approx(WEIGHT * probe @ mean)
    drawn = np.vstack([taste.sample(track_index, np.random.default_rng(i)).utilities(rows, there) for i in range(250)])
    assert drawn.mean(axis=0) == pytest.approx(WEIGHT * probe @ mean, abs=0.01)
    expected = WEIGHT * np.sqrt(np.einsum("nd,de,ne->n", probe, covariance, probe))
    assert drawn.std(axis=0) == pytest.approx(expected, rel=0.08)


def test_feedback_adds_up_in_any_order():
    tracks = scattered(40)
    taught = [Feedback(one, i % 3 / 2, HERE) for i, one in enumerate(tracks)]
    whole = Taste.of(taught)
    for other in (Taste.of(reversed(taught)), Taste.of(taught[:17]).after(taught[17:])):
        assert other.feedback_count == whole.feedback_count == 40
        assert mean_utilities(other, tracks) == pytest.approx(mean_utilities(whole, tracks))


def test_more_feedback_makes_it_more_certain():
    tracks = scattered(200)
    track_index = TrackIndex.of(tracks)
    rows = np.arange(len(track_index))

    def doubt(count):
        taste = Taste.of(Feedback(one, 0.7, HERE) for one in tracks[:count])
        return taste.sample(track_index, np.random.default_rng(0)).utilities(rows, HERE).std(axis=0).mean()

    assert doubt(200) < doubt(50) < doubt(5)


def test_artists_without_feedback_have_no_effect():
    taste = Taste.of([Feedback(track(1, artist="Ann"), 1.0, HERE)])
    known, new = mean_utilities(taste, [track(2, artist="ann"), track(3, artist="Zoe")])
    assert known > new
    track_index = TrackIndex.of([track(3, artist="Zoe")])
    assert taste.sample(track_index, None).parts(0, HERE)["artist"] == 0


def test_tracks_without_features_do_not_count_and_a_track_may_count_twice():
    unheard = replace(track(1), features=None)
    assert Taste.of([Feedback(unheard, 1.0)]).feedback_count == 0
    twice = Taste.of([Feedback(track(1, artist="Ann"), 1.0), Feedback(track(1, artist="Ann"), 0.0)])
    assert twice.feedback_count == 2
    assert twice.artists["ann"].weight == 2


def test_a_tempo_is_learnt_as_fast_as_a_genre():
    """The same listener, who hears some tracks to the end and leaves others: by genre, or slow, moderate or fast."""
    rng = np.random.default_rng(7)
    tracks = [
        track(i, artist=f"Artist {i}", genre=("rock", "jazz")[int(g)], tempo_bpm=float(2**t), valence=v, arousal=a)
        for i, (g, t, v, a) in enumerate(
            rng.uniform((0, np.log2(60), -1, -1), (2, np.log2(180), 1, 1), (300, 4)).tolist()
        )
    ]

    def separation(likes):
        """How much more a liked track is worth than another, after 20 plays, in units of the plane."""
        taste = Taste.of(Feedback(one, 1.0 if likes(one) else 0.1) for one in tracks[:20])
        rest = tracks[20:]
        liked = np.array([likes(one) for one in rest])
        utilities = mean_utilities(taste, rest)
        return utilities[liked].mean() - utilities[~liked].mean()

    by_genre = separation(lambda one: one.genres == ("rock",))
    assert separation(lambda one: one.features.tempo_bpm > 110) > 0.75 * by_genre
    assert separation(lambda one: one.features.tempo_bpm < 95) > 0.75 * by_genre
    assert separation(lambda one: 90 < one.features.tempo_bpm < 125) > 0.75 * by_genre


@pytest.mark.parametrize(
    "nobody", ["", "[unknown]", "Unknown Artist", "<Unknown>", "Various Artists", "V.A.", "Unbekannter Künstler"]
)
def test_nobody_is_no_artist(nobody):
    """What is learnt of tracks without an artist concerns each track, and is no reason about an artist."""
    skipped = [track(i, artist=nobody, valence=0.01 * i) for i in range(6)]
    taste = Taste.of(Feedback(one, 0.0) for one in skipped for _ in range(3))
    fresh = [skipped[0], track("fresh", artist=nobody)]
    track_index = TrackIndex.of(fresh)
    samples = taste.sample(track_index, None)
    parts = [samples.parts(track_index.row_of[one.id], HERE) for one in fresh]
    assert all("artist" not in part for part in parts)
    assert parts[0]["track"] < 0
    assert parts[1]["track"] == 0
    assert len(set(track_index.artists.tolist())) == 2
    inputs = ReasonInputs(
        goal=Goal.MATCH,
        progress=0,
        distance=0,
        played_penalty=0,
        tempo_octaves=None,
        key_clash=None,
        difference=None,
        taste={"track": -1.0, "style": -0.1},
    )
    kinds = {reason.kind for reason in reasons(skipped[0].features, inputs)}
    assert ReasonKind.ARTIST_TASTE not in kinds
