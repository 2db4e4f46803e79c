"""Greensleeves, for recorder and lute, with a cello that comes in for the second half."""

from __future__ import annotations

from starter.notation import line
from starter.score import FREE, Feel, Master, Notes, Part, Piece, Score, glide, join, transpose

_BAR = 6.0
_VERSE = (
    "A4:1 | C5:2 D5:1 E5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 |"
    "C5:2 A4:1 A4:1.5 G#4:.5 A4:1 | B4:2 G#4:1 E4:2 A4:1 |"
    "C5:2 D5:1 E5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 | C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:6 |"
)
_REFRAIN = (
    "G5:3 G5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 | C5:2 A4:1 A4:1.5 G#4:.5 A4:1 | B4:2 G#4:1 E4:3 |"
    "G5:3 G5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 | C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:7"
)
_AM, _G, _E, _C, _F = (
    "A2 E3 A3 C4 A3 E3",
    "G2 D3 G3 B3 G3 D3",
    "E2 B2 E3 G#3 E3 B2",
    "C3 G3 C4 E4 C4 G3",
    "F2 C3 F3 A3 F3 C3",
)
_TURN = "A2 E3 C4 E2 B2 G#3"
_LUTE = (_AM, _AM, _AM, _G, _AM, _E, _AM, _G, _TURN, _AM, _C, _G, _AM, _E, _AM, _G, _TURN)
_CELLO = "C4:6 | B3 | A3 | G#3 | E4 | D4 | C4:3 B3:3 | A3:8"
_PAD = (
    "A3+C4+E4:6 | B3+D4+G4 | A3+C4+E4 | B3+E4+G#4 | A3+C4+E4 | B3+D4+G4 | A3+C4+E4:3 B3+E4:3 | A3+C4+E4:6 |"
    "C4+E4+G4 | B3+D4+G4 | A3+C4+E4 | B3+E4+G#4 | C4+E4+A4 | B3+D4+G4 | A3+C4+E4:3 B3+E4:3 | A3+C4+E4:7"
)
_INTRO_BARS = 2
_DOWN = -5
"""Written in A minor, played in E minor: darker."""


def _lute() -> Notes:
    bars = " | ".join(_LUTE)
    first, rest = bars.split(" ", 1)
    return join(
        line(f"{first}:1 {rest}", velocity=58, hold=1.6, bar_beats=_BAR),
        line("A2:.25 E3 A3 C4 E4 A4:6.75", at=len(_LUTE) * _BAR, velocity=56, hold=1.2),
    )


def _greensleeves() -> Score:
    start = _INTRO_BARS * _BAR - 1
    verse = line(_VERSE, at=start, velocity=74, bar_beats=_BAR)
    refrain_start = (_INTRO_BARS + 8) * _BAR
    refrain = line(_REFRAIN, at=refrain_start, velocity=80, bar_beats=_BAR)
    end = len(_LUTE) * _BAR
    return Score(
        parts=(
            Part("lute", 24, transpose(_lute(), _DOWN), volume=108, pan=50, reverb=55, feel=Feel(12, 5)),
            Part(
                "recorder", 74, transpose(join(verse, refrain), _DOWN), volume=82, pan=70, reverb=65, feel=Feel(10, 3)
            ),
            Part(
                "cello",
                42,
                transpose(line(_CELLO, at=refrain_start, velocity=66), _DOWN),
                volume=96,
                pan=84,
                reverb=65,
                swell=((refrain_start, 50), (refrain_start + 24, 90), (end, 70), (end + 8, 40)),
            ),
            Part(
                "pad",
                91,
                transpose(line(_PAD, at=_INTRO_BARS * _BAR, velocity=56), _DOWN),
                volume=66,
                pan=60,
                reverb=75,
            ),
        ),
        tempo_bpm=((0, 150.0), *glide((end - 8, 150.0), (end, 104.0))),
    )


PIECES = (
    Piece(
        slug="greensleeves",
        title="Greensleeves",
        composer="Traditional (England)",
        year=1580,
        source="A traditional tune, written into starter/pieces for mien",
        licence=FREE,
        score=_greensleeves,
        master=Master(room=0.7, tail_s=3.5, fade_s=2.0),
    ),
)
