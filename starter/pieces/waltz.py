"""Lantern Waltz: an accordion, a clarinet and a guitar under the lamps of a garden."""

from __future__ import annotations

from starter.accompany import bass, comp, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, glide, join, own_piece

_A = "G | Em7 | Am7 | D7 | G | Em7 | D7 | G |"
_B = "C | C#dim7 | G/D | E7 | Am7 | D7 | G | D7 |"
_TUNE_A = "B4:2 D5:1 | G5:2 F#5:1 | E5:1 C5 A4 | D5:3 | B4:1 D5 G5 | B5:2 A5:1 | F#5:1 E5 D5 | G5:3 |"
_TUNE_A2 = (
    "B4:1.5 C5:.5 D5:1 | G5:1.5 A5:.5 F#5:1 | E5:1.5 D5:.5 C5:1 | A4:1 D5:2 | B4:1 D5 G5 |"
    "B5:1 C6:.5 B5 A5:1 | F#5:1 A5 C5 | B4:3 |"
)
_TUNE_B = "E5:2 G5:1 | E5:2 Bb5:1 | B5:2 G5:1 | G#5:1 B5 D6 | C6:2 A5:1 | F#5:1 A5 C6 | B5:3 | A5:1 F#5 D5 |"


def _lantern_waltz() -> Score:
    harmony = changes("G | D7 |" + _A + _B + _A, bar_beats=3)
    first, bridge, last = 6, 30, 54
    end = last + 24
    clarinet = join(
        line(_TUNE_A, at=first, velocity=66, bar_beats=3), line(_TUNE_A2, at=last, velocity=70, bar_beats=3)
    )
    accordion = join(
        line(_TUNE_B, at=bridge, velocity=72, bar_beats=3),
        line("D5:3 | E5 | C5 | A4 | D5 | G4 | C5 | B4 |", at=last, velocity=52),
    )
    return Score(
        parts=(
            Part("clarinet", 71, clarinet, volume=76, pan=74, reverb=55, feel=Feel(10, 4)),
            Part("accordion", 21, accordion, volume=104, pan=46, reverb=50, feel=Feel(10, 4)),
            Part(
                "guitar",
                24,
                join(
                    comp(harmony, ".xo", step_beats=1, velocity=52, centre=60, voices=3, hold=0.6, strum_beats=0.03),
                    line("G2:.2 D3 G3 B3 D4 G4:3", at=end, velocity=54),
                ),
                volume=88,
                pan=88,
            ),
            Part(
                "bass",
                32,
                join(bass(harmony, "R:3", centre=40, velocity=66, hold=0.7), line("G2:3", at=end)),
                volume=92,
            ),
            Part(
                "strings",
                49,
                pads(harmony[10:], velocity=48, centre=64, voices=3),
                volume=80,
                reverb=75,
                swell=((30, 40), (48, 88), (76, 60)),
            ),
        ),
        tempo_bpm=(
            (0, 116.0),
            *glide((bridge + 20, 116.0), (last, 100.0), steps=4),
            (last + 1, 114.0),
            *glide((end - 6, 112.0), (end, 84.0)),
        ),
    )


PIECES = (own_piece("lantern-waltz", "Lantern Waltz", _lantern_waltz, master=Master(room=0.6, tail_s=3.0, fade_s=2.0)),)
