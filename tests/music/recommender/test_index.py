"""The shelf holds what is known of each track, in columns."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mien.music.recommender.index import BUCKETS, TrackIndex
from mien.music.recommender.score import key_clash, tempo_jump
from tests.fakes import track


def heard(key, *, valence=0.0, arousal=0.0, **changes):
    one = track(key, valence=valence, arousal=arousal)
    plain = {name: changes.pop(name) for name in ("artist", "album", "title", "genre") if name in changes}
    return replace(one, features=replace(one.features, **changes), **plain)


def test_every_row_is_the_track_it_says():
    rng = np.random.default_rng(0)
    tracks = [
        heard(f"t{i}", valence=v, arousal=a, tempo_bpm=60 + i) for i, (v, a) in enumerate(rng.uniform(-1, 1, (50, 2)))
    ]
    shelf = TrackIndex.of([*tracks, replace(track("unheard"), features=None)])
    assert len(shelf) == 50
    for one in tracks:
        row = shelf.row_of[one.id]
        assert shelf.tracks[row] is one
        assert shelf.places[row].tolist() == [one.features.valence, one.features.arousal]
        assert shelf.tempos[row] == pytest.approx(math.log2(one.features.tempo_bpm))
        assert shelf.doubts[row] == pytest.approx(0.2)
    assert sorted(shelf.grid.rows.tolist()) == list(range(50))


def test_an_empty_shelf_is_one():
    shelf = TrackIndex.of([])
    assert len(shelf) == 0
    assert shelf.words.shape == (0, BUCKETS)


def test_it_knows_whether_it_is_still_right():
    tracks = [track("a"), track("b")]
    shelf = TrackIndex.of(tracks)
    assert shelf.holds(list(tracks))
    assert not shelf.holds(tracks[:1])
    assert not shelf.holds([track("a"), tracks[1]])


def test_keys_stand_on_the_circle_of_fifths():
    names = {"C": (0, False), "a": (9, True), "G": (7, False), "F": (5, False), "D": (2, False), "F#": (6, False)}
    shelf = TrackIndex.of(
        [heard(name, tonic=tonic, minor=minor) for name, (tonic, minor) in names.items()] + [heard("none")]
    )
    rows = shelf.rows_of(f"folder:{name}" for name in (*names, "none"))
    clash = key_clash(shelf.keys[rows], int(shelf.keys[rows[0]]))
    assert clash == pytest.approx([0, 0, 0, 0, 0.2, 1, 0])


def test_tempos_jump_in_octaves_up_to_one():
    shelf = TrackIndex.of([heard(str(bpm), tempo_bpm=float(bpm)) for bpm in (0, 60, 90, 120, 240)])
    rows = shelf.rows_of(f"folder:{bpm}" for bpm in (0, 60, 90, 120, 240))
    assert tempo_jump(shelf, rows, int(rows[1])) == pytest.approx([0, 0, math.log2(1.5), 1, 1])


def test_words_of_genre_and_tags_are_counted_the_same_whatever_their_case():
    one, other = heard("a", genre="Indie Rock", tags=("piano",)), heard("b", genre="PIANO", tags=("rock; indie",))
    shelf = TrackIndex.of([one, other])
    assert shelf.words.sum() == 6
    assert (shelf.words[0] == shelf.words[1]).all()
