"""Quiet rooms: a slow piano over warm pads, and a patient pattern for kalimba, vibraphone and flute."""

from __future__ import annotations

from starter.accompany import arpeggio, bass, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, glide, join, louder, own_piece, shift, transpose

_WINDOW = changes("Dadd9 | D | Gmaj7 | G | D/F# | A | G | A | Dadd9 | D/F# | Gmaj7 | A | G | A7sus4 | D")
_WINDOW_MELODY = """
    r:2 A4:1 D5 | F#5:3 E5:1 | D5:2 B4:1 D5 | A4:4 | r:1 A4 D5 F#5 | E5:3 C#5:1 | D5:1.5 B4:.5 G4:2 | A4:3 C#5:1 |
    D5:2 F#5:2 | A5:2 F#5:1 E5 | D5:1.5 E5:.5 F#5:1 D5 | E5:4 | B4:1 D5 G5 B5 | A5:2 E5:2 | F#5:6
"""


def _slow_window() -> Score:
    melody = line(_WINDOW_MELODY, velocity=58, bar_beats=4)
    echoes = shift(transpose(louder(melody[8:22:2], 0.7), 12), 0.75)
    low = bass(_WINDOW, "R:2 5:2", centre=40, velocity=46, hold=1.4)
    bars = tuple(4.0 * bar for bar in range(15))
    return Score(
        parts=(
            Part("piano", 0, join(melody, low), volume=108, reverb=75, pedal_beats=(*bars, 64.0), feel=Feel(16, 4)),
            Part(
                "warm pad", 89, pads(_WINDOW, velocity=58, centre=60, voices=4, hold=1.05), volume=52, pan=52, reverb=80
            ),
            Part(
                "strings",
                49,
                pads(_WINDOW[4:], velocity=50, centre=66, voices=3),
                volume=76,
                pan=80,
                reverb=85,
                swell=((16, 30), (36, 90), (48, 70), (60, 40)),
            ),
            Part("celesta", 8, echoes, volume=72, pan=88, reverb=95),
        ),
        tempo_bpm=((0, 72.0), *glide((48, 72.0), (57, 58.0))),
    )


_MOSS = changes("G | G | G | G | C | C | G | G | D | D | G | G | C | C | C | D | G | G | G")


def _moss() -> Score:
    pattern = arpeggio(
        _MOSS[:18],
        (0, -1, 2, -1, 1, 3, -1, 4),
        step_beats=0.5,
        velocity=54,
        centre=67,
        voices=3,
        hold=1.5,
        accents="xgogxgoo",
    )
    vibes = line(
        "D5:3 B4:1 | E5:2 D5 | C5:3 E5:1 | D5:4 | r:1 G5:1 D5 B4 | A4:2 D5 | F#5:3 E5:1 | D5:4 |"
        "B5:3 A5:1 | G5:4 | G5:2 E5:1 G5 | E5:4 | E5:2 G5 | F#5:2 A5 | G5:6",
        at=8,
        velocity=56,
        bar_beats=4,
    )
    flute = line("G5:4 | D5:2 B4 | C5:3 E5:1 | G4:4 | E5:4 | D5:2 F#5 | G5:8", at=40, velocity=52)
    return Score(
        parts=(
            Part(
                "kalimba",
                108,
                join(pattern, line("G4:.5 B4 D5 G5:2", at=72, velocity=50)),
                volume=96,
                pan=50,
                reverb=60,
            ),
            Part("harp", 46, bass(_MOSS, "R:2 5:2", centre=43, velocity=56, hold=1.5), volume=82, pan=62, reverb=60),
            Part("vibraphone", 11, vibes, volume=116, pan=80, reverb=70, feel=Feel(14, 4)),
            Part("flute", 73, flute, volume=74, pan=40, reverb=80, swell=((40, 50), (52, 90), (74, 40))),
            Part("pad", 89, pads(_MOSS, velocity=46, centre=60, voices=3, hold=1.05), volume=44, reverb=80),
        ),
        tempo_bpm=((0, 90.0), *glide((62, 90.0), (74, 70.0))),
    )


PIECES = (
    own_piece("slow-window", "Slow Window", _slow_window, master=Master(room=0.8, tail_s=4.0, fade_s=3.0)),
    own_piece("moss", "Moss", _moss, master=Master(room=0.75, tail_s=4.0, fade_s=2.5)),
)
