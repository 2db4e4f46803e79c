"""Pressure: an iron stair to climb, an undertow to swim against, the hour of the wolf."""

from __future__ import annotations

from starter.accompany import bass, comp, groove, hit, pads
from starter.harmony import changes
from starter.notation import line
from starter.score import (
    Master,
    Note,
    Notes,
    Part,
    Score,
    crescendo,
    crop,
    join,
    louder,
    own_piece,
    repeat,
    shift,
    transpose,
)

_STAIR = changes("Dm | Dm | Dm | Dm |" + "Dm | Dm | Gm | Gm | Dm | Dm | Gm | A7 |" * 2 + "Dm | Gm | Dm | Gm A7 | Dm")
_STAIR_CELL = "D3:.5> D3 F3 D3 E3 D3 F3 A3 |"
_STAIR_CELLS = {"Dm": _STAIR_CELL, "Gm": "G3:.5> G3 Bb3 G3 A3 G3 Bb3 D4 |", "A7": "A3:.5> A3 C#4 A3 Bb3 A3 E4 D4 |"}
_STAIR_BRASS = "D3:2 F3:1 E3:1 | D3:4 | G3:2 Bb3:1 A3:1 | G3:4 | D4:2 F4:1 D4:1 | F4:3 E4:1 | D4:2 Bb3:2 | C#4:2 A3:2 |"
_STAIR_CHOIR = "D5:4 | F5:2 E5:2 | D5:4 | Bb4:4 | A4:4 | D5:2 F5:2 | D5:4 | C#5:4 |"


def _iron_stair() -> Score:
    ostinato = join(
        *(
            crop(
                line(_STAIR_CELLS[change.chord.symbol], at=change.start_beat, velocity=88, hold=0.5),
                change.start_beat,
                change.start_beat + change.length_beats,
            )
            for change in _STAIR[:-1]
        )
    )
    end = _STAIR[-1].start_beat
    enter, full, last = 16.0, 48.0, 80.0
    brass = join(
        line(_STAIR_BRASS, at=enter, velocity=84),
        line(_STAIR_BRASS, at=full, velocity=104),
        line(
            "D3+D4:2> F3+F4:1 E3+E4:1 | G3+G4:2 Bb3+Bb4:1 A3+A4:1 | D4+D3:2 C#4+C#3:1 D4+D3:1 | Bb3+Bb2:2 C#4+C#3:2",
            at=last,
            velocity=112,
        ),
        line("D2+D3+A3+D4:.8>", at=end, velocity=118),
    )
    choir = join(
        line(_STAIR_CHOIR, at=full, velocity=88), line("D5+F5:4 | D5+G5 | D5+F5 | D5+G5:2 C#5+E5", at=last, velocity=98)
    )
    drums = join(
        groove(
            {"low_tom": "X..x..x.", "mid_tom": "......x.", "snare": "g...g.gg"}, bars=4, step_beats=0.5, velocity=84
        ),
        groove(
            {
                "low_tom": "X..x..xx",
                "kick": "X.....x.",
                "mid_tom": ".....x.x",
                "snare": "..x...x.",
                "shaker": "xoxxxoxx",
            },
            bars=8,
            at=enter,
            step_beats=0.5,
            velocity=96,
        ),
        groove(
            {"low_tom": "X.xX.xX.", "kick": "X.x.X.x.", "snare": "..X.g.X...Xg..Xx", "hat": "xoxoxoxo"},
            bars=12,
            at=full,
            step_beats=0.5,
            velocity=102,
        ),
        hit("crash", enter, full, full + 16, last, last + 8, end, velocity=96),
        hit("kick", end, velocity=120),
        hit("low_tom", end, velocity=120),
    )
    timpani = join(
        line("D2:1 r:2 D2:.5 D2:.5 | " * 8, at=full, velocity=92),
        line("A2:.25 " * 16, at=end - 4, velocity=84),
        line("D2:1", at=end, velocity=118),
    )
    return Score(
        parts=(
            Part("violas", 48, join(ostinato, line("D3+A3:.8", at=end, velocity=100)), volume=104, pan=40, reverb=45),
            Part("marimba", 12, join(ostinato, transpose(ostinato, 12)), volume=112, pan=84, reverb=40),
            Part("cellos", 42, transpose(ostinato, -12), volume=96, pan=76, reverb=40),
            Part("tremolo", 44, pads(_STAIR[4:-1], velocity=84, centre=60, voices=3), volume=80, pan=58, reverb=50),
            Part("tuba", 58, transpose(brass, -12), volume=92, pan=54, reverb=55),
            Part("horns", 60, tuple(note for note in brass if note.start_beat >= full), volume=66, pan=80, reverb=60),
            Part("choir", 91, choir, volume=66, reverb=70),
            Part(
                "basses",
                43,
                join(
                    bass(_STAIR[:-1], "R:1.5 R:1.5 R:1", centre=32, velocity=96), line("D1+D2:1", at=end, velocity=110)
                ),
                volume=84,
            ),
            Part("timpani", 47, timpani, volume=84, reverb=55),
            Part("drums", 16, drums, volume=104, reverb=55, drums=True),
        ),
        tempo_bpm=((0, 144.0), (last, 150.0)),
    )


