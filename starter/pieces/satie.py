"""Satie: the first Gymnopédie, for piano with a flute and quiet strings."""

from __future__ import annotations

from starter.notation import line
from starter.score import Feel, Master, Note, Notes, Part, Score, classic, glide, join

_BAR = 3.0

# Bass note and chord of each bar: two of the four bars that open the piece, the two themes, the first ending.
_ACCOMPANIMENT = """
    G2 B3+D4+F#4 | D2 A3+C#4+F#4 |
    G2 B3+D4+F#4 | D2 A3+C#4+F#4 | G2 B3+D4+F#4 | D2 A3+C#4+F#4 |
    G2 B3+D4+F#4 | D2 A3+C#4+F#4 | G2 B3+D4+F#4 | D2 A3+C#4+F#4 |
    G2 B3+D4+F#4 | D2 A3+C#4+F#4 | G2 B3+D4+F#4 | D2 A3+C#4+F#4 |
    F#2 A3+C#4+F#4 | B1 B3+D4+F#4 | E2 G3+B3 | E2 B3+D4+G4 | D2 F3+A3+D4 |
    E2 B3+E4+G4 | F#2 A3+C#4+F#4 | B1 B3+D4+F#4 | E2 C#4+E4+A4 | E2 A3+C#4+F#4+A4
"""
_FIRST_THEME = "r:1 F#5 A5 | G5 F#5 C#5 | B4 C#5 D5 | A4:3 | F#4:12 |"
_SECOND_THEME = "r:1 F#5 A5 | G5 F#5 C#5 | B4 C#5 D5 | A4:3 | C#5 | F#5 | E4:9 |"
_ENDING = "G5:3 | F#5 | B4:1 A4 B4 | C#5 D5 E5 | C#5 D5 E5 | F#4:3 |"

_THEME_BAR, _SECOND_BAR, _ENDING_BAR, _CLOSE_BAR = 2, 10, 19, 24


def _left_hand() -> Notes:
    notes: list[Note] = []
    for number, bar in enumerate(_ACCOMPANIMENT.strip().split("|")):
        bass, chord = bar.split()
        at = number * _BAR
        notes += line(f"{bass}:3", at=at, velocity=50)
        notes += line(f"r:1 {chord}:2", at=at, velocity=42)
    at = _CLOSE_BAR * _BAR
    notes += line("E2:3 | A2+G3:3 | D2+A2+D3:4", at=at, velocity=46)
    notes += line("r:1 B2+A3+D4 E3+B3+D4+G4", at=at, velocity=40)
    notes += line("C4+E4+A4+C5:3 | D4+F#4+A4+D5:4", at=at + _BAR, velocity=46)
    return tuple(notes)


def _gymnopedie() -> Score:
    melody = join(
        line(_FIRST_THEME, at=_THEME_BAR * _BAR, velocity=66, bar_beats=_BAR),
        line(_SECOND_THEME, at=_SECOND_BAR * _BAR, velocity=58, bar_beats=_BAR),
        line(_ENDING, at=_ENDING_BAR * _BAR, velocity=66, bar_beats=_BAR),
    )
    second = line(_SECOND_THEME, at=_SECOND_BAR * _BAR, velocity=62)
    strings = line(
        "F#4+A4:6 | F#4+B4 | F#4+A4 | F#4+B4:3 | A4+C#5:3 | B4+D5 | G4+B4:6 | F4+A4:3 | G4+B4 | F#4+A4 | F#4+B4 |"
        "E4+A4 | F#4+A4 | D4+G4 | E4+A4 | D4+F#4+A4:4",
        at=(_SECOND_BAR - 2) * _BAR,
        velocity=52,
    )
    last = (_CLOSE_BAR + 3) * _BAR
    slowing = glide((_CLOSE_BAR * _BAR, 90.0), (last, 60.0))
    bars = tuple(bar * _BAR for bar in range(_CLOSE_BAR + 3))
    return Score(
        parts=(
            Part("piano", 0, join(_left_hand(), melody), reverb=55, pedal_beats=(*bars, last + 4), feel=Feel(12, 4)),
            Part("flute", 73, second, volume=64, pan=78, reverb=70, swell=((30, 60), (44, 96), (57, 50))),
            Part("strings", 49, strings, volume=60, pan=50, reverb=80, swell=((24, 40), (45, 84), (60, 60), (82, 30))),
        ),
        tempo_bpm=((0, 92.0), *slowing),
    )


PIECES = (
    classic(
        "gymnopedie-1",
        "Gymnopédie No. 1",
        "Erik Satie",
        1888,
        _gymnopedie,
        edition="Mutopia-2000/11/01-37",
        master=Master(room=0.75, tail_s=4.0, fade_s=2.5),
    ),
)
