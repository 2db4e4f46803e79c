"""Bright and made for walking: Kite Day (pop), Corner Shop (funk), Pixel Picnic (four voices of an old console)."""

from __future__ import annotations

from starter.accompany import arpeggio, bass, comp, groove, hit, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, crop, join, louder, own_piece, shift, transpose

_KITE_A = "D | A | Bm | G | D | A | G | A |"
_KITE_B = "G | A | F#m | Bm | G | A | D | D |"
_KITE_TUNE_A = """
    r:.5 F#5 F#5 E5 D5:1 A4 | r:.5 E5 E5 D5 C#5:1 A4 | r:.5 D5 D5 E5 F#5:1 D5 | B4:.5 D5 G5 F#5 E5:1 D5 |
    r:.5 F#5 F#5 G5 A5:1 F#5 | E5:.5 E5 F#5 E5 C#5:1 A4 | B4:.5 D5 G5:1 F#5:.5 E5 D5:1 | E5:2 C#5:1 E5 |
"""
_KITE_TUNE_B = """
    G5:1.5 F#5:.5 G5 A5 B5:1 | A5:1.5 G5:.5 F#5 E5 A5:1 | A5:1.5 F#5:.5 C#5 E5 F#5:1 | D5:.5 E5 F#5 B5 A5:1 F#5 |
    G5:1.5 F#5:.5 G5 A5 B5:1 | C#6:1 B5:.5 A5 E5 F#5 A5:1 | D6:1 A5:.5 F#5 D5:1 F#5 | D5:2 r |
"""


def _kite_day() -> Score:
    harmony = changes("D | A |" + _KITE_A + _KITE_B + _KITE_A + "D")
    a, b, again, end = 8.0, 40.0, 72.0, 104.0
    first = line(_KITE_TUNE_A, at=a, velocity=84, bar_beats=4, hold=0.9)
    lead = join(
        first, line(_KITE_TUNE_B, at=b, velocity=92, bar_beats=4, hold=0.95), louder(shift(first, again - a), 1.08)
    )
    close = line("D5+F#5+A5:3>", at=end, velocity=92)
    drums = join(
        groove({"hat": "x.o."}, bars=1, at=4, velocity=58),
        groove(
            {
                "kick": "X...X...X...X.x.",
                "clap": "....x.......x...",
                "snare": "....X..g....X.g.",
                "hat": "o.x.o.x.o.x.o.xg",
                "shaker": "goxo",
            },
            bars=8,
            at=a,
            velocity=82,
        ),
        groove(
            {"kick": "X...X..xX...X.x.", "snare": "....X..g....X.gg", "open": "..x...x...x...x.", "shaker": "xoxxxoxx"},
            bars=16,
            at=b,
            velocity=86,
        ),
        hit("crash", a, b, again, end, velocity=92),
        hit("snare", *(a - 1 + 0.25 * step for step in range(4)), velocity=70),
        hit("high_tom", b - 1, b - 0.75, velocity=84),
        hit("low_tom", b - 0.5, b - 0.25, velocity=92),
        hit("kick", end, velocity=100),
    )
    picking = arpeggio(
        harmony[:-1], (0, 2, 3, 1, 2, 3, 1, 2), step_beats=0.5, velocity=70, centre=66, voices=4, hold=0.9
    )
    return Score(
        parts=(
            Part("lead", 71, join(lead, close), volume=84, pan=64, reverb=50),
            Part("whistle", 78, tuple(n for n in lead if n.start_beat >= b), volume=58, pan=78, reverb=60),
            Part(
                "piano",
                1,
                join(comp(harmony[:-1], "X.xX.xX.", velocity=72, centre=66, voices=4, hold=0.8), close),
                volume=84,
                pan=44,
            ),
            Part("clean guitar", 27, picking, volume=76, pan=98, reverb=45, chorus=40),
            Part(
                "steel guitar",
                25,
                comp(harmony[2:-1], "x.xgx.xg", velocity=56, centre=60, voices=4, strum_beats=0.02),
                volume=64,
                pan=24,
            ),
            Part(
                "bass",
                34,
                join(bass(harmony[1:-1], "R:.5 R R 8 R R 5 R", centre=38, velocity=92), line("D2:3", at=end)),
                volume=100,
            ),
            Part("strings", 48, pads(harmony[10:], velocity=66, centre=69, voices=3), volume=62, reverb=60),
            Part("drums", 8, drums, volume=104, reverb=30, drums=True),
        ),
        tempo_bpm=((0, 128.0),),
    )


