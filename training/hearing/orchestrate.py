"""Arranges a melody and its chords for an ensemble, with the texture of a genre."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from starter.accompany import arpeggio, bass, comp, groove, hit, pads
from starter.harmony import Changes
from starter.score import Notes, Part, Score, crescendo, end_beat, louder, shorter, transpose
from training.hearing.genres import Genre


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Which General MIDI programs play: melody, harmony, bass, and the drum kit's (None: no drums)."""

    name: str
    melody: int
    harmony: int
    bass: int
    kit: int | None = None


_PIANO = Ensemble("piano", 0, 0, 0)
_STRINGS = Ensemble("strings", 40, 48, 43)
_STRINGS_DRUMS = Ensemble("strings and drums", 48, 44, 43, kit=48)
_ORCHESTRA = Ensemble("orchestra", 60, 48, 58, kit=48)
_BRASS = Ensemble("brass", 56, 61, 58)
_BRASS_DRUMS = Ensemble("brass and drums", 56, 61, 58, kit=48)
_WINDS = Ensemble("winds", 73, 71, 70)
_FIFES = Ensemble("fifes and drums", 72, 71, 70, kit=48)
_CHIP = Ensemble("chip", 80, 80, 38)
_CHIP_DRUMS = Ensemble("chip and drums", 81, 80, 38, kit=0)
_ROCK = Ensemble("rock band", 30, 29, 34, kit=16)
_ORGAN = Ensemble("organ", 19, 19, 19)
_CHOIR = Ensemble("choir", 52, 52, 43)
_GUITAR = Ensemble("guitar", 24, 24, 32)
_FIDDLE = Ensemble("fiddle band", 110, 25, 32, kit=40)
_ACCORDION = Ensemble("accordion", 21, 24, 32)
_HARP = Ensemble("harp", 46, 46, 46)
_MUSIC_BOX = Ensemble("music box", 10, 11, 46)
_FLUTE_HARP = Ensemble("flute and harp", 73, 46, 42)
_CELLO = Ensemble("cello and strings", 42, 48, 43)
_SYNTH = Ensemble("synthesiser", 88, 89, 38)
_OBOE = Ensemble("oboe and strings", 68, 48, 43)

ENSEMBLES = MappingProxyType(
    {
        Genre.BATTLE: (_ORCHESTRA, _STRINGS, _BRASS_DRUMS, _PIANO, _ROCK, _CHIP_DRUMS, _STRINGS_DRUMS, _CHOIR),
        Genre.CHASE: (_STRINGS, _STRINGS_DRUMS, _PIANO, _CHIP_DRUMS, _ORCHESTRA, _WINDS),
        Genre.MARCH: (_BRASS_DRUMS, _FIFES, _PIANO, _ORCHESTRA, _BRASS, _WINDS),
        Genre.VICTORY: (_BRASS_DRUMS, _ORCHESTRA, _PIANO, _CHIP, _BRASS, _STRINGS),
        Genre.DANCE: (_FIDDLE, _PIANO, _ACCORDION, _WINDS, _GUITAR, _CHIP_DRUMS, _STRINGS),
        Genre.ELEGY: (_CELLO, _PIANO, _STRINGS, _CHOIR, _OBOE, _ORGAN, _SYNTH, _WINDS),
        Genre.LULLABY: (_MUSIC_BOX, _PIANO, _HARP, _GUITAR, _FLUTE_HARP, _STRINGS, _CHIP),
        Genre.HYMN: (_ORGAN, _CHOIR, _STRINGS, _PIANO, _BRASS),
        Genre.PASTORAL: (_FLUTE_HARP, _GUITAR, _PIANO, _OBOE, _WINDS, _HARP, _SYNTH),
    }
)


