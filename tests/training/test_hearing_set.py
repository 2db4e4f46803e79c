"""The labelled set of music: its split, its scores, and the harmony under traditional tunes."""

from __future__ import annotations

import pytest

from starter.midi import duration_s
from starter.notation import line
from training.hearing.composed import composed
from training.hearing.genres import LABELS, Genre, held_out_names, is_held_out
from training.hearing.orchestrate import ENSEMBLES


def test_a_third_of_each_genre_is_held_out_whatever_the_order():
    pieces = composed()
    names = held_out_names(pieces)
    assert names == held_out_names(pieces[::-1])
    for genre in {piece.genre for piece in pieces}:
        chosen = [piece.name in names for piece in pieces if piece.genre is genre]
        assert sum(chosen) == round(len(chosen) / 3)


def test_the_split_by_series_depends_on_the_name_alone():
    series = [f"series {number}" for number in range(300)]
    assert 70 < sum(map(is_held_out, series)) < 130
    assert [is_held_out(name) for name in series] == [is_held_out(name) for name in series]


def test_every_genre_has_a_label_and_is_played_by_several_ensembles():
    assert set(LABELS) == set(Genre) == set(ENSEMBLES)
    assert min(len(ensembles) for ensembles in ENSEMBLES.values()) >= 4


@pytest.mark.parametrize("number", [0, 1, 2])
def test_scores_are_the_same_each_time_and_last_long_enough(number):
    pieces = composed()
    assert len({piece.name for piece in pieces}) == len(pieces)
    for piece in pieces[::7]:
        score = piece.score(number)
        assert score == piece.score(number)
        assert 30 < duration_s(score) < 100, piece.name


def test_traditional_tunes_are_harmonised_by_their_key():
    pytest.importorskip("music21", reason="the tunes are read from music21")
    from training.hearing.traditional import harmonise

    minor = harmonise(line("A4:1 C5 E5 A5 | D5 F5 A5 D5 | E5 G#5 B5 E5 | A5 E5 C5 A4"), bar_beats=4)
    assert [change.chord.symbol for change in minor] == ["Am", "Dm", "E", "Am"]
    major = harmonise(line("C4:1 E4 G4 C5 | F4 A4 C5 A4 | G4 B4 D5 B4 | C5 G4 E4 C4"), bar_beats=4)
    assert [change.chord.symbol for change in major] == ["C", "F", "G", "C"]
