"""Chord symbols and voices that move little."""

from __future__ import annotations

from itertools import pairwise

import pytest

from starter.harmony import changes, chord, near, voice


def test_understands_symbols() -> None:
    assert chord("Am7").classes == (9, 0, 4, 7)
    assert chord("F#m7b5").classes == (6, 9, 0, 4)
    assert chord("C/E").bass == 4


def test_an_unknown_symbol_raises_an_error() -> None:
    with pytest.raises(ValueError, match="not a chord"):
        chord("Cfoo")


def test_bars_share_their_beats() -> None:
    found = changes("C | Am7 D7 | %", bar_beats=4)
    assert [(change.start_beat, change.length_beats, change.chord.symbol) for change in found] == [
        (0, 4, "C"),
        (4, 2, "Am7"),
        (6, 2, "D7"),
        (8, 4, "D7"),
    ]


def test_voices_hold_the_chord_and_move_little() -> None:
    harmony = changes("C | F | G | C")
    voiced = voice(harmony, centre=62, voices=3)
    for change, pitches in zip(harmony, voiced, strict=True):
        assert {pitch % 12 for pitch in pitches} == set(change.chord.classes)
    for before, after in pairwise(voiced):
        assert max(abs(high - low) for low, high in zip(before, after, strict=True)) <= 5


def test_finds_the_nearest_octave() -> None:
    assert near(0, 62) == 60
    assert near(11, 60) == 59
