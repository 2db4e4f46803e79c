"""Tunes out of O'Neill's Music of Ireland (1903): a dark reel, and two pieces by Turlough O'Carolan."""

from __future__ import annotations

from dataclasses import replace

from starter.accompany import arpeggio, bass, comp, groove, hit, pads
from starter.corpus import MUSIC21_VERSION, tune
from starter.harmony import after, changes
from starter.notation import line
from starter.score import (
    FREE,
    Feel,
    Master,
    Part,
    Piece,
    Score,
    crop,
    glide,
    join,
    shift,
    shorter,
    transpose,
)

_JIG = 3.0


def _drowsy_maggie() -> Score:
    written = tune("oneills1850/1376-1475", number=1425, velocity=88)
    a, b = crop(written, 0, 32), crop(written, 32, 64)
    start = 16.0
    order = (a, shift(a, 32), shift(b, 32), shift(a, 96))
    melody = shift(join(*order), start)
    chords_a = "Em | Em Bm | Em | Em Bm |" * 2
    chords_b = "D Am | Bm | D Am | Em Bm | D Am | Bm | D Am | Em Bm |"
    harmony = changes("Em | Em | Em | Em |" + chords_a * 2 + chords_b + chords_a)
    end = start + 128
    drone = line("E3+B3:16 " + "E3+B3:8 " * 4, velocity=64)
    stabs = line("E3+G3+B3:.5> r E3+G3+B3 r:1 E3+G3+B3:.5 r:1 " * 8, at=start + 64, velocity=84)
    drums = join(
        groove({"low_tom": "X..x..x.X..x.xx."}, bars=4, step_beats=0.5, velocity=66),
        groove(
            {"low_tom": "X..x..x.X..x.xx.", "kick": "X.......X.......", "shaker": "gogogogo"},
            bars=16,
            at=start,
            step_beats=0.5,
            velocity=78,
        ),
        groove(
            {"kick": "X..x..x.", "snare": "..xgX.gx", "low_tom": "x..x..xx", "hat": "xgXgxgXx", "shaker": "gxgxgxgx"},
            bars=16,
            at=start + 64,
            step_beats=0.5,
            velocity=84,
        ),
        hit("crash", start + 64, start + 96, end, velocity=88),
        hit("kick", end, velocity=110),
    )
    return Score(
        parts=(
            Part("fiddle", 110, shorter(melody, 0.9), volume=127, pan=50, reverb=45),
            Part("low fiddle", 41, transpose(shorter(crop(melody, start + 64, end), 0.9), -12), volume=108, pan=84),
            Part(
                "guitar",
                24,
                join(
                    comp(harmony, "x.ox.ox.", velocity=84, centre=57, voices=3, hold=0.6), line("E3+G3+B3:3>", at=end)
                ),
                volume=88,
                pan=88,
            ),
            Part("pad", 91, pads(harmony, velocity=70, centre=57, voices=3), volume=74),
            Part("cellos", 42, join(drone, stabs, line("E2+B2+E3:3>", at=end, velocity=96)), volume=80, pan=40),
            Part(
                "bass",
                33,
                join(bass(harmony, "R:1.5 R:1.5 R:1", centre=38, velocity=104), line("E2:3", at=end)),
                volume=112,
            ),
            Part("marimba", 12, transpose(crop(melody, start + 96, end), -12), volume=96, pan=76),
            Part("drums", 16, drums, volume=104, reverb=60, drums=True),
        ),
        tempo_bpm=((0, 200.0), (start + 96, 206.0)),
    )