_SHOP_RIFF = "G1:.75 G2:.25> r F2 G2:.5 r D2:.25 F2 G1:.5 B1 |G1:.75 G2:.25> r F2 G2:.5 r:.25 G2:.25 F2 D2 C2:.5 D2 |"
_SHOP_RIFF_C = (
    "C2:.75 C3:.25> r Bb2 C3:.5 r G2:.25 Bb2 C2:.5 E2 |C2:.75 C3:.25> r Bb2 C3:.5 r:.25 C3:.25 Bb2 A2 G2:.5 D2 |"
)
_SHOP_HOOK = """
    r:.5 B4:.25 D5 E5:.5 D5:.25 B4 D5:.5 r:.25 G5 r:1 | r:.5 B4:.25 D5 E5:.5 G5:.25 E5 D5:1 r:1 |
    r:.5 B4:.25 D5 E5:.5 D5:.25 B4 D5:.5 r:.25 B5 r:1 | A5:.25 G5 E5:.5 D5:.25 E5 D5 B4 G4:1 r |
"""
_SHOP_BRIDGE = """
    E5:.5 G5:.25 E5 C5:.5 E5 G5:1 r | A5:.25 G5 E5 G5 r:.5 C6:.5 G5:1 r | B5:.5 G5:.25 B5 D5:.5 G5 B5:1 r |
    A5:.5 F#5:.25 A5 D5:.5 F#5 A5:.25 A5 r A5 D6:1 |
"""


def _corner_shop() -> Score:
    hook = line(_SHOP_HOOK, velocity=92, bar_beats=4, hold=0.8)
    bridge = line(_SHOP_BRIDGE, velocity=98, bar_beats=4, hold=0.8)
    riff, riff_c = line(_SHOP_RIFF, velocity=96, hold=0.85), line(_SHOP_RIFF_C, velocity=96, hold=0.85)
    walk = line(
        "G1:.75 G2:.25 r D2 G2:.5 B1:.5 B2 G2:.25 B1 r:.5 | D2:.75 D3:.25 r A2 D3:.5 C2:.25 C2 r C2 D2:.5 F#2 |",
        velocity=96,
        hold=0.85,
    )
    verse = join(riff, shift(riff, 8))
    low = join(
        verse,
        shift(verse, 16),
        shift(verse, 32),
        shift(riff_c, 48),
        shift(walk, 56),
        shift(riff_c, 64),
        shift(walk, 72),
        shift(riff, 80),
        shift(crop(riff, 0, 8), 88),
        line("G1:1>", at=96, velocity=108),
    )
    harmony = changes("G7 | % | % | % |" * 3 + "C9 | % | G | D7 |" * 2 + "G7 | % | % | %")
    horns = join(shift(hook, 16), shift(hook, 32), shift(bridge, 48), shift(bridge, 64), shift(hook, 80))
    end = line("G4+B4+D5+F5+B5:.5>", at=96, velocity=94)
    drums = join(
        groove(
            {
                "kick": "X.....x.g.x....x",
                "snare": "....X.-g.g-.X..g",
                "hat": "x.xox.xoxoxox.x.",
                "open": "..............x.",
            },
            bars=24,
            velocity=88,
        ),
        groove({"tambourine": "..x...x...x...x.", "cowbell": "x...x...x...x..."}, bars=8, at=48, velocity=62),
        hit("crash", 16, 48, 80, 96, velocity=88),
        hit("snare", 15, 15.25, 15.5, 47.25, 47.5, 47.75, 79.5, 79.75, 96, velocity=96),
        hit("kick", 96, velocity=108),
    )
    return Score(
        parts=(
            Part("slap bass", 36, low, volume=104, pan=64, reverb=10),
            Part(
                "clavinet",
                7,
                comp(harmony, "x.gxg.x.gx.gx.gx", step_beats=0.25, velocity=74, centre=64, voices=3, hold=0.6),
                volume=78,
                pan=34,
                reverb=20,
            ),
            Part(
                "guitar",
                28,
                comp(harmony, "..xg..x.g.xg..xg", step_beats=0.25, velocity=82, centre=69, voices=3, hold=0.5),
                volume=76,
                pan=100,
                reverb=20,
            ),
            Part("organ", 16, pads(harmony[4:], velocity=50, centre=62, voices=3), volume=50, pan=50, reverb=30),
            Part("trumpet", 56, join(horns, end), volume=84, pan=72, reverb=40),
            Part("sax", 66, transpose(join(horns, end), -12), volume=80, pan=56, reverb=40),
            Part(
                "brass",
                61,
                comp(harmony[12:20], "x..x......x.....", step_beats=0.25, velocity=84, centre=67, voices=3, hold=0.7),
                volume=72,
                pan=80,
                reverb=40,
            ),
            Part("drums", 8, drums, volume=104, reverb=20, drums=True, feel=Feel(4, 5)),
        ),
        tempo_bpm=((0, 112.0),),
    )


