"""Chopin: the Prelude in E minor, for cello and piano."""

from __future__ import annotations

from starter.notation import line
from starter.score import Feel, Master, Note, Notes, Part, Score, classic, glide, join

# The left hand's chords and how many quavers each lasts: bars 1 to 10, then 19 to 22.
_LEFT = """
    G3+B3+E4 8  F#3+A3+E4 4  F#3+A3+D#4 4  F3+A3+D#4 4  F3+A3+D4 2  F3+G#3+D4 2
    E3+G#3+D4 4  E3+G3+D4 2  E3+G3+C#4 2  E3+G3+C4 4  E3+F#3+C4 8  D#3+F#3+C4 4
    D3+F#3+C4 8  D3+F3+C4 4  D3+F3+B3 4  C3+E3+B3 2  C3+E3+A3 6  B2+E3+A3 2  B2+D#3+A3 2  C3+E3+A3 4
    B2+E3+B3 4  C3+E3+A3 4  B2+E3+B3 4  B2+D#3+B3 2  B2+D#3+A3 2  C3+G3 4  C3+Bb3 2  C3+E3+A3 2
    B2+E3+A3 2  B2+E3+G#3 2  B2+E3+G3 4
"""
_MELODY = """
    B3:.75 B4:.25 | B4:3 C5:1 | B4:3 C5:1 | B4:3 C5:1 | B4:3 Bb4:1 | A4:3 B4:1 | A4:3 B4:1 | A4:3 B4:.75 A4:.25 |
    A4:3 G#4:2 A4:.5 B4 D5 C5 E4 A4 | F#4:3 A4:1 | F#4:3 B4:.12 A4:.88 |
    F#4:3.75 E4:.25 | E4:3 F#4:1 | E4:3 F#4:1 | E4:2
"""
_UPBEAT = 1.0


def _left_hand() -> Notes:
    notes: list[Note] = []
    tokens = _LEFT.split()
    position = _UPBEAT
    for chord, quavers in zip(tokens[::2], tokens[1::2], strict=True):
        for turn in range(int(quavers)):
            notes += line(f"{chord}:.5", at=position, velocity=46 if turn == 0 else 38, hold=1.02)
            position += 0.5
    return tuple(notes)


def _prelude() -> Score:
    left = _left_hand()
    close = _UPBEAT + 14 * 4.0
    melody = line(_MELODY, velocity=70)
    fermata = line("A#2+C3+G3:3.4", at=close, velocity=40)
    final = line("B1+B2+E3+F#3+B3+E4:2 B1+B2+D#3+F#3+B3+D#4:2 | E1+E2+E3+G3+B3+E4:5", at=close + 3.5, velocity=44)
    deep = line(
        "E2:4 | D2 | C2 | B1 | C2 | D2 | D2 | G1 | C2 | B1 | B1 | B1 | C2 | E2 | C2:2",
        at=_UPBEAT,
        velocity=50,
    )
    under = line(
        "G3+E4:4 | F#3+E4:2 F#3+D#4 | F3+D#4:2 F3+D4 | E3+D4:4 | E3+C4 | E3+C4:2 D#3+C4 |"
        "D3+C4:4 | D3+C4:2 D3+B3 | C3+A3:4 |"
        "B2+A3:2 C3+A3 | B2+B3:2 C3+A3 | B2+B3:4",
        at=_UPBEAT,
        velocity=46,
    )
    return Score(
        parts=(
            Part("piano", 0, join(left, fermata, final), volume=104, pan=56, reverb=55, feel=Feel(10, 3)),
            Part("melody", 0, melody, volume=104, pan=64, reverb=65, feel=Feel(10, 3)),
            Part("double bass", 32, deep, volume=84, pan=56, reverb=50, feel=Feel(10, 3)),
            Part(
                "strings",
                49,
                under,
                volume=70,
                pan=74,
                reverb=80,
                swell=((0, 40), (16, 70), (36, 100), (42, 60), (58, 40)),
            ),
        ),
        tempo_bpm=((0, 78.0), *glide((44, 78.0), (57, 64.0)), *glide((58, 60.0), (66, 50.0))),
    )


PIECES = (
    classic(
        "prelude-in-e-minor",
        "Prelude in E Minor (Op. 28 No. 4)",
        "Frédéric Chopin",
        1839,
        _prelude,
        edition="Mutopia-2004/10/11-468",
        master=Master(room=0.75, tail_s=4.0, fade_s=2.5),
    ),
)