def orchestrated(
    genre: Genre,
    melody: Notes,
    harmony: Changes,
    *,
    tempo_bpm: float,
    bar_beats: float,
    number: int,
    seed: int,
) -> Score:
    """The score of a piece.

    Args:
        genre: Chooses the texture and the ensembles.
        melody: The tune, from beat 0.
        harmony: The chords under it.
        tempo_bpm: Quarter notes a minute.
        bar_beats: Quarter notes in a bar.
        number: Which of the genre's ensembles plays, counted round from the one that ``seed`` chooses.
        seed: Varies register, figures and dynamics from piece to piece.
    """
    rng = np.random.default_rng([seed, number])
    ensemble = ENSEMBLES[genre][(seed + number) % len(ENSEMBLES[genre])]
    figures = _FIGURES[genre](harmony, bar_beats, rng)
    bars = max(1, round(end_beat(melody) / bar_beats))
    tune = melody
    if ensemble.melody in (42, 58, 70):
        tune = transpose(tune, -12)
    if genre in (Genre.BATTLE, Genre.VICTORY) and rng.random() < 0.5:
        tune, figures = crescendo(tune, start=0.8, stop=1.15), crescendo(figures, start=0.75, stop=1.15)
    parts = [
        Part("melody", ensemble.melody, tune, volume=104, pan=56),
        Part("harmony", ensemble.harmony, figures, volume=int(rng.integers(70, 92)), pan=78),
        Part("bass", ensemble.bass, _bass(genre, harmony, bar_beats, rng), volume=92, pan=60),
    ]
    if genre is Genre.BATTLE and ensemble.name != "piano" and rng.random() < 0.6:
        parts.append(Part("low brass", 57, _low_brass(harmony), volume=88, pan=50, reverb=55))
    if ensemble.kit is not None:
        rhythm = _DRUMS[genre][int(rng.integers(len(_DRUMS[genre])))]
        step = 0.5 if bar_beats in (3.0, 1.5) else 0.25
        strokes = groove(rhythm, bars=bars, step_beats=step, bar_beats=bar_beats, velocity=int(rng.integers(80, 104)))
        crashes = hit("crash", *(i * 8 * bar_beats for i in range(bars // 8)), velocity=90)
        cymbals = crashes if genre in (Genre.BATTLE, Genre.VICTORY) else ()
        parts.append(Part("drums", ensemble.kit, strokes + cymbals, volume=96, reverb=50, drums=True))
    return Score(parts=tuple(parts), tempo_bpm=((0.0, tempo_bpm),))


def _battle(harmony: Changes, _bar_beats: float, rng: np.random.Generator) -> Notes:
    if rng.random() < 0.35:  # long notes over the drums and the bass
        return louder(pads(harmony, velocity=96, centre=60, voices=4), 1.0)
    rhythm = ("X..x..x.", "X.xxX.xx", "X..X..X.XXXX....", "XxxxXxxx")[int(rng.integers(4))]
    return comp(harmony, rhythm, step_beats=0.5, velocity=96, centre=57, voices=3, hold=0.55)


def _chase(harmony: Changes, _bar_beats: float, rng: np.random.Generator) -> Notes:
    order = ((0, 1, 2, 1), (0, 2, 1, 2), (0, 0, 1, 0))[int(rng.integers(3))]
    return arpeggio(harmony, order, step_beats=0.25, velocity=84, centre=62, voices=3, hold=0.7, accents="Xxxx")


def _march(harmony: Changes, bar_beats: float, rng: np.random.Generator) -> Notes:
    rhythm = ".xx" if bar_beats in (3.0, 1.5) else (".x", ".x.xx", ".xxx")[int(rng.integers(3))]
    return comp(harmony, rhythm, step_beats=0.5, velocity=78, centre=62, voices=3, hold=0.6)


def _victory(harmony: Changes, _bar_beats: float, rng: np.random.Generator) -> Notes:
    if rng.random() < 0.5:
        return comp(
            harmony, "X~~x" if rng.random() < 0.5 else "Xxx", step_beats=1 / 3, velocity=88, centre=62, hold=0.7
        )
    return pads(harmony, velocity=88, centre=62)


def _dance(harmony: Changes, bar_beats: float, rng: np.random.Generator) -> Notes:
    rhythm = ".xx" if bar_beats in (3.0, 1.5) else (".x", "..x.", ".xgx")[int(rng.integers(3))]
    return comp(harmony, rhythm, step_beats=0.5, velocity=74, centre=60, voices=3, hold=0.5, strum_beats=0.01)


def _elegy(harmony: Changes, _bar_beats: float, rng: np.random.Generator) -> Notes:
    if rng.random() < 0.3:
        return comp(harmony, "x", step_beats=1.0, velocity=48, centre=57, voices=3, hold=0.95)
    return pads(harmony, velocity=int(rng.integers(44, 64)), centre=57, voices=int(rng.integers(3, 5)))


def _lullaby(harmony: Changes, _bar_beats: float, rng: np.random.Generator) -> Notes:
    order = ((0, 1, 2, 1), (0, 2, 1, 2), (0, 1, 2))[int(rng.integers(3))]
    step = (0.5, 1.0)[int(rng.integers(2))]
    return arpeggio(harmony, order, step_beats=step, velocity=int(rng.integers(42, 58)), centre=64, voices=3)


def _hymn(harmony: Changes, _bar_beats: float, _rng: np.random.Generator) -> Notes:
    return comp(harmony, "x~", step_beats=1.0, velocity=64, centre=60, voices=4, hold=0.98)


def _pastoral(harmony: Changes, _bar_beats: float, rng: np.random.Generator) -> Notes:
    if rng.random() < 0.5:
        return pads(harmony, velocity=54, centre=62)
    return arpeggio(harmony, (0, 1, 2, 3, 2, 1), step_beats=0.5, velocity=54, centre=62)


_FIGURES = MappingProxyType(
    {
        Genre.BATTLE: _battle,
        Genre.CHASE: _chase,
        Genre.MARCH: _march,
        Genre.VICTORY: _victory,
        Genre.DANCE: _dance,
        Genre.ELEGY: _elegy,
        Genre.LULLABY: _lullaby,
        Genre.HYMN: _hymn,
        Genre.PASTORAL: _pastoral,
    }
)

_BASS_PATTERNS = MappingProxyType(
    {
        Genre.BATTLE: ("R>:.5 R R R 8 R 5 R", "R>:1.5 R:1.5 R:1", "R>:.25 R R:.5 R:.25 R R:.5", "R>:1"),
        Genre.CHASE: ("R>:.5 R R R", "R>:.5 5 8 5"),
        Genre.MARCH: ("R>:1 5:1",),
        Genre.VICTORY: ("R>:1 R 5 R", "R>:2 5:2"),
        Genre.DANCE: ("R:1 5:1", "R:1.5 5:.5"),
        Genre.ELEGY: ("R:4", "R:2 5:2"),
        Genre.LULLABY: ("R:4", "R:3 5:1"),
        Genre.HYMN: ("R:2",),
        Genre.PASTORAL: ("R:4", "R:2 5:2"),
    }
)

_CALM = frozenset((Genre.ELEGY, Genre.LULLABY, Genre.HYMN, Genre.PASTORAL))


def _bass(genre: Genre, harmony: Changes, bar_beats: float, rng: np.random.Generator) -> Notes:
    patterns = _BASS_PATTERNS[genre]
    pattern = "R>:1.5 5:1.5" if bar_beats in (3.0, 1.5) and genre not in _CALM else str(rng.choice(patterns))
    return bass(harmony, pattern, centre=38, velocity=52 if genre in _CALM else 92)


def _low_brass(harmony: Changes) -> Notes:
    return shorter(bass(harmony, "R>:4", centre=42, velocity=100), 0.9)


_DRUMS = MappingProxyType(
    {
        Genre.BATTLE: (
            {"low_tom": "X...x..xX...x.xx", "kick": "X.......X......."},
            {"kick": "X..X..X.X..X.X.X", "snare": "....X.......X..x", "hat": "xoxoxoxo"},
            {"low_tom": "X.x.X.x.", "mid_tom": "...x...x", "snare": "............xxxx"},
        ),
        Genre.CHASE: ({"hat": "xoxo", "kick": "X.......", "rim": "..x..x.."}, {"snare": "xgxxgxxg", "kick": "X..."}),
        Genre.MARCH: (
            {"snare": "X.xxX.x.", "kick": "X..."},
            {"snare": "X.x.xxx.", "kick": "X.......x..."},
        ),
        Genre.VICTORY: ({"snare": "X.xxX.xx", "kick": "X..."}, {"low_tom": "X...X.XX", "snare": "....X..."}),
        Genre.DANCE: ({"kick": "X.......", "tambourine": "x.o."}, {"kick": "X...", "snare": "..x.", "hat": "x"}),
    }
)