_PIXEL_A = "C | G | Am | F | C | G | F G | C |"
_PIXEL_B = "F | G | Em | Am | F | G | C | G |"
_PIXEL_TUNE_A = """
    E5:.5 G5 C6:1 B5:.5 G5 E5 D5 | D5:.5 G5 B5:1 A5:.5 G5 D5 B4 |
    C5:.5 E5 A5:1 G5:.5 E5 C5 E5 | F5:.5 A5 C6:.5 A5 F5:1 r |
    E5:.5 G5 C6:1 D6:.5 C6 B5 G5 | B5:.5 A5 G5 D5 G5:1 B4:.5 D5 | F5:.5 A5 C6 A5 G5 B5 D6 B5 | C6:1 G5:.5 E5 C5:1 r |
"""
_PIXEL_TUNE_B = """
    A5:.75 C6 A5:.5 F5:1 A5 | B5:.75 D6 B5:.5 G5:1 B5 | G5:.75 B5 G5:.5 E5:1 G5 | A5:.5 B5 C6 E6 C6:1 A5 |
    A5:.75 C6 A5:.5 F5:1 A5 | B5:.75 D6 B5:.5 G5:1 D6 | E6:.5 D6 C6 G5 E5 G5 C6 E6 | D6:.5 B5 G5 D5 G5:1 r |
"""


def _pixel_picnic() -> Score:
    harmony = changes("C | G | F | G |" + _PIXEL_A + _PIXEL_B + _PIXEL_A + "C")
    a, b, again, end = 16.0, 48.0, 80.0, 112.0
    first = line(_PIXEL_TUNE_A, at=a, velocity=84, bar_beats=4, hold=0.75)
    lead = join(first, line(_PIXEL_TUNE_B, at=b, velocity=90, bar_beats=4, hold=0.8), shift(first, again - a))
    echo = shift(louder(lead, 0.45), 0.375)
    runs = arpeggio(harmony[:-1], (0, 1, 2, 3, 4, 3, 2, 1), step_beats=0.25, velocity=70, centre=66, voices=3, hold=0.6)
    noise = join(
        groove(
            {"kick": "X.......x.x.....", "snare": "....X.......X..g", "hat": "x.xxx.xx"}, bars=26, at=8, velocity=76
        ),
        hit("snare", *(b - 1 + 0.25 * step for step in range(4)), velocity=80),
        hit("crash", a, b, again, end, velocity=70),
    )
    tail = line("C5:.125 E5 G5 C6 E6 G6 C7:.5>", at=end, velocity=88)
    exact = Feel(0, 0)
    return Score(
        parts=(
            Part("square", 80, join(lead, tail), volume=84, pan=58, reverb=20, feel=exact),
            Part("square echo", 80, echo, volume=60, pan=104, reverb=25, feel=exact),
            Part("arpeggio", 80, runs, volume=50, pan=28, reverb=15, feel=exact),
            Part(
                "triangle",
                38,
                join(bass(harmony[:-1], "R:.5 8 R 8 5 8 R 8", centre=38, velocity=92, hold=0.7), line("C2:1", at=end)),
                volume=92,
                reverb=5,
                feel=exact,
            ),
            Part("noise", 24, noise, volume=88, reverb=10, drums=True, feel=exact),
        ),
        tempo_bpm=((0, 150.0),),
    )


PIECES = (
    own_piece("kite-day", "Kite Day", _kite_day, master=Master(room=0.45, tail_s=2.5, fade_s=1.5)),
    own_piece("corner-shop", "Corner Shop", _corner_shop, master=Master(room=0.3, tail_s=1.5, fade_s=0.8)),
    own_piece(
        "pixel-picnic", "Pixel Picnic", _pixel_picnic, master=Master(room=0.2, width=0.3, tail_s=1.5, fade_s=0.8)
    ),
)
