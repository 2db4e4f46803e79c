"""Scores as MIDI files."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from starter.midi import TICKS_PER_BEAT, duration_s, write_midi
from starter.score import Feel, Note, Part, Score

EXACT = Feel(timing_ms=0, velocity=0)


def _score(*notes: Note, feel: Feel = EXACT) -> Score:
    return Score(parts=(Part("piano", 0, notes, feel=feel),), tempo_bpm=((0, 120.0), (4, 60.0)))


def _events(path: Path) -> list[tuple[int, bytes]]:
    """Tick and message of each channel event of the last track, read independently of the writer."""
    data = path.read_bytes()
    assert data[:4] == b"MThd"
    tracks, position = [], 14
    while position < len(data):
        assert data[position : position + 4] == b"MTrk"
        (length,) = struct.unpack(">I", data[position + 4 : position + 8])
        tracks.append(data[position + 8 : position + 8 + length])
        position += 8 + length
    events, at, tick = [], 0, 0
    body = tracks[-1]
    while at < len(body):
        delta = 0
        while True:
            byte = body[at]
            at += 1
            delta = delta << 7 | byte & 0x7F
            if not byte & 0x80:
                break
        tick += delta
        size = 3 + body[at + 2] if body[at] == 0xFF else 2 if body[at] >> 4 in (0xC, 0xD) else 3
        if body[at] != 0xFF:
            events.append((tick, body[at : at + size]))
        at += size
    return events


def test_writes_notes_where_they_belong(tmp_path: Path) -> None:
    write_midi(_score(Note(1, 2, 60, 90)), tmp_path / "a.mid", seed=1)
    notes = [event for event in _events(tmp_path / "a.mid") if event[1][0] >> 4 in (8, 9)]
    assert notes == [(TICKS_PER_BEAT, bytes([0x90, 60, 90])), (3 * TICKS_PER_BEAT, bytes([0x80, 60, 0]))]


def test_a_key_is_let_go_before_it_is_struck_again(tmp_path: Path) -> None:
    write_midi(_score(Note(0, 4, 60, 90), Note(1, 1, 60, 80)), tmp_path / "a.mid", seed=1)
    kinds = [message[0] >> 4 for _, message in _events(tmp_path / "a.mid") if message[0] >> 4 in (8, 9)]
    assert kinds == [9, 8, 9, 8]


def test_the_same_seed_plays_the_same(tmp_path: Path) -> None:
    score = _score(*(Note(beat, 0.5, 60 + beat, 80) for beat in range(8)), feel=Feel(timing_ms=9, velocity=6))
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_midi(score, tmp_path / name, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_length_follows_the_tempo() -> None:
    assert duration_s(_score(Note(0, 6, 60))) == pytest.approx(4 * 0.5 + 2 * 1.0)


def test_an_impossible_note_raises_an_error() -> None:
    with pytest.raises(ValueError, match="cannot play"):
        Part("piano", 0, (Note(0, 1, 128),))
