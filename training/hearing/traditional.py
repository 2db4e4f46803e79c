"""Traditional marches, dances and laments from music21's corpus, harmonised and arranged here.

The tunes are read from music21 when they are rendered; none is part of mien. All are in the public domain.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from mien.music.analysis.harmony import find_key
from starter.corpus import tune
from starter.harmony import Change, Changes, Chord, chord
from starter.score import Notes, Score, crop, end_beat, join, shift
from training.hearing.genres import Genre, GenrePiece
from training.hearing.orchestrate import orchestrated

_LEAST_S = 36.0
_STEPS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MAJOR_TRIADS = ((0, ""), (5, ""), (7, ""), (9, "m"), (2, "m"), (7, "7"))
_MINOR_TRIADS = ((0, "m"), (5, "m"), (7, ""), (3, ""), (8, ""), (10, ""))


@dataclass(frozen=True, slots=True)
class CorpusTune:
    """Where a tune is in the corpus; ``bar_beats`` counts quarter notes, 3 for 6/8."""

    path: str
    number: int
    genre: Genre
    bar_beats: float


def _tunes(genre: Genre, folder: str, *listed: tuple[str, int, float]) -> tuple[CorpusTune, ...]:
    return tuple(CorpusTune(f"{folder}/{file}", number, genre, beats) for file, number, beats in listed)


TUNES = (
    *_tunes(
        Genre.MARCH,
        "airdsAirs",
        ("book1", 13, 2.0),
        ("book1", 127, 2.0),
        ("book1", 144, 2.0),
        ("book1", 172, 4.0),
        ("book1", 176, 4.0),
        ("book2", 204, 2.0),
        ("book3", 557, 4.0),
        ("book4", 654, 4.0),
        ("book4", 689, 4.0),
        ("book5", 854, 4.0),
        ("book6", 1158, 4.0),
        ("book6", 1166, 4.0),
        ("book1", 2, 2.0),
        ("book1", 8, 2.0),
        ("book2", 308, 2.0),
        ("book6", 1161, 3.0),
    ),
    *_tunes(Genre.MARCH, "oneills1850", ("1801-1850", 1801, 3.0), ("1801-1850", 1806, 4.0)),
    *_tunes(
        Genre.ELEGY,
        "oneills1850",
        ("0001-0050", 28, 3.0),
        ("0001-0050", 37, 3.0),
        ("0001-0050", 47, 3.0),
        ("0051-0100", 68, 4.0),
        ("0051-0100", 69, 3.0),
        ("0101-0200", 132, 3.0),
        ("0201-0300", 272, 3.0),
        ("0351-0400", 389, 3.0),
        ("0401-0486", 433, 4.0),
        ("0401-0486", 461, 3.0),
        ("0401-0486", 469, 3.0),
        ("0501-0550", 521, 3.0),
        ("0501-0550", 545, 4.0),
        ("0626-0635", 626, 3.0),
        ("0626-0700", 699, 4.0),
    ),
    *_tunes(Genre.ELEGY, "airdsAirs", ("book4", 652, 3.0), ("book6", 1098, 2.0), ("book5", 914, 3.0)),
    *_tunes(Genre.LULLABY, "oneills1850", ("0301-0350", 346, 3.0)),
    *_tunes(
        Genre.DANCE,
        "ryansMammoth",
        ("BeesWingsHornpipe", 1, 4.0),
        ("BoyleOReillysReel", 1, 4.0),
        ("CatInTheHopperJig", 1, 3.0),
        ("CowBoysJig", 1, 3.0),
        ("DundeeHornpipe", 1, 4.0),
        ("GreenGrowTheRushesOReel", 1, 4.0),
        ("HumoursOfRockstownReel", 1, 4.0),
        ("JohnnyHandsJig", 1, 3.0),
        ("MissJohnsonsReel", 1, 4.0),
        ("OneBottleMoreJig", 1, 3.0),
        ("RattleTheBottlesReel", 1, 4.0),
        ("SumnersHornpipe", 1, 4.0),
    ),
)

_TEMPO_BPM = {Genre.MARCH: (96, 124), Genre.ELEGY: (50, 68), Genre.LULLABY: (60, 72), Genre.DANCE: (100, 126)}


def traditional() -> tuple[GenrePiece, ...]:
    """All of ``TUNES``."""
    return tuple(
        GenrePiece(f"{one.path.partition('/')[2]} {one.number}", one.genre, partial(_score, one)) for one in TUNES
    )


def _score(written: CorpusTune, number: int) -> Score:
    melody = _from_a_bar(tune(written.path, number=written.number, velocity=58 if _is_calm(written) else 92))
    seed = zlib.crc32(f"{written.path} {written.number}".encode())
    low, high = _TEMPO_BPM[written.genre]
    tempo_bpm = low + seed % (high - low + 1)
    bars = max(1, round(end_beat(melody) / written.bar_beats))
    length = bars * written.bar_beats
    rounds = max(1, int(np.ceil(_LEAST_S * tempo_bpm / 60 / length)))
    melody = join(*(shift(crop(melody, 0, length), turn * length) for turn in range(rounds)))
    return orchestrated(
        written.genre,
        melody,
        harmonise(melody, bar_beats=written.bar_beats),
        tempo_bpm=tempo_bpm,
        bar_beats=written.bar_beats,
        number=number,
        seed=seed,
    )


def _is_calm(written: CorpusTune) -> bool:
    return written.genre in (Genre.ELEGY, Genre.LULLABY)


def _from_a_bar(melody: Notes) -> Notes:
    """The tune from its first note on, so that an upbeat of the source does not shift it into silence."""
    return shift(melody, -min(note.start_beat for note in melody))


def harmonise(melody: Notes, *, bar_beats: float) -> Changes:
    """A triad for each bar: of the key's usual ones, the one whose tones the melody holds longest there."""
    key = find_key(_pitch_classes(melody))
    tonic, triads = (0, _MAJOR_TRIADS) if key is None else (key.tonic, _MINOR_TRIADS if key.minor else _MAJOR_TRIADS)
    chords = [_named(_STEPS[(tonic + step) % 12] + quality) for step, quality in triads]
    bars = max(1, round(end_beat(melody) / bar_beats))
    harmony = []
    for bar in range(bars):
        heard = _pitch_classes(crop(melody, bar * bar_beats, (bar + 1) * bar_beats))
        fits = [sum(heard[list(one.classes[:3])]) - 0.02 * place for place, one in enumerate(chords)]
        chosen = chords[0] if bar == bars - 1 else chords[int(np.argmax(fits))]
        harmony.append(Change(bar * bar_beats, bar_beats, chosen))
    return tuple(harmony)


@cache
def _named(symbol: str) -> Chord:
    return chord(symbol)


def _pitch_classes(melody: Notes) -> np.ndarray:
    """How long each pitch class sounds, float64 [12], in beats."""
    return np.bincount(
        [note.pitch % 12 for note in melody], weights=[note.length_beats for note in melody], minlength=12
    ).astype(np.float64)
