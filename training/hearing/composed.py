"""Pieces written for the labelled set: chords, tempo and metre by hand, the melody by rule from the piece's name."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from starter.harmony import Changes, changes
from starter.score import Note, Notes, Score
from training.hearing.genres import Genre, GenrePiece
from training.hearing.orchestrate import orchestrated

_LEAST_S = 36.0
_MAJOR_STEPS, _MINOR_STEPS = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is written by hand of a piece: one round of its chords, which is repeated."""

    name: str
    genre: Genre
    tempo_bpm: float
    chords: str
    bar_beats: float = 4.0


# The lengths in beats of the notes of one bar.
_RHYTHMS = MappingProxyType(
    {
        Genre.BATTLE: ("1.5 .5 1 1", "2 1 1", ".5 .5 .5 .5 2", "3 1", "4", ".5 .5 1 .5 .5 1"),
        Genre.CHASE: (".5 .5 .5 .5 .5 .5 .5 .5", "1 .5 .5 1 .5 .5", "2 .5 .5 .5 .5", ".5 1 .5 1 1"),
        Genre.MARCH: ("1 .75 .25 1 1", ".75 .25 .75 .25 1 1", "1 1 2", "1.5 .5 1 1"),
        Genre.VICTORY: (".5 .25 .25 1 1 1", "1 1 2", "1.5 .5 1 1", "2 2", ".75 .25 1 2"),
        Genre.DANCE: (".5 .5 .5 .5 1 1", ".5 .5 .5 .5 .5 .5 .5 .5", "1 .5 .5 1 .5 .5", "1 1 1 1"),
        Genre.ELEGY: ("4", "3 1", "2 2", "2 1 1", "1.5 .5 2"),
        Genre.LULLABY: ("2 1 1", "2 2", "1.5 .5 2", "3 1", "1 1 2"),
        Genre.HYMN: ("1 1 1 1", "2 1 1", "2 2", "4"),
        Genre.PASTORAL: ("2 1 1", "1.5 .5 1 1", "3 1", "1 .5 .5 2"),
    }
)

_M, _B, _C, _V, _D, _E, _L, _H, _P = (
    Genre.MARCH,
    Genre.BATTLE,
    Genre.CHASE,
    Genre.VICTORY,
    Genre.DANCE,
    Genre.ELEGY,
    Genre.LULLABY,
    Genre.HYMN,
    Genre.PASTORAL,
)

