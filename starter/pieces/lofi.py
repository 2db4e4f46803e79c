"""Paper Boats: a slow beat, an electric piano that is a little late, a tape that has lost its top."""

from __future__ import annotations

from starter.accompany import bass, comp, groove, hit, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Part, Score, crop, join, own_piece, swing

_LOOP = "Cmaj9 | Am9 | Dm9 | G13 |"
_HARMONY = changes(_LOOP * 4 + "Cmaj9")
_MELODY = """
    r:1 G5:.5 E5 D5:1 C5:1 | r:.5 A4 C5 E5:1.5 D5:1 | r:1 F5:.5 E5 D5:.5 A4:1.5 | B4:1 D5:.5 E5:1.5 r:1 |
    G5:1 r:.5 A5:.5 G5 E5 C5:1 | r:.5 A4 C5 E5 G5:1 E5 | F5:1.5 E5:.5 D5:1 C5 | B4:1 A4:.5 G4:2.5 |
"""


def _paper_boats() -> Score:
    drums = join(
        groove({"hat": "x.o.x.o."}, bars=2, at=8, velocity=46),
        groove(
            {
                "kick": "X..g...x..x.....X.....gx..x....g",
                "snare": "....X..g.-..X.......X..-.g..X..g",
                "hat": "x-o-x-o-x-ogx-o-",
            },
            bars=12,
            at=16,
            velocity=66,
        ),
        hit("rim", 63.5, velocity=50),
        hit("kick", 64, velocity=70),
    )
    keys = comp(_HARMONY[:16], "x~~.o~~~..o~~...", step_beats=0.25, velocity=58, centre=61, voices=4, strum_beats=0.03)
    low = bass(_HARMONY[:16], "R:1.5 8_:.5 r:.5 5:.5 R:.5 a_:.5", centre=38, velocity=78)
    tune = join(line(_MELODY, at=16, velocity=64), crop(line(_MELODY, at=48, velocity=58), 48, 62))
    return Score(
        parts=(
            Part(
                "electric piano",
                4,
                join(swing(keys, share=0.58, step_beats=0.25), pads(_HARMONY[16:], velocity=54, centre=61)),
                volume=104,
                pan=56,
                reverb=45,
                chorus=50,
                feel=Feel(9, 5, late_ms=18),
            ),
            Part(
                "bass",
                33,
                join(swing(low, share=0.58, step_beats=0.25), line("C2:4", at=64)),
                volume=100,
                feel=Feel(7, 4),
            ),
            Part("guitar", 26, tune, volume=78, pan=86, reverb=60, feel=Feel(12, 5, late_ms=14)),
            Part("pad", 89, pads(_HARMONY, velocity=44, centre=64, voices=3), volume=48, pan=40, reverb=70),
            Part(
                "drums", 8, swing(drums, share=0.58, step_beats=0.25), volume=96, reverb=25, drums=True, feel=Feel(5, 5)
            ),
        ),
        tempo_bpm=((0, 78.0),),
    )


PIECES = (
    own_piece(
        "paper-boats", "Paper Boats", _paper_boats, master=Master(room=0.4, tail_s=3.0, fade_s=2.0, low_pass_hz=6500)
    ),
)
