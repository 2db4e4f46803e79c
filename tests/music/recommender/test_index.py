"""The index has the tracks in columns."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from mien.music.recommender.differences import key_clash, tempo_jump
from mien.music.recommender.index import BUCKETS, TrackIndex
from mien.types import SPEECH
from tests.fakes import track


def heard(key, *, valence=0.0, arousal=0.0, **changes):
    one = track(key, valence=valence, arousal=arousal)
    plain = {name: changes.pop(name) for name in ("artist", "album", "title", "genres") if name in changes}
    return replace(one, features=replace(one.features, **changes), **plain)


def test_every_row_has_the_values_of_its_track():
    rng = np.random.default_rng(0)
    tracks = [
        heard(f"t{i}", valence=v, arousal=a, tempo_bpm=60 + i) for i, (v, a) in enumerate(rng.uniform(-1, 1, (50, 2)))
    ]
    track_index = TrackIndex.of([*tracks, replace(track("unheard"), features=None)])
    assert len(track_index) == 50
    for one in tracks:
        row = track_index.row_of[one.id]
        assert track_index.tracks[row] is one
        assert track_index.points[row].tolist() == [one.features.valence, one.features.arousal]
        assert track_index.tempos[row] == pytest.approx(math.log2(one.features.tempo_bpm))
        assert track_index.uncertainties[row] == pytest.approx(0.2)
    assert sorted(track_index.grid.rows.tolist()) == list(range(50))


def test_an_empty_index_works():
    track_index = TrackIndex.of([])
    assert len(track_index) == 0
    assert track_index.words.shape == (0, BUCKETS)


def test_is_built_from_detects_other_tracks():
    tracks = [track("a"), track("b")]
    track_index = TrackIndex.of(tracks)
    assert track_index.is_built_from(list(tracks))
    assert not track_index.is_built_from(tracks[:1])
    assert not track_index.is_built_from([track("a"), tracks[1]])


def test_keys_are_steps_on_the_circle_of_fifths():
    names = {"C": (0, False), "a": (9, True), "G": (7, False), "F": (5, False), "D": (2, False), "F#": (6, False)}
    track_index = TrackIndex.of(
        [heard(name, tonic=tonic, minor=minor) for name, (tonic, minor) in names.items()] + [heard("none")]
    )
    rows = track_index.rows_of(f"folder:{name}" for name in (*names, "none"))
    clash = key_clash(track_index.keys[rows], int(track_index.keys[rows[0]]))
    assert clash == pytest.approx([0, 0, 0, 0, 0.2, 1, 0])


def test_tempos_jump_in_octaves_up_to_one():
    track_index = TrackIndex.of([heard(str(bpm), tempo_bpm=float(bpm)) for bpm in (0, 60, 90, 120, 240)])
    rows = track_index.rows_of(f"folder:{bpm}" for bpm in (0, 60, 90, 120, 240))
    assert tempo_jump(track_index, rows, int(rows[1])) == pytest.approx([0, 0, math.log2(1.5), 1, 1])


def test_the_leading_artist_counts_in_any_spelling():
    names = ("Noël", "NOE\u0308L feat. Ben", "Noel & Cem", "Ben", "Ben; Noël")
    track_index = TrackIndex.of([heard(str(i), artist=name, title=f"T{i}") for i, name in enumerate(names)])
    codes = track_index.artists[track_index.rows_of(f"folder:{i}" for i in range(5))]
    assert codes[0] == codes[1] == codes[2] != codes[3] == codes[4]
    songs = TrackIndex.of([heard("a", artist="Noël", title="Süß"), heard("b", artist="noel ft. Ben", title="SÜSS")])
    assert songs.songs[0] == songs.songs[1]


def test_every_genre_is_known_as_first_written():
    track_index = TrackIndex.of(
        [heard("a", genres=("Soul", "Funk")), heard("b", genres=("funk",)), heard("c", genres=())]
    )
    assert track_index.genre_names == ("Soul", "Funk")


def test_words_of_genre_and_tags_are_counted_the_same_whatever_their_case():
    one = heard("a", genres=("Indie Rock",), tags=("piano",))
    other = heard("b", genres=("PIANO",), tags=("rock; indie",))
    track_index = TrackIndex.of([one, other])
    assert track_index.words.sum() == 6
    assert (track_index.words[0] == track_index.words[1]).all()


def test_speech_is_not_indexed():
    index = TrackIndex.of([heard("song"), heard("talk", tags=(SPEECH,))])
    assert [one.id for one in index.tracks] == [heard("song").id]