SKETCHES = (
    Sketch("gate of ash", _B, 148, "Dm | Dm | Bb | A7 | Dm | Gm | A7 | Dm"),
    Sketch("iron crown", _B, 132, "Cm | Ab | Fm | G7 | Cm | Ab | Bb | Cm"),
    Sketch("the last wall", _B, 160, "Em | Em | F | Em | Em | C | B7 | Em"),
    Sketch("siege engine", _B, 118, "Gm | Gm | Ab | Gm | Cm | Cm | D7 | Gm"),
    Sketch("hydra", _B, 172, "Fm | Db | Bbm | C7 | Fm | Db | Gb | C7"),
    Sketch("black standard", _B, 140, "Bm | G | Em | F# | Bm | G | C#m7b5 | F#7"),
    Sketch("wyrm in the keep", _B, 126, "Am | F | Dm | E7 | Am | Bb | E7 | Am"),
    Sketch("second phase", _B, 180, "C#m | A | F#m | G#7 | C#m | A | D | C#m"),
    Sketch("fleet under fire", _B, 152, "Am | Am | F | G | Am | Am | Bb | E7"),
    Sketch("clash at the ford", _B, 136, "Dm | C | Bb | A | Dm | C | Gm | A7"),
    Sketch("warlord", _B, 112, "Cm | Cm | Db | Cm | Fm | Fm | Gdim | G7"),
    Sketch("machine heart", _B, 164, "Ebm | B | Ebm | Bb7 | Abm | B | E | Bb7"),
    Sketch("the usurper", _B, 144, "G | Eb | Cm | D7 | Gm | Eb | Cm | D"),
    Sketch("storm of spears", _B, 156, "Fm | Fm | Gb | Fm | Bbm | Db | C7 | Fm"),
    Sketch("runaway cart", _C, 168, "Am | Am | Dm | E7 | Am | F | Dm | E7"),
    Sketch("rooftops", _C, 152, "Cm | Fm | Cm | G7 | Cm | Ab | Dm7b5 | G7"),
    Sketch("hounds", _C, 180, "Em | D | C | B7 | Em | Am | F | B7"),
    Sketch("down the mine", _C, 144, "Gm | Gm | Cm | Cm | Adim | D7 | Gm | D7"),
    Sketch("four minutes left", _C, 160, "Dm | Ebdim | Dm | A7 | Bb | Gm | Em7b5 | A7"),
    Sketch("swarm", _C, 176, "Bm | C | Bm | F#7 | Em | C | F#7 | Bm"),
    Sketch("the pursuit turns", _C, 138, "Fm | Ab | Bbm | C7 | Fm | Db | Gm7b5 | C7"),
    Sketch("collapsing bridge", _C, 186, "C#m | C#m | D | C#m | F#m | A | G#7 | C#m"),
    Sketch("parade ground", _M, 116, "C | C | F | C | G7 | C | D7 | G"),
    Sketch("blue regiment", _M, 112, "Bb | Eb | Bb | F7 | Bb | Gm | C7 | F"),
    Sketch("harvest band", _M, 120, "F | F | Bb | C7 | F | Dm | G7 | C"),
    Sketch("over the hill", _M, 108, "G | D7 | G | C | G | Em | A7 | D"),
    Sketch("town brass", _M, 124, "Eb | Ab | Bb7 | Eb | Cm | F7 | Bb7 | Eb"),
    Sketch("cadets", _M, 118, "D | G | D | A7 | Bm | G | A7 | D"),
    Sketch("old guard", _M, 104, "Am | Em | F | C | Dm | Am | E7 | Am"),
    Sketch("river column", _M, 110, "Ab | Db | Eb7 | Ab | Fm | Bbm | Eb7 | Ab"),
    Sketch("the gates open", _V, 126, "C | F | G | C | Am | F | G | C"),
    Sketch("crowned", _V, 112, "D | G | A | D | Bm | G | Em A | D"),
    Sketch("flags on the tower", _V, 138, "Bb | Eb | F | Bb | Gm | Eb | F7 | Bb"),
    Sketch("level cleared", _V, 144, "G | C | D | G | Eb | F | G | G"),
    Sketch("homecoming fleet", _V, 120, "F | Bb | C | F | Dm | Bb | C7 | F"),
    Sketch("medal", _V, 108, "Eb | Ab | Bb | Eb | Cm | Ab | Bb | Eb"),
    Sketch("sunrise over the field", _V, 116, "A | D | E | A | F#m | D | E7 | A"),
    Sketch("at last", _V, 132, "C | Am | Ab | Bb | C | F | Bb | C"),
    Sketch("golden hall", _V, 122, "E | A | B | E | C#m | A | F#m B7 | E"),
    Sketch("fair day", _D, 128, "G | C | D7 | G | Em | Am | D7 | G"),
    Sketch("clog dance", _D, 112, "D | D | G | A7 | D | Bm | A7 | D"),
    Sketch("tavern round", _D, 140, "C | F | C | G7 | C | Am | Dm G7 | C"),
    Sketch("lantern polka", _D, 118, "F | C7 | F | C7 | Bb | F | C7 | F"),
    Sketch("barn waltz", _D, 172, "G | G | D7 | G | C | G | D7 | G", 3.0),
    Sketch("ribbon waltz", _D, 184, "Bb | F7 | Bb | Eb | Cm | F7 | Bb | Bb", 3.0),
    Sketch("southern square", _D, 132, "A | D | A | E7 | F#m | D | E7 | A"),
    Sketch("gypsy ring", _D, 150, "Am | Dm | E7 | Am | C | G | E7 | Am"),
    Sketch("boat samba", _D, 104, "Dm7 | G7 | Cmaj7 | Am7 | Dm7 | G7 | C6 | A7"),
    Sketch("ashes", _E, 52, "Dm | Gm | A7 | Dm | Bb | Gm | A7 | Dm"),
    Sketch("empty cradle", _E, 58, "Em | Am | B7 | Em | C | Am | B7 | Em"),
    Sketch("the drowned", _E, 48, "Cm | Fm | G7 | Cm | Ab | Fm | G7 | Cm"),
    Sketch("grey column", _E, 60, "Am | Dm | Am | E7 | F | Dm | E7 | Am"),
    Sketch("letter unsent", _E, 64, "Bm | Em | F#7 | Bm | G | Em | C#m7b5 | F#7"),
    Sketch("candle for a king", _E, 50, "Gm | Cm | D7 | Gm | Eb | Cm | D7 | Gm"),
    Sketch("winter grave", _E, 56, "Fm | Bbm | C7 | Fm | Db | Bbm | C7 | Fm"),
    Sketch("last ship", _E, 62, "F#m | D | Bm | C#7 | F#m | D | Bm | C#7"),
    Sketch("widow's shore", _E, 66, "Dm | C | Bb | A | Gm | Dm | Em7b5 A7 | Dm", 3.0),
    Sketch("fallen friends", _E, 54, "Am | Em | F | C | Dm | Am | E7 | Am"),
    Sketch("memory in major", _E, 52, "F | Dm | Bb | C | F | Am | Gm | C"),
    Sketch("bells at dusk", _E, 46, "Ebm | Abm | Bb7 | Ebm | B | Abm | Bb7 | Ebm"),
    Sketch("moon boat", _L, 66, "C | F | C | G7 | C | Am | Dm G7 | C", 3.0),
    Sketch("wool and milk", _L, 72, "F | Bb | F | C7 | F | Dm | C7 | F", 3.0),
    Sketch("little lamp", _L, 60, "G | C | G | D7 | Em | C | D7 | G"),
    Sketch("sleepy orchard", _L, 68, "D | G | D | A7 | D | G | A7 | D"),
    Sketch("star counting", _L, 76, "Eb | Ab | Eb | Bb7 | Cm | Ab | Bb7 | Eb", 3.0),
    Sketch("hush", _L, 62, "A | D | A | E7 | F#m | D | E7 | A"),
    Sketch("bear and blanket", _L, 70, "Bb | Eb | Bb | F7 | Gm | Eb | F7 | Bb", 3.0),
    Sketch("snow at the window", _L, 64, "Am | F | C | G | Am | F | G | C"),
    Sketch("cradle of reeds", _L, 58, "E | A | E | B7 | E | A | B7 | E", 3.0),
    Sketch("night ferry", _L, 74, "Cmaj7 | Fmaj7 | Cmaj7 | Fmaj7 | Am7 | Dm7 | G7 | Cmaj7"),
    Sketch("evening song", _H, 72, "G | D | Em | C | G | Am | D7 | G"),
    Sketch("harvest thanks", _H, 80, "F | C | Dm | Bb | F | Gm | C7 | F"),
    Sketch("stone chapel", _H, 66, "D | A | Bm | F#m | G | D | Em A7 | D"),
    Sketch("pilgrims", _H, 76, "Am | G | F | C | Dm | Am | E7 | Am"),
    Sketch("old psalm", _H, 70, "Dm | A | Dm | C | F | C | Gm A7 | Dm"),
    Sketch("advent", _H, 62, "Eb | Bb | Cm | Gm | Ab | Eb | Fm Bb7 | Eb"),
    Sketch("clover", _P, 84, "G | C | G | D | Em | C | D | G"),
    Sketch("mill stream", _P, 76, "D | A | Bm | G | D | G | A | D"),
    Sketch("shepherd noon", _P, 70, "F | C | Bb | F | Dm | Bb | C | F"),
    Sketch("slow river", _P, 66, "Cmaj7 | Am7 | Fmaj7 | G | Cmaj7 | Em7 | Fmaj7 | G"),
    Sketch("after rain", _P, 80, "Amaj7 | F#m7 | Dmaj7 | E | Amaj7 | C#m7 | Dmaj7 | E"),
    Sketch("village seen from afar", _P, 90, "Bb | Eb | F | Bb | Gm | Eb | F | Bb", 3.0),
    Sketch("apple orchard", _P, 88, "E | B | C#m | A | E | A | B | E"),
    Sketch("harbour morning", _P, 74, "G6 | Em7 | Cmaj7 | D | G6 | Bm7 | Cmaj7 | D"),
    Sketch("dragonflies", _P, 92, "Ab | Eb | Fm | Db | Ab | Db | Eb | Ab", 3.0),
)