_SURF = changes(
    "Em | Em | Em | Em |"
    "Em | Em | Am | Em | Em | Em | Am | B7 |"
    "Am | Em | Am | B7 | Am | Em | Am | B7 |"
    "Em | Em | Am | Em | Am | B7 | Em | Em | Em"
)
_SURF_TUNE_A = """
    E4:1.5 F#4:.5 G4:1 A4 | B4:3 A4:.5 G4 | A4:1.5 B4:.5 C5:1 A4 | B4:4 | E4:1.5 F#4:.5 G4:1 A4 | B4:2 E5:1 B4 |
    C5:1.5 B4:.5 A4:1 E4 | D#4:1 F#4 B4:2 |
"""
_SURF_TUNE_B = """
    A4:.5 A4 C5 A4 E5:1 D5 | B4:.5 B4 E5 B4 G4:1 F#4 | A4:.5 A4 C5 E5 A5:1 E5 | D#5:1 B4 F#4 D#4 |
    A4:.5 A4 C5 A4 E5:1 D5 | B4:.5 B4 E5 G5 E5:1 B4 | C5:.5 A4 E4 A4 C5:1 A4 | B4:.5 A4 F#4 D#4 B3:2 |
"""
_SURF_TUNE_END = (
    "E4:1.5 F#4:.5 G4:1 A4 | B4:3 A4:.5 G4 | A4:1.5 B4:.5 C5:1 A4 | B4:4 |"
    "C5:1.5 B4:.5 A4:1 E4 | D#4:1 F#4 B4:2 | E4:4 |"
)


def _picked(text: str, *, at: float, velocity: int) -> Notes:
    """A melody with every note picked over and over in semiquavers."""
    return tuple(
        Note(note.start_beat + 0.25 * stroke, 0.25, note.pitch, note.velocity - 12 * (stroke % 2))
        for note in line(text, at=at, velocity=velocity, bar_beats=4)
        for stroke in range(round(note.length_beats / 0.25))
    )


def _undertow() -> Score:
    a, b, last = 16.0, 48.0, 80.0
    end = _SURF[-1].start_beat
    lead = join(
        _picked(_SURF_TUNE_A, at=a, velocity=92),
        _picked(_SURF_TUNE_B, at=b, velocity=96),
        _picked(_SURF_TUNE_END, at=last, velocity=100),
    )
    riff = repeat(line("E2:.5> E2 G2 E2 A2 E2 G2 F#2 |", velocity=92, hold=0.8), 4, every_beats=4)
    drums = join(
        groove({"low_tom": "X.xxX.xxX.xxXxxx", "kick": "X...X..."}, bars=4, velocity=78),
        groove({"kick": "X.....x.X.x.....", "snare": "....X.xg....X..g", "hat": "x.x.x.x."}, bars=8, at=a, velocity=90),
        groove(
            {
                "kick": "X...X...X...X.x.",
                "snare": "..xg..xg..xg.xxx",
                "low_tom": "x...x...x...x...",
                "ride": "x.x.x.x.",
            },
            bars=8,
            at=b,
            velocity=92,
        ),
        groove(
            {"kick": "X.....x.X.x.....", "snare": "....X.xg....X.xg", "open": "x.x.x.x."}, bars=8, at=last, velocity=94
        ),
        hit("crash", a, b, last, end, velocity=96),
        hit("snare", *(b - 2 + 0.25 * step for step in range(8)), velocity=84),
        hit("snare", *(last - 2 + 0.25 * step for step in range(8)), velocity=90),
        hit("kick", end, velocity=110),
    )
    return Score(
        parts=(
            Part(
                "lead guitar",
                27,
                join(lead, line("E3+B3+E4+G4:3>", at=end, velocity=100)),
                volume=96,
                pan=58,
                reverb=90,
            ),
            Part("riff guitar", 28, join(riff, shift(riff, 80)), volume=84, pan=96, reverb=50),
            Part(
                "rhythm guitar",
                27,
                comp(_SURF[4:-1], "x.xx.xx.", step_beats=0.5, velocity=84, centre=60, voices=3, hold=0.5),
                volume=92,
                pan=28,
                reverb=40,
            ),
            Part("pad", 91, pads(_SURF[4:-1], velocity=80, centre=60, voices=3), volume=96, pan=84, reverb=50),
            Part(
                "bass",
                32,
                join(riff, bass(_SURF[4:-1], "R:.5 R 5 R 8 R 5 a", centre=35, velocity=96), line("E1+E2:3", at=end)),
                volume=104,
            ),
            Part("drums", 16, drums, volume=104, reverb=50, drums=True),
        ),
        tempo_bpm=((0, 156.0),),
    )


