"""Melodies written as text."""

from __future__ import annotations

import pytest

from starter.notation import line, pitch
from starter.score import Note


def test_names_pitches() -> None:
    assert [pitch(name) for name in ("C4", "F#3", "Bb5", "C-1")] == [60, 54, 82, 0]


def test_reads_notes_chords_rests_and_lengths_that_stay() -> None:
    assert line("D5:1 r E5:.5 C4+G4", at=2.0, velocity=70) == (
        Note(2.0, 1.0, 74, 70),
        Note(4.0, 0.5, 76, 70),
        Note(4.5, 0.5, 60, 70),
        Note(4.5, 0.5, 67, 70),
    )


def test_reads_accents_and_staccato() -> None:
    loud, soft, short = line("C4:1> C4_ C4'", velocity=100)
    assert loud.velocity > 100 > soft.velocity
    assert short.length_beats < 0.5
    assert [loud.start_beat, soft.start_beat, short.start_beat] == [0, 1, 2]


def test_triplets_add_up_exactly() -> None:
    line("C4:1/3 D4 E4 C4 D4 E4 C4 D4 E4 | F4:3 |", bar_beats=3)


def test_an_upbeat_does_not_count_as_a_bar() -> None:
    line("A4:1 | C5:2 D5:1 | E5:3 |", bar_beats=3)


def test_finds_a_bar_that_does_not_add_up() -> None:
    with pytest.raises(ValueError, match="not at a bar's end"):
        line("C5:2 D5:1 | E5:2 | C5:3 |", bar_beats=3)


@pytest.mark.parametrize("text", ["H4:1", "C4:0", "C4:x", "C4:-1"])
def test_invalid_text_raises_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a note|not a number|must last"):
        line(text)
