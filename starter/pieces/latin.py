"""From the warm side of the map: a bossa nova for flute, and a salsa on market day."""

from __future__ import annotations

from starter.accompany import bass, comp, groove, hit, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, crop, join, own_piece, transpose

_HARBOUR_HEAD = (
    "Fmaj9 | D7b9 | Gm9 | C13 | Am7 | D7b9 | Gm7 C7 | Fmaj9 | Bbmaj7 | Bbm6 | Am7 | Dm7 | Gm7 | C7 | Fmaj9 | Gm7 C7 |"
)
_HARBOUR_TUNE = """
    r:.5 C5 A5:1.5 G5:.5 E5:1 | F#5:1.5 Eb5:.5 D5:2 | r:.5 Bb4 D5 F5 A5:1.5 G5:.5 | E5:2.5 D5:.5 C5:1 |
    r:.5 E5 G5 C6:1.5 A5:1 | F#5:1.5 A5:.5 Eb5:1 D5 | Bb4:1 D5 E5 G5 | A5:3 r:1 |
    D6:1.5 C6:.5 A5:2 | Db6:1.5 Bb5:.5 G5:2 | C6:1.5 A5:.5 E5:2 | r:.5 F5 A5 C6 A5:1 F5 |
    D5:1.5 F5:.5 Bb5:1 A5 | G5:1.5 E5:.5 C5:2 | A4:.5 C5 E5 G5 A5:2 | r:4 |
"""


def _harbour_at_six() -> Score:
    harmony = changes(
        "Fmaj9 | Gm7 C7 | Fmaj9 | Gm7 C7 |" + _HARBOUR_HEAD + "Bbmaj7 | Bbm6 | Am7 | Dm7 | Gm7 | C7 | Fmaj9"
    )
    tune = line(_HARBOUR_TUNE, at=16, velocity=70, bar_beats=4)
    solo = line(
        "D5:.5 F5 A5 D6 C6:1 A5:.5 F5 | Db5:.5 F5 G5 Bb5 Db6:1 r:1 | C6:.5 B5 C6 A5 E5:1 C5 | D5:.5 F5 A5 C6 F5:1 r |"
        "Bb5:.5 A5 G5 F5 D5:1 Bb4 | G4:.5 Bb4 C5 E5 G5:1 E5 | F5:3 r:1",
        at=80,
        velocity=64,
    )
    ending = line("A5:4", at=104, velocity=56)
    drums = groove(
        {"rim": "x..x..x...x..x..", "kick": "x..gx..gx..gx..g", "shaker": "oxoxoxox", "hat": "..g...g."},
        bars=22,
        at=16,
        step_beats=0.5,
        velocity=48,
    )
    return Score(
        parts=(
            Part("flute", 73, join(tune, ending), volume=84, pan=72, reverb=60, feel=Feel(12, 4)),
            Part("vibraphone", 11, solo, volume=118, pan=50, reverb=60, feel=Feel(12, 4)),
            Part(
                "guitar",
                24,
                join(
                    comp(
                        harmony[:-1], "x..x..x...x..x..", velocity=58, centre=60, voices=4, hold=1.4, strum_beats=0.02
                    ),
                    pads(harmony[-1:], velocity=52, centre=60),
                ),
                volume=96,
                pan=44,
                reverb=40,
            ),
            Part("bass", 32, bass(harmony, "R:1.5 5_:.5 5:1.5 R_:.5", centre=40, velocity=72), volume=96),
            Part("strings", 49, pads(harmony[12:], velocity=42, centre=66, voices=3), volume=50, pan=84, reverb=75),
            Part("drums", 40, drums, volume=92, reverb=35, drums=True),
        ),
        tempo_bpm=((0, 128.0),),
    )