def composed() -> tuple[GenrePiece, ...]:
    """All pieces of ``SKETCHES``."""
    return tuple(GenrePiece(sketch.name, sketch.genre, partial(_score, sketch)) for sketch in SKETCHES)


def _score(sketch: Sketch, number: int) -> Score:
    seed = zlib.crc32(sketch.name.encode())
    bars = len(sketch.chords.split("|"))
    round_s = bars * sketch.bar_beats * 60 / sketch.tempo_bpm
    rounds = max(2, int(np.ceil(_LEAST_S / round_s)))
    harmony = changes("|".join([sketch.chords] * rounds), bar_beats=sketch.bar_beats)
    return orchestrated(
        sketch.genre,
        _melody(sketch, harmony, rounds, seed),
        harmony,
        tempo_bpm=sketch.tempo_bpm,
        bar_beats=sketch.bar_beats,
        number=number,
        seed=seed,
    )


def _melody(sketch: Sketch, harmony: Changes, rounds: int, seed: int) -> Notes:
    """A tune in the scale of the first chord, with chord tones where a bar begins; every fourth round is another."""
    bars = len(sketch.chords.split("|"))
    round_beats = bars * sketch.bar_beats
    first = harmony[0].chord
    scale = {(first.root + step) % 12 for step in (_MINOR_STEPS if "m" in first.symbol[:3] else _MAJOR_STEPS)}
    tunes = [_tune(sketch, harmony, scale, bars, np.random.default_rng([seed, turn])) for turn in range(2)]
    return tuple(
        Note(note.start_beat + turn * round_beats, note.length_beats, note.pitch, note.velocity)
        for turn in range(rounds)
        for note in tunes[turn % 4 == 2]
    )


