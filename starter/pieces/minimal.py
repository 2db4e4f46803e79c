"""Phase Garden: two marimbas play one pattern; one of them slips ahead, a note at a time, and comes round again."""

from __future__ import annotations

from starter.notation import line, pitch
from starter.score import Feel, Master, Note, Notes, Part, Score, join, own_piece

_PATTERN = ("E4", "B4", "G4", "D5", "A4", "B4", "E4", "G4", "D5", "E4", "B4", "A4")
_STEP = 0.5
_TURN = len(_PATTERN) * _STEP
_TURNS = 20
_HOLD = 2
"""Turns of the pattern before the second player slips by one note."""


def _player(*, slips: bool, octave: int = 0) -> Notes:
    notes: list[Note] = []
    for turn in range(_TURNS):
        ahead = (turn // _HOLD) % len(_PATTERN) if slips else 0
        swell = 1 - abs(turn / (_TURNS - 1) - 0.6)
        for step in range(len(_PATTERN)):
            name = _PATTERN[(step + ahead) % len(_PATTERN)]
            velocity = round((52 if step % 3 else 66) * (0.7 + 0.5 * swell))
            notes.append(Note(turn * _TURN + step * _STEP, _STEP * 1.2, pitch(name) + 12 * octave, velocity))
    return tuple(notes)


def _phase_garden() -> Score:
    roots = "E2:12 | E2 | C2 | C2 | A1 | A1 | E2 | C2 | A1 | E2"
    held = "G4+B4:12 | G4+B4 | E4+G4 | E4+B4 | E4+A4 | C4+E4 | G4+B4 | E4+G4 | E4+C5 | G4+B4"
    end = _TURNS * _TURN
    swell = ((0.0, 30.0), (24, 60), (72, 100), (108, 84), (end, 40))
    return Score(
        parts=(
            Part(
                "marimba",
                12,
                join(_player(slips=False), line("E4+G4+B4:3", at=end, velocity=50)),
                volume=96,
                pan=30,
                reverb=45,
                feel=Feel(4, 4),
            ),
            Part("second marimba", 12, _player(slips=True), volume=96, pan=98, reverb=45, feel=Feel(4, 4)),
            Part(
                "vibraphone",
                11,
                line(
                    "r:24 E5:6 G5 | E5:6 B5 | A5:12 | G5:6 E5 | C5:6 A5 | B5:12 | G5:6 E5 | A5:12 | G5:6", velocity=50
                ),
                volume=127,
                reverb=70,
            ),
            Part("clarinets", 71, line(held, velocity=48), volume=78, pan=56, reverb=70, swell=swell),
            Part("harp", 46, line(roots, velocity=64), volume=127, pan=70, reverb=55, swell=swell),
        ),
        tempo_bpm=((0, 160.0),),
    )


PIECES = (own_piece("phase-garden", "Phase Garden", _phase_garden, master=Master(room=0.6, tail_s=3.0, fade_s=2.0)),)
