"""Small Talk: a blues for vibraphone, piano, bass and brushes that nobody has to raise their voice over."""

from __future__ import annotations

from starter.accompany import bass, comp, groove, hit
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, join, own_piece, swing

_BLUES = "F6 | Bb7 | F6 | F7 | Bb7 | Bdim7 | F6 | D7 | Gm7 | C7 | Am7 D7 | Gm7 C7 |"
_HEAD = """
    r:.5 C5 D5 F5 A5:1 F5:.5 D5 | F5:1.5 D5:.5 Bb4:1 r | r:.5 C5 D5 F5 A5:.5 C6 A5:1 | Eb5:1 C5:.5 A4 r:2 |
    r:.5 D5 F5 G#5 A5:.5 F5 D5 Bb4 | D5:1 Ab5:.5 F5 B4:1 r | C5:.5 A4 C5 D5 F5:1 A5 | F#5:.5 A5 C6 A5 F#5:1 D5 |
    Bb4:.5 D5 F5 A5 G5:1 r | E5:.5 G5 Bb5 G5 E5:.5 D5 C5:1 |
    A5:1 E5:.5 C5 F#5:1 Eb5:.5 D5 | D5:.5 F5 Bb4:1 E5:.5 D5 C5:1 |
"""
_SECOND = """
    A5:1.5 F5:.5 D5:1 C5 | D5:.5 F5 Ab5 F5 D5:1 Bb4 | C5:.5 D5 F5 A5 G5:.5 F5 D5 C5 | A4:.5 C5 Eb5 G5 F5:1 r |
    r:.5 F5 D5 Bb4 Ab4:1 Bb4:.5 D5 | F5:1 D5:.5 B4 Ab4:1 r | A4:.5 C5 F5 A5 C6:1 A5:.5 F5 | D5:.5 F#5 A5 C6 Eb6:1 D6 |
    Bb5:1 G5:.5 F5 D5:1 Bb4 | C5:.5 E5 G5 Bb5 A5:1 G5 | F5:3 r:1 | r:4 |
"""


def _small_talk() -> Score:
    harmony = changes("F6 | Gm7 C7 | F6 | Gm7 C7 |" + _BLUES + _BLUES + "F6")
    end = harmony[-1].start_beat
    head = join(
        line(_HEAD, at=16, velocity=72, bar_beats=4, hold=0.9), line(_SECOND, at=64, velocity=78, bar_beats=4, hold=0.9)
    )
    brushes = join(
        groove(
            {"brush_swirl": "x.......x.......", "ride": "x...x.gox...x.go", "pedal": "....x.......x..."},
            bars=round(end / 4),
            velocity=52,
        ),
        groove({"brush_tap": "......g......g.."}, bars=24, at=16, velocity=50),
        hit("ride", end, velocity=56),
    )
    walking = bass(harmony[:-1], "R:1 3 5 a", centre=40, velocity=78, hold=0.9)
    chords = comp(harmony[:-1], "x..g....o..x....", step_beats=0.5, velocity=56, centre=60, voices=4, hold=0.9)
    last = line("F2:3", at=end, velocity=70)
    final = line("A3+D4+G4+C5:3", at=end, velocity=54)
    return Score(
        parts=(
            Part(
                "vibraphone",
                11,
                swing(join(head, line("A5:3", at=end, velocity=58)), share=0.64),
                volume=100,
                pan=72,
                reverb=50,
                feel=Feel(10, 5, late_ms=10),
            ),
            Part("piano", 0, swing(join(chords, final), share=0.64), volume=96, pan=44, reverb=40, feel=Feel(9, 4)),
            Part("bass", 32, join(walking, last), volume=82, feel=Feel(6, 4)),
            Part("brushes", 40, swing(brushes, share=0.64), volume=104, reverb=35, drums=True, feel=Feel(5, 4)),
        ),
        tempo_bpm=((0, 138.0),),
    )


PIECES = (own_piece("small-talk", "Small Talk", _small_talk, master=Master(room=0.4, tail_s=2.5, fade_s=1.5)),)