def _tune(sketch: Sketch, harmony: Changes, scale: set[int], bars: int, rng: np.random.Generator) -> Notes:
    rhythms = _RHYTHMS[sketch.genre]
    motif = [str(rng.choice(rhythms)) for _ in range(2)]
    calm = sketch.genre in (Genre.ELEGY, Genre.LULLABY, Genre.HYMN, Genre.PASTORAL)
    height = int(rng.integers(66, 76)) if not calm else int(rng.integers(62, 74))
    notes: list[Note] = []
    pitch = height
    for bar in range(bars):
        rhythm = motif[bar % 2] if bar % 4 < 3 else str(rng.choice(rhythms))
        begin, beat = bar * sketch.bar_beats, 0.0
        for length in map(float, rhythm.split()):
            if beat >= sketch.bar_beats:
                break
            sounding = [change for change in harmony if change.start_beat <= begin + beat][-1].chord
            wanted = set(sounding.classes) if beat == 0 or length >= 2 else scale
            near = [p for p in range(height - 9, height + 10) if p % 12 in wanted and p != pitch]
            weights = np.array([np.exp(-abs(p - pitch) / 2.5 - abs(p - height) / 12) for p in near])
            pitch = int(rng.choice(near, p=weights / weights.sum()))
            length = min(length, sketch.bar_beats - beat)
            velocity = int(rng.normal(62 if calm else 98, 4)) + (6 if beat == 0 else 0)
            notes.append(Note(begin + beat, length * (0.98 if calm else 0.9), pitch, max(20, min(124, velocity))))
            beat += length
    return tuple(notes)
