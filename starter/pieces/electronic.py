"""Night Bus: sequencers, a dry machine beat, street lights going by in A minor."""

from __future__ import annotations

from starter.accompany import arpeggio, comp, groove, hit, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import Feel, Master, Note, Part, Score, join, own_piece, shift

_LOOP = "Am | Am | Dm | E |"
_HARMONY = changes(_LOOP * 6 + "Am")
_TUNE = """
    A4:1.5 C5:.5 B4:1 A4 | E5:3 D5:1 | F5:1.5 E5:.5 D5:1 A4 | G#4:2 B4:2 | A4:1.5 C5:.5 E5:1 A5 | G#5:1 A5 E5:2 |
    F5:1 E5 D5 F5 | E5:2 G#4:1 B4 |
"""


def _night_bus() -> Score:
    end = 96.0
    pulse: list[Note] = []
    for change in _HARMONY[:-1]:
        root = 33 + (change.chord.root - 9) % 12
        for step, up in enumerate((0, 0, 12, 0, 0, 12, 0, 1, 0, 0, 12, 0, 12, 0, 11, 12)):
            pulse.append(Note(change.start_beat + 0.25 * step, 0.2, root + up, 92 if step % 4 == 0 else 72))
    sequence = arpeggio(
        _HARMONY[4:-1],
        (0, 2, 1, 3, 2, 4, 3, 5),
        step_beats=0.25,
        velocity=66,
        centre=64,
        voices=3,
        hold=0.7,
        accents="Xoxo",
    )
    tune = line(_TUNE, at=32, velocity=82, bar_beats=4)
    drums = join(
        groove({"kick": "X...X...", "hat": "..o...o."}, bars=4, velocity=84),
        groove(
            {
                "kick": "X...X...X...X.g.",
                "snare": "....X.......X...",
                "clap": "....x.......x..g",
                "hat": "x.xox.xo",
                "open": "..x...x.",
            },
            bars=20,
            at=16,
            velocity=92,
        ),
        groove({"low_tom": "......x..x......"}, bars=8, at=64, velocity=80),
        hit("crash", 16, 32, 64, end, velocity=80),
        hit("kick", end, velocity=110),
    )
    exact = Feel(1, 2)
    return Score(
        parts=(
            Part(
                "bass sequence",
                38,
                join(pulse, line("A1+A2:2", at=end, velocity=96)),
                volume=104,
                reverb=10,
                feel=exact,
            ),
            Part("saw sequence", 81, sequence, volume=58, pan=96, reverb=50, feel=exact),
            Part(
                "pad",
                50,
                join(pads(_HARMONY, velocity=64, centre=57, voices=4)),
                volume=72,
                pan=44,
                reverb=70,
                swell=((0, 50), (32, 90), (64, 110), (96, 90)),
            ),
            Part("lead", 80, join(tune, shift(tune, 32)), volume=62, pan=60, reverb=60, feel=exact),
            Part("low lead", 87, shift(tune, 32), volume=56, pan=76, reverb=40, feel=exact),
            Part(
                "stabs",
                62,
                comp(_HARMONY[16:-1], "..x..x....x..x..", step_beats=0.25, velocity=74, centre=60, voices=3, hold=0.6),
                volume=66,
                pan=30,
                reverb=50,
            ),
            Part("machine", 24, drums, volume=108, reverb=20, drums=True, feel=exact),
        ),
        tempo_bpm=((0, 124.0),),
    )


PIECES = (own_piece("night-bus", "Night Bus", _night_bus, master=Master(room=0.5, width=0.5, tail_s=2.5, fade_s=1.5)),)
