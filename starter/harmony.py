"""Parses chord symbols and voices them with small movements from chord to chord."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, pairwise

from starter.notation import pitch

_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "69": (0, 4, 7, 9, 14),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "mmaj7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "m11": (0, 3, 7, 10, 17),
    "13": (0, 4, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "7#9": (0, 4, 7, 10, 15),
    "maj7#11": (0, 4, 11, 18),
}
_SYMBOL = re.compile(r"([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?")


@dataclass(frozen=True, slots=True)
class Chord:
    """A parsed chord symbol: ``root`` and ``bass`` are pitch classes 0..11, ``intervals`` semitones above the root."""

    symbol: str
    root: int
    intervals: tuple[int, ...]
    bass: int

    @property
    def classes(self) -> tuple[int, ...]:
        """Its pitch classes 0..11, from the root up."""
        return tuple((self.root + interval) % 12 for interval in self.intervals)


@dataclass(frozen=True, slots=True)
class Change:
    """A chord with its start and length."""

    start_beat: float
    length_beats: float
    chord: Chord


Changes = tuple[Change, ...]


def chord(symbol: str) -> Chord:
    """Parse a symbol such as ``Am7``, ``F#m7b5`` or ``C/E``; raises ``ValueError`` for an unknown one."""
    match = _SYMBOL.fullmatch(symbol)
    if match is None or match[2] not in _QUALITIES:
        raise ValueError(f"{symbol!r} is not a chord of a known kind")
    root = pitch(match[1] + "4") % 12
    bass = pitch(match[3] + "4") % 12 if match[3] else root
    return Chord(symbol, root, _QUALITIES[match[2]], bass)


def changes(text: str, *, at: float = 0.0, bar_beats: float = 4.0) -> Changes:
    """Parse the chords of a lead sheet, such as ``C | Am7 D7 | G``; the chords of a bar share it evenly.

    Args:
        text: Bars between ``|``; ``%`` repeats the chord before it.
        at: The beat of the first bar.
        bar_beats: The length of a bar.
    """
    found: list[Change] = []
    position = at
    for bar in text.strip().strip("|").split("|"):
        symbols = bar.split()
        for symbol in symbols:
            length = bar_beats / len(symbols)
            found.append(Change(position, length, found[-1].chord if symbol == "%" else chord(symbol)))
            position += length
    return tuple(found)


def after(harmony: Changes, beat: float) -> Changes:
    """The changes from a beat on, for an instrument that enters there."""
    return tuple(change for change in harmony if change.start_beat >= beat)


def voice(harmony: Changes, *, centre: int = 62, voices: int = 4, spread: int = 9) -> tuple[tuple[int, ...], ...]:
    """Voice each chord near ``centre``, with small movements from chord to chord.

    Chords of more notes than voices lose the fifth first, then the root, which the bass plays.

    Args:
        harmony: The chords.
        centre: The MIDI pitch to stay near.
        voices: The most pitches of a chord.
        spread: How many semitones pitches may be away from ``centre``.
    """
    voiced: list[tuple[int, ...]] = []
    for change in harmony:
        classes = _essential(change.chord, voices)
        candidates = [
            pitches
            for pitches in combinations(range(centre - spread, centre + spread + 1), len(classes))
            if {note % 12 for note in pitches} == set(classes)
        ]
        before = voiced[-1] if voiced else ()
        voiced.append(min(candidates, key=lambda pitches: _effort(pitches, before, centre)))
    return tuple(voiced)


def near(pitch_class: int, target: int) -> int:
    """The MIDI pitch of a pitch class 0..11 that is nearest to ``target``."""
    return target + (pitch_class - target + 6) % 12 - 6


def _essential(symbol: Chord, voices: int) -> tuple[int, ...]:
    intervals = list(symbol.intervals)
    for spare in (7, 0, 14):
        if len(intervals) > voices and spare in intervals:
            intervals.remove(spare)
    return tuple((symbol.root + interval) % 12 for interval in intervals[:voices])


def _effort(pitches: tuple[int, ...], before: tuple[int, ...], centre: int) -> float:
    away = abs(sum(pitches) / len(pitches) - centre)
    cluster = sum(high - low < 2 for low, high in pairwise(pitches))
    wide = max((high - low for low, high in pairwise(pitches)), default=0)
    moved = 0.0
    if before:
        moved = sum(min(abs(note - old) for old in before) for note in pitches)
        moved += abs(pitches[-1] - before[-1])
    return moved + 0.6 * away + 3 * cluster + 0.4 * max(0, wide - 7)
