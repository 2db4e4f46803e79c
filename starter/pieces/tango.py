"""Two Doors: a tango in A minor for bandoneon, violin, piano and bass."""

from __future__ import annotations

from starter.accompany import bass, comp, groove, hit, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, glide, join, own_piece, transpose

_A = "Am | Am | Dm | Dm | Am | Am | E7 | Am |"
_B = "Dm | Am | Dm | Am | Dm | Am | Am | E7 |"
_TUNE_A = """
    r:.5 E4' A4' B4' C5:1> B4:.5 A4 | E5:1.5 D5:.5 C5' B4' A4:1 |
    r:.5 F4' A4' D5' F5:1> E5:.5 D5 | A5:1.5 F5:.5 E5' D5' A4:1 |
    r:.5 E4' A4' C5' E5:1> C5:.5 A4 | C5:1 E5:.5' A5' E5:1 C5 |
    B4:.5> A4' G#4' B4' E5:.75 D5:.25 B4:.5 G#4 | A4:1> E4:.5' C5' A4:1 r |
"""
_TUNE_B = """
    F5:2 E5:1 D5 | E5:2 C5:1 A4 | F5:1 A5:.5 G5 F5:1 D5 | C5:3 r:1 | A5:1.5 G#5:.5 A5:1 F5 | E5:2 C5:1 A4 |
    C5:1 E5:.5 A5 C6:1 A5 | G#5:.5 F5 E5 D5 B4 G#4 E4:1 |
"""


def _two_doors() -> Score:
    harmony = changes("Am | E7 |" + _A + _B + _A)
    a, b, again = 8.0, 40.0, 72.0
    end = again + 32
    bandoneon = join(
        line(_TUNE_A, at=a, velocity=88, bar_beats=4, hold=0.85),
        line(_TUNE_A, at=again, velocity=96, bar_beats=4, hold=0.85),
    )
    counter = line("D5:4 | C5 | A4 | C5 | F5 | E5 | C5 | D5 |", at=b, velocity=60)
    violin = join(
        line(_TUNE_B, at=b, velocity=84, bar_beats=4),
        line("A5:4 | E5 | F5 | A5 | C6 | A5 | G#5:2 B5 | A5:1", at=again, velocity=74),
    )
    chan_chan = line("E3+G#3+B3+D4+E4:.5'> r:.5 A2+C4+E4+A4:.5'_ r:.5", at=end, velocity=108)
    marcato = comp(harmony, "X.x.x.x.X..x..x.", step_beats=0.5, velocity=78, centre=58, voices=4, hold=0.45)
    slides = join(*(line("E3:.1 F3 F#3 G#3", at=beat - 0.5, velocity=70) for beat in (a, b, again)))
    knocks = join(
        hit("woodblock", *(beat + 3.5 for beat in range(8, 104, 8)), velocity=54),
        groove(
            {
                "shaker": "xxxxxxxx",
                "low_conga": "X..x..x.",
                "side_stick": "..x...xx",
                "kick": "X..x..x.",
                "snare": "g.gg..xg",
            },
            bars=24,
            at=a,
            step_beats=0.5,
            velocity=76,
        ),
        hit("snare", *(b - 1 + 0.25 * step for step in range(4)), velocity=40),
    )
    return Score(
        parts=(
            Part("bandoneon", 23, join(bandoneon, counter), volume=116, pan=48, reverb=45),
            Part(
                "violin",
                40,
                violin,
                volume=120,
                pan=82,
                reverb=40,
                swell=((b, 80), (b + 16, 110), (again, 76), (end, 100)),
                feel=Feel(9, 4),
            ),
            Part("piano", 0, join(marcato, transpose(slides, -12), chan_chan), volume=112, pan=64, reverb=30),
            Part(
                "bass",
                32,
                join(
                    bass(harmony, "R:1 5 R 5", centre=36, velocity=96, hold=0.5),
                    line("E2:.5' r:.5 A1:.5'_", at=end, velocity=104),
                ),
                volume=108,
            ),
            Part(
                "pizzicato",
                45,
                comp(harmony[2:-1], "x.gxx.gx", step_beats=0.5, velocity=84, centre=64, voices=3, hold=0.4),
                volume=84,
                pan=92,
                reverb=30,
            ),
            Part("pad", 91, pads(harmony[2:-1], velocity=66, centre=55, voices=3), volume=64, pan=40),
            Part("knocks", 0, knocks, volume=100, drums=True),
        ),
        tempo_bpm=(
            (0, 132.0),
            *glide((b, 130.0), (b + 4, 126.0), steps=4),
            (again, 134.0),
            *glide((end - 4, 134.0), (end, 110.0), steps=4),
        ),
    )


PIECES = (own_piece("two-doors", "Two Doors", _two_doors, master=Master(room=0.5, tail_s=2.0, fade_s=1.0)),)