def _wolf_hour() -> Score:
    """Chords that never settle over a bass that does not stop: C minor, and diminished sevenths against it."""
    harmony = changes(
        "Cm | Cm | Cm | Cm |" + "Cm | Ddim | Cm | Bdim7 | Cm | Fm | Bdim7 | G7b9 |" * 2 + "Fm | Cm | Bdim7 | G7b9 | Cm"
    )
    end = harmony[-1].start_beat
    enter, full, last = 16.0, 48.0, 80.0
    motor = join(
        *(
            line("C2:.25> C2 C2 C2 Eb2 C2 C2 C2 C2> C2 C2 C2 Gb2 F2 Eb2 D2 |", at=4.0 * bar, velocity=84, hold=0.6)
            for bar in range(round(end / 4))
        )
    )
    tune = line(
        "C5:.75> B4:.25 C5:1 Eb5:1 D5:1 | F5:.75 Eb5:.25 D5:2 r:1 | C5:.75 B4:.25 C5:1 G5:1 F#5:1 | F5:3 D5:1 |"
        "Eb5:.75> D5:.25 Eb5:1 G5:1 F#5:1 | Ab5:2 G5:1 F5 | D5:.5 F5 Ab5 B5 Ab5:1 F5 | B4:1 D5 Ab5:2 |",
        at=enter,
        velocity=88,
        bar_beats=4,
    )
    stabs = comp(harmony[12:-1], "X.....X...X.....", step_beats=0.25, velocity=94, centre=58, voices=4, hold=0.6)
    final = line("C3+Eb3+G3+C4+Eb4:.8>", at=end, velocity=118)
    drums = join(
        groove({"low_tom": "X.....x.....x...", "hat": "g.g.g.g."}, bars=4, velocity=86),
        groove(
            {"low_tom": "X.....x.X...x.xx", "snare": "....x.......x-gx", "hat": "x.o.x.o."},
            bars=8,
            at=enter,
            velocity=94,
        ),
        groove(
            {"low_tom": "X..x..x.X..x.xxx", "kick": "X.....x.X.......", "snare": "....X..g....X.gx", "hat": "x.x.x.x."},
            bars=12,
            at=full,
            velocity=100,
        ),
        hit("crash", full, full + 16, last, end, velocity=94),
        hit("kick", end, velocity=118),
    )
    roll = crescendo(line("G2:.125 " * 64, at=full - 8, velocity=70), start=0.4, stop=1.3)
    return Score(
        parts=(
            Part("motor", 42, motor, volume=122, pan=76, reverb=40),
            Part("motor basses", 43, motor, volume=110, pan=70, reverb=40),
            Part(
                "tremolo",
                44,
                pads(harmony[:-1], velocity=80, centre=62, voices=4),
                volume=84,
                pan=46,
                reverb=60,
                swell=((0, 40), (16, 70), (48, 104), (80, 112), (100, 124)),
            ),
            Part("violins", 48, join(tune, shift(transpose(louder(tune, 1.1), 12), 32)), volume=92, pan=40, reverb=55),
            Part("bassoon", 70, transpose(tune, -12), volume=84, pan=82, reverb=50),
            Part("xylophone", 13, shift(transpose(tune, 12), 32), volume=56, pan=92, reverb=50),
            Part("brass", 61, join(stabs, final), volume=88, pan=58, reverb=55),
            Part(
                "tuba",
                58,
                join(
                    bass(harmony[12:-1], "R:1.5 R:1.5 R:1", centre=32, velocity=92),
                    line("C2+C1:.8", at=end, velocity=112),
                ),
                volume=92,
            ),
            Part(
                "timpani",
                47,
                join(roll, line("C2:1 r:2 G1:1 | " * 12, at=full, velocity=90), line("C2:1", at=end, velocity=118)),
                volume=96,
                reverb=55,
            ),
            Part("drums", 16, drums, volume=92, reverb=55, drums=True),
        ),
        tempo_bpm=((0, 132.0), (full, 138.0), (last, 146.0)),
    )


PIECES = (
    own_piece("iron-stair", "Iron Stair", _iron_stair, master=Master(room=0.6, tail_s=2.5, fade_s=1.5)),
    own_piece("undertow", "Undertow", _undertow, master=Master(room=0.5, tail_s=2.5, fade_s=1.5)),
    own_piece("wolf-hour", "Wolf Hour", _wolf_hour, master=Master(room=0.6, tail_s=2.5, fade_s=1.5)),
)
