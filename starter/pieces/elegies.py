"""Low light: strings over a grey harbour, a cello on an empty platform, a choir in winter rooms."""

from __future__ import annotations

from starter.accompany import arpeggio, bass, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, glide, join, own_piece, transpose

_GREY = changes("Cm | Cm | Fm | G | Cm | Fm | Cm | G | Fm | Cm | Fm G | Cm")
_GREY_TUNE = """
    G4:2 C5:1 D5 | Eb5:3 C5:1 | Ab5:2 G5:1 F5 | D5:3 G4:1 | Eb5:2 F5:1 G5 | F5:2 C5:1 Ab4 |
    G4:1.5 C5:.5 Eb5:1 G5 | G5:2 D5:1 B4 | C5:2 Ab5:1 F5 | Eb5:2 G5:1 C5 | F5:1 C5 B4:2 | C5:5
"""


def _grey_harbour() -> Score:
    violins = line(_GREY_TUNE, velocity=68, bar_beats=4)
    cello = line(
        "C3:2 Eb3:2 | G2:2 C3:2 | F2:2 Ab2:2 | G2:4 | C3:2 G2 | F2:2 Ab2 | G2:2 C3 | G2:4 |"
        "F2:2 Ab2 | C3:2 G2 | F2:2 G2:2 | C2+C3:5",
        velocity=66,
    )
    inner = pads(_GREY, velocity=58, centre=58, voices=3, hold=1.03)
    rise = ((0.0, 50.0), (12, 84), (16, 62), (28, 104), (32, 74), (36, 92), (46, 58), (53, 30))
    return Score(
        parts=(
            Part("violins", 48, violins, volume=88, pan=44, reverb=75, swell=rise, feel=Feel(14, 3)),
            Part("pad", 91, inner, volume=60, pan=60, reverb=75, swell=rise),
            Part("inner strings", 49, inner, volume=60, pan=66, reverb=75, swell=rise, feel=Feel(16, 3)),
            Part("cellos", 42, cello, volume=92, pan=84, reverb=70, swell=rise, feel=Feel(14, 3)),
            Part(
                "basses",
                43,
                transpose(tuple(n for n in cello if n.length_beats >= 2), -12),
                volume=84,
                pan=74,
                swell=rise,
            ),
            Part(
                "horn",
                60,
                line("Eb4:4 | D4:4 | C4:4", at=24, velocity=52),
                volume=60,
                pan=58,
                reverb=85,
                swell=((24, 60), (30, 100), (36, 50)),
            ),
        ),
        tempo_bpm=((0, 62.0), *glide((36, 62.0), (48, 46.0))),
    )


_PLATFORM = changes("Dm | Dm | Gm | A | Dm | Dm | Gm | A7 | Bb | Gm | Dm/A | A7 | Dm")
_PLATFORM_TUNE = """
    A4:3 F4:1 | D4:2 F4:1 A4 | Bb4:2 A4:1 G4 | E4:3 C#4:1 | F4:2 A4:1 D5 | D5:2 A4:1 F4 | D4:1 G4 Bb4 D5 | C#5:2 A4:2 |
    D5:2 Bb4:1 F4 | G4:2 Bb4:1 G4 | F4:2 A4:1 F4 | E4:2 C#4:2 | D4:5
"""


def _empty_platform() -> Score:
    tune = line(_PLATFORM_TUNE, velocity=66, bar_beats=4)
    picking = arpeggio(
        _PLATFORM[:12],
        (0, 1, 2, 3, 2, 1, 2, 1),
        step_beats=0.5,
        velocity=48,
        centre=58,
        voices=3,
        hold=1.3,
        accents="xoooxooo",
    )
    low = bass(_PLATFORM, "R:4", centre=38, velocity=58, hold=1.0)
    end = 48.0
    return Score(
        parts=(
            Part(
                "guitar",
                24,
                join(picking, low, line("r:.5 A3:.5 D4 F4 A4 D5:3", at=end, velocity=42)),
                volume=100,
                pan=54,
                reverb=65,
                feel=Feel(12, 4),
            ),
            Part(
                "cello",
                42,
                tune,
                volume=116,
                pan=76,
                reverb=70,
                feel=Feel(14, 3),
                swell=((0, 70), (12, 92), (15, 70), (30, 104), (36, 96), (44, 76), (53, 36)),
            ),
            Part("pad", 91, pads(_PLATFORM, velocity=56, centre=57, voices=3), volume=50, pan=46, reverb=85),
            Part("bass", 32, bass(_PLATFORM, "R:4", centre=36, velocity=60, hold=1.0), volume=92, pan=60, reverb=50),
        ),
        tempo_bpm=((0, 66.0), *glide((40, 66.0), (50, 48.0))),
    )


_WINTER = changes("Em | Em | Am | Am | Em | Em | B | B7 | Em | Em | Am | B7 | Em | Em")


def _winter_rooms() -> Score:
    tune = line(
        "B4:4 | G4:3 F#4:1 | E4:4 | C5:3 A4:1 | B4:4 | G4:2 E4:2 | F#4:4 | D#4:3 F#4:1 | G4:3 B4:1 | E5:2 D#5:1 E5 |"
        "A4:2 C5:1 A4 | B4:2 D#4:2 | E4:7",
        velocity=58,
    )
    drops = line(
        "r:2 B5:1 E6 | r:4 | r:3 A5:1 | r:4 | r:2 E6:1 B5 | r:4 | r:1 F#5:1 B5:2 | r:4 |"
        "r:2 G5:1 B5 | r:4 | r:2 E5:2 | r:4 | r:1 E6:3",
        velocity=42,
    )
    low = line("E2+E3:8 | A2:8 | E2+E3:8 | B2:8 | E2:4 | G2:4 | A2:4 | B2:4 | E2+E3:7", velocity=56)
    return Score(
        parts=(
            Part(
                "choir",
                91,
                join(tune, pads(_WINTER, velocity=46, centre=56, voices=3, hold=1.05)),
                volume=84,
                pan=60,
                reverb=95,
                feel=Feel(18, 3),
                swell=((0, 46), (10, 84), (24, 70), (36, 108), (44, 80), (55, 30)),
            ),
            Part("bass", 32, low, volume=100, pan=56, reverb=60),
            Part("harp", 46, low, volume=100, pan=50, reverb=80, feel=Feel(12, 3)),
            Part("celesta", 8, drops, volume=92, pan=84, reverb=100, feel=Feel(20, 4)),
            Part("voices", 53, tune, volume=56, pan=76, reverb=80),
        ),
        tempo_bpm=((0, 70.0), *glide((40, 70.0), (52, 50.0))),
    )


PIECES = (
    own_piece("grey-harbour", "Grey Harbour", _grey_harbour, master=Master(room=0.8, tail_s=4.0, fade_s=2.5)),
    own_piece("empty-platform", "Empty Platform", _empty_platform, master=Master(room=0.75, tail_s=4.0, fade_s=2.5)),
    own_piece("winter-rooms", "Winter Rooms", _winter_rooms, master=Master(room=0.9, tail_s=4.0, fade_s=3.0)),
)
