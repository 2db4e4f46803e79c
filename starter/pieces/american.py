"""Soldier's Joy, as a string band plays it."""

from __future__ import annotations

from starter.accompany import arpeggio, bass, comp, groove, hit
from starter.corpus import MUSIC21_VERSION, tune
from starter.harmony import changes
from starter.notation import line
from starter.score import FREE, Master, Part, Piece, Score, crop, join, louder, shift, shorter

_REEL = 2.0


def _soldiers_joy() -> Score:
    written = tune("ryansMammoth/SoldiersJoy", velocity=84)
    upbeat, a, b = crop(written, 0, 0.5), crop(written, 0.5, 16), crop(written, 16, 32.5)
    start, half = 8.0, 16.0
    first = shift(a, start - 0.5)
    second = shift(b, start + 2 * half - 16.5)
    fiddle = join(
        shift(upbeat, start - 0.5),
        first,
        shift(first, half),
        second,
        shift(second, half),
        shift(louder(first, 1.08), 4 * half),
    )
    chords_a = "D | D | D | A | D | D | D A | D |"
    chords_b = "D | A | D | A | D | A | D A | D |"
    harmony = changes("D | D | D | D |" + chords_a * 2 + chords_b * 2 + chords_a, bar_beats=_REEL)
    end = start + 5 * half
    shuffle = line("D4+A4:.5> D4+A4:.25 D4+A4 " * 8, velocity=76, hold=0.8)
    roll = arpeggio(harmony, (0, 2, 3, 1, 2, 3, 0, 3), step_beats=0.25, velocity=62, centre=64, voices=4, hold=0.9)
    mandolin = tuple(n for n in fiddle if n.start_beat >= start + 2 * half - 0.5)
    tag = line("D4+F#4+A4:.5 r A4+C#5+E5:.5> D4+A4+D5+F#5:1>", at=end, velocity=88, hold=0.8)
    drums = join(
        groove({"brush_tap": "gxXggxXx", "kick": "x...x...", "hat": "g.xgg.xg"}, bars=44, bar_beats=_REEL, velocity=80),
        hit("snare", end, end + 1.5, velocity=80),
    )
    return Score(
        parts=(
            Part(
                "fiddle", 110, shorter(join(crop(shuffle, 0, start - 0.5), fiddle), 0.92), volume=100, pan=50, reverb=35
            ),
            Part("banjo", 105, roll, volume=92, pan=88, reverb=30),
            Part("mandolin", 25, shorter(mandolin, 0.7), volume=62, pan=30, reverb=35),
            Part(
                "guitar",
                25,
                join(comp(harmony, "..x...xg", step_beats=0.25, velocity=66, centre=57, strum_beats=0.02), tag),
                volume=80,
                pan=70,
            ),
            Part(
                "bass",
                32,
                join(bass(harmony, "R:1 5:1", centre=40, velocity=88), line("D2:.5 r A1 D2:1", at=end)),
                volume=84,
            ),
            Part("drums", 40, drums, volume=84, drums=True),
        ),
        tempo_bpm=((0, 118.0), (start + 4 * half, 121.0)),
    )


PIECES = (
    Piece(
        slug="soldiers-joy",
        title="Soldier's Joy",
        composer="Traditional (Scotland, America)",
        year=1883,
        source="Ryan's Mammoth Collection (Boston 1883), read at build time from the corpus of "
        f"music21 {MUSIC21_VERSION}",
        licence=FREE,
        score=_soldiers_joy,
        master=Master(room=0.35, tail_s=2.0, fade_s=1.2),
    ),
)
