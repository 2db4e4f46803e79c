"""The same recording under several names: recognised in pairs, in groups and in lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mien.music.recommender.duplicates import MIN_LENGTH_S, find_duplicates, same_recordings
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.recommend import recommend, recommend_path, recommend_radio
from mien.types import AudioFeatures, Mood, Track


def recordings(count, *, seed=0):
    """Recordings whose sounds differ as those of one album do; all last about equally long."""
    rng = np.random.default_rng(seed)
    style = rng.integers(20, 120, 300)
    for number in range(count):
        codes = np.clip(style + rng.normal(0, 25, 300), 0, 255)
        point = rng.uniform(-0.9, 0.9, 2).tolist()
        yield track(number, codes, 180 + rng.uniform(-1, 1), point)


def track(name, codes, duration_s, point=(0.0, 0.0)):
    sound = np.asarray(codes).round().astype(np.uint8).tobytes()
    features = AudioFeatures(100.0, -18.0, *point, 0.9, 4, sound=sound)
    return Track(f"test:{name}", f"Piece {name}", f"Artist {name}", "", duration_s, features)


def encoded(original, name, *, longer_s=0.05, noise=2.5, seed=1):
    """The same recording in another format: another name, hardly another sound and length."""
    codes = np.frombuffer(original.features.sound, np.uint8) + np.random.default_rng(seed).normal(0, noise, 300)
    made = track(name, np.clip(codes, 0, 255), original.duration_s + longer_s)
    place = replace(made.features, valence=original.features.valence + 0.01, arousal=original.features.arousal)
    return replace(made, features=place)


@pytest.fixture
def originals():
    return list(recordings(60))


def test_copies_are_grouped_and_other_recordings_are_not(originals):
    copies = [encoded(originals[3], "copy"), encoded(originals[3], "other", seed=2), encoded(originals[9], "ninth")]
    groups = find_duplicates([*originals, *copies])
    assert [[one.id for one in group] for group in groups] == [
        ["test:3", "test:copy", "test:other"],
        ["test:9", "test:ninth"],
    ]
    assert find_duplicates(originals) == []
    assert find_duplicates([]) == []


def test_one_row_finds_the_rows_that_the_groups_hold(originals):
    index = TrackIndex.of([*originals, encoded(originals[3], "copy")])
    assert index.rows_of(["test:copy"]).tolist() == same_recordings(index, index.row_of["test:3"]).tolist()
    assert same_recordings(index, index.row_of["test:5"]).size == 0


@pytest.mark.parametrize(
    "other",
    [
        lambda one: encoded(one, "longer", longer_s=4.0),
        lambda one: encoded(one, "remix", noise=30.0),
        lambda one: replace(one, id="test:old", features=replace(one.features, sound=b"")),
    ],
    ids=["another length", "another sound", "no sound"],
)
def test_what_differs_in_length_or_sound_is_another_recording(originals, other):
    assert find_duplicates([originals[0], other(originals[0])]) == []


def test_jingles_are_not_compared():
    one = track("jingle", np.full(300, 80), MIN_LENGTH_S - 1)
    assert find_duplicates([one, encoded(one, "copy")]) == []


def test_a_large_library_is_compared_in_blocks():
    many = [replace(one, duration_s=60 + 0.4 * number) for number, one in enumerate(recordings(1500))]
    copies = [encoded(many[row], f"copy {row}") for row in range(0, 1500, 100)]
    assert len(find_duplicates([*many, *copies])) == len(copies)


def test_no_list_holds_a_recording_twice(originals):
    copies = [encoded(one, f"copy {number}") for number, one in enumerate(originals)]
    library = [*originals, *copies]
    first, last = originals[0], copies[7]
    lists = [
        recommend(Mood(0.1, 0.1), library, count=200, rng=np.random.default_rng(1)),
        recommend(Mood(0.1, 0.1), library, count=200, track_filter=TrackFilter(like=(first.id,))),
        recommend_path(first.id, last.id, library, count=200),
        recommend_radio([first.id, last.id], library, count=200),
    ]
    for station in lists:
        names = [pick.track.title.removeprefix("Piece ").removeprefix("copy ") for pick in station.picks]
        assert len(names) == len(set(names)) >= len(originals) - 1


def test_a_recording_that_must_not_be_picked_is_not_picked_under_another_name(originals):
    library = [*originals, encoded(originals[4], "copy")]
    station = recommend(Mood(0, 0), library, count=100, track_filter=TrackFilter(never=frozenset({"test:4"})))
    assert not {"test:4", "test:copy"} & {pick.track.id for pick in station.picks}


def test_a_recording_that_was_just_played_is_held_back_under_another_name(originals):
    copy = encoded(originals[4], "copy")
    mood = Mood(copy.features.valence, copy.features.arousal)
    assert recommend(mood, [*originals, copy], count=1).picks[0].track.id in {"test:copy", "test:4"}
    later = recommend(mood, [*originals, copy], count=1, history=["test:4", "test:9"])
    assert later.picks[0].track.id not in {"test:copy", "test:4"}