_MARKET_A = "C | F G | C | F G | C | F G | Am Dm | G C |"
_MARKET_LAST = "C | F G | C | F G | C |"
_MARKET_B = "Am | Dm | G | C | Am | Dm | G | G |"
_MARKET_TUNE_A = """
    r:.5 G4:.25 C5 E5:.75 D5:.25 C5:.5 E5:.5 G5:1 | A5:.75 G5:.25 F5:.5 A5:.5 G5:1.5 r:.5 |
    r:.5 G4:.25 C5 E5:.75 D5:.25 C5:.5 G5:.5 C6:1 | A5:.75 F5:.25 D5:.5 B4:.5 C5:1.5 r:.5 |
    r:.5 G4:.25 C5 E5:.75 D5:.25 C5:.5 E5:.5 G5:1 | A5:.75 G5:.25 F5:.5 A5:.5 G5:1.5 r:.5 |
    E5:.5 C5:.25 E5:.25 A5:.75 G5:.25 F5:.5 D5:.25 F5:.25 A5:1 | B5:.5 A5:.25 G5:.25 F5:.5 D5:.5 C5:1 r:1 |
"""
_MARKET_TUNE_B = """
    C6:.75 B5:.25 A5:.5 E5:.5 A5:1 r:1 | A5:.75 G5:.25 F5:.5 D5:.5 F5:1 r:1 |
    G5:.75 F5:.25 D5:.5 B4:.5 D5:.5 F5:.5 B5:1 |
    C6:.5 G5:.5 E5:.5 G5:.5 C5:1 r:1 | C6:.75 B5:.25 A5:.5 E5:.5 A5:1 r:1 | A5:.75 G5:.25 F5:.5 D5:.5 F5:1 r:1 |
    G5:.5 r:.25 G5:.25 A5:.5 r:.25 A5:.25 B5:.5 r:.25 B5:.25 C6:.5 D6:.5 | G5:.25 G5 G5 r G5 G5 r:.5 G5:1> r:1 |
"""


def _saturday_market() -> Score:
    harmony = changes("C | F G | C | F G |" + _MARKET_A + _MARKET_B + _MARKET_LAST)
    tune = join(
        line(_MARKET_TUNE_A, at=16, velocity=88, bar_beats=4, hold=0.85),
        line(_MARKET_TUNE_B, at=48, velocity=94, bar_beats=4, hold=0.8),
        crop(line(_MARKET_TUNE_A, at=80, velocity=94, hold=0.85), 80, 96),
    )
    second = transpose(line(_MARKET_TUNE_B, at=48, velocity=80, hold=0.8), -12)
    end = harmony[-1].start_beat
    stabs = line(
        "r:.5 E5+G5+C6:.25> r:.75 E5+G5+C6:.25> r:.25 r:2 | r:1.5 F5+A5+C6:.25> r:.25 r:.5 F5+G5+B5:.5> r:1 |" * 2,
        velocity=92,
    )
    closing = line("C5+E5+G5:.25> C5+E5+G5 r:.25 C5+E5+G5:.25> r:.5 C5+E5+G5+C6:.5>", at=end, velocity=108, hold=0.8)
    montuno = comp(harmony[:-1], "X.xx.xx.X.x.xx.x", step_beats=0.25, velocity=76, centre=66, voices=3, hold=0.7)
    drums = join(
        groove(
            {
                "open_conga": "......xx......x.",
                "mute_conga": "x.go..gox.go..g.",
                "cowbell": "x...x.x.x...x.x.",
                "cabasa": "xoxoxoxo",
                "claves": "x..x..x...x.x...",
                "kick": "...x..x....x..x.",
            },
            bars=round(end / 4),
            velocity=74,
        ),
        groove({"high_timbale": "x..xg.x.x.gx.xgx"}, bars=8, at=48, velocity=66),
        hit("high_timbale", 15, 15.25, 15.5, 15.75, 47, 47.25, 47.5, 47.75, velocity=92),
        hit("crash", 16, 48, 80, end + 1.5, velocity=84),
        hit("snare", end, end + 0.25, end + 0.75, end + 1.5, velocity=100),
    )
    return Score(
        parts=(
            Part("trumpets", 56, tune, volume=88, pan=74, reverb=45),
            Part("trombones", 57, second, volume=74, pan=84, reverb=45),
            Part("brass", 61, join(stabs, closing), volume=84, pan=56, reverb=45),
            Part("piano", 1, join(montuno, transpose(montuno, 12)), volume=84, pan=40, reverb=35),
            Part(
                "bass",
                33,
                join(bass(harmony[:-1], "R:.75 5:.75 8:.5", centre=38, velocity=92), line("C2:2", at=end)),
                volume=104,
            ),
            Part("drums", 0, drums, volume=96, reverb=35, drums=True),
        ),
        tempo_bpm=((0, 110.0),),
    )


PIECES = (
    own_piece("harbour-at-six", "Harbour at Six", _harbour_at_six, master=Master(room=0.5, tail_s=3.0, fade_s=2.0)),
    own_piece("saturday-market", "Saturday Market", _saturday_market, master=Master(room=0.4, tail_s=2.0, fade_s=1.0)),
)