def _farewell_to_music() -> Score:
    written = tune("oneills1850/0626-0700", number=800, velocity=72)
    # music21 forgets that an accidental lasts until the end of its bar: bar 14 has F sharp twice.
    melody = tuple(replace(n, pitch=78) if n.pitch == 77 and 51.5 <= n.start_beat < 53 else n for n in written)
    start = 3.0
    melody = shift(melody, start)
    harmony = changes(
        "Am | Am G | Am G | C Am | Am G | F C | Dm Dm Am E | Am Am Am E | Am |"
        "C | C Em | Am Em | Em G | D C | Dm Dm Am E | Am Am Am E | Am | Am",
        bar_beats=4.0,
    )
    low = bass(harmony, "R:2 5:2", centre=40, velocity=60, hold=1.0)
    chords = arpeggio(harmony, (0, 1, 2, 1), step_beats=0.5, velocity=44, centre=57, voices=3, hold=1.5)
    second_half = tuple(n for n in melody if n.start_beat >= 35)
    last = 17 * 4.0
    return Score(
        parts=(
            Part(
                "harp",
                46,
                join(melody, shift(crop(chords, 0, last), 0)),
                volume=108,
                pan=60,
                reverb=65,
                feel=Feel(12, 4),
            ),
            Part("double bass", 32, crop(low, 0, last), volume=92, pan=58),
            Part(
                "bass harp", 46, join(crop(low, 0, last), line("A2:.25 E3 A3 C4 E4:4", at=last, velocity=50)), volume=96
            ),
            Part(
                "cello",
                42,
                transpose(second_half, -12),
                volume=78,
                pan=84,
                reverb=70,
                swell=((32, 40), (48, 92), (56, 96), (68, 50)),
            ),
            Part("strings", 49, pads(after(harmony, 16), velocity=46, centre=57, voices=3), volume=62, reverb=80),
        ),
        tempo_bpm=((0, 86.0), *glide((56, 86.0), (70, 60.0))),
    )


def _planxty_irwin() -> Score:
    written = tune("oneills1850/0626-0700", number=677, velocity=72)
    upbeat, a, b = crop(written, 0, 0.5), crop(written, 0.5, 24), crop(written, 24, 48.5)
    start, half = 2 * _JIG, 8 * _JIG
    first = shift(a, start - 0.5)
    second = shift(b, start + 2 * half - 24.5)
    melody = join(shift(upbeat, start - 0.5), first, shift(first, half), second)
    chords_a = "D | D | G | A | D | D | G A | D |"
    chords_b = "D | A | D A | G A | D | D | G A | D |"
    harmony = changes("D | D |" + chords_a * 2 + chords_b, bar_beats=_JIG)
    end = start + 3 * half
    picking = arpeggio(harmony, (0, 2, 1, 3, 2, 1), step_beats=0.5, velocity=52, centre=57, voices=4, hold=1.6)
    flute = tuple(n for n in melody if n.start_beat >= start + half - 0.5)
    return Score(
        parts=(
            Part("harp", 46, melody, volume=104, pan=58, reverb=60, feel=Feel(10, 4)),
            Part("guitar", 24, join(picking, line("D3:.25 A3 D4 F#4 A4 D5:4", at=end, velocity=52)), volume=92, pan=44),
            Part("flute", 73, shorter(flute, 0.95), volume=92, pan=80, reverb=65, swell=((30, 70), (60, 90), (78, 70))),
            Part("bass", 32, join(bass(harmony, "R:2 5:1", centre=40, velocity=58), line("D2:4", at=end)), volume=84),
            Part("strings", 49, pads(after(harmony, start + 2 * half), velocity=46, centre=60, voices=3), volume=56),
        ),
        tempo_bpm=((0, 108.0), *glide((end - 6, 108.0), (end, 84.0), steps=6)),
    )


def _source(number: int, book: str = "O'Neill's Music of Ireland (Chicago 1903)") -> str:
    return f"{book}, no. {number}, read at build time from the corpus of music21 {MUSIC21_VERSION}"


PIECES = (
    Piece(
        slug="drowsy-maggie",
        title="Drowsy Maggie",
        composer="Traditional (Ireland)",
        year=1903,
        source=_source(1425),
        licence=FREE,
        score=_drowsy_maggie,
        master=Master(room=0.55, tail_s=2.5, fade_s=1.5),
    ),
    Piece(
        slug="farewell-to-music",
        title="Farewell to Music",
        composer="Turlough O'Carolan",
        year=1738,
        source=_source(700),
        licence=FREE,
        score=_farewell_to_music,
        master=Master(room=0.75, tail_s=4.0, fade_s=2.5),
    ),
    Piece(
        slug="planxty-irwin",
        title="Planxty Irwin",
        composer="Turlough O'Carolan",
        year=1720,
        source=_source(677),
        licence=FREE,
        score=_planxty_irwin,
        master=Master(room=0.65, tail_s=3.5, fade_s=2.0),
    ),
)
