"""Writes melodies as text: ``line("D5:1 E5:.5 F#5 | A5:2")``, checked bar by bar."""

from __future__ import annotations

import re
from fractions import Fraction

from starter.score import Note, Notes, clamp_velocity

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_PITCH = re.compile(r"([A-G])(##|bb|#|b)?(-?\d)")
_ACCIDENTALS = {"": 0, "#": 1, "b": -1, "##": 2, "bb": -2}
_MARKS = ">_'"
_ACCENT, _SOFTENED, _STACCATO = 1.18, 0.72, 0.45


def pitch(name: str) -> int:
    """The MIDI number of a note name: ``C4`` is 60. ``ValueError`` for anything else."""
    match = _PITCH.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is not a note such as C4, F#3 or Bb5")
    step, accidental, octave = match.groups()
    return 12 * (int(octave) + 1) + _STEPS[step] + _ACCIDENTALS[accidental or ""]


def line(
    text: str,
    *,
    at: float = 0.0,
    velocity: int = 80,
    hold: float = 1.0,
    bar_beats: float | None = None,
    semitones: int = 0,
) -> Notes:
    """The notes of a melody written as text, beginning at beat ``at``.

    A token is a note, notes that sound together (``C4+E4+G4``) or a rest (``r``); ``:`` and a number of beats (``1``,
    ``.5``, ``1/3``) give its length, which stays until another is given; a token that ends in ``>`` is accented, in
    ``_`` softened, in ``'`` staccato. ``|`` is for the reader; with ``bar_beats`` it must stand where a bar ends (an
    upbeat before the first may be of any length). ``hold`` is the share of its length that a note sounds;
    ``semitones`` transposes. ``ValueError`` for text that is not this.
    """
    notes: list[Note] = []
    position = Fraction(0)
    length = Fraction(1)
    bar_origin: Fraction | None = None
    for token in text.replace("|", " | ").split():
        if token == "|":  # noqa: S105
            if bar_beats is not None:
                bar_origin = position if bar_origin is None else bar_origin
                if (position - bar_origin) % Fraction(bar_beats):
                    raise ValueError(
                        f"the bar line after beat {float(position)} of {text[:40]!r} is not at a bar's end"
                    )
            continue
        unmarked = token.rstrip(_MARKS)
        marks = token[len(unmarked) :]
        body, _, given = unmarked.partition(":")
        if given:
            length = beats_of(given)
        loudness = velocity * _ACCENT ** marks.count(">") * _SOFTENED ** marks.count("_")
        sounding = hold * _STACCATO ** marks.count("'")
        if body != "r":
            notes.extend(
                Note(at + float(position), float(length) * sounding, pitch(name) + semitones, clamp_velocity(loudness))
                for name in body.split("+")
            )
        position += length
    return tuple(notes)


def beats_of(text: str) -> Fraction:
    """A length as it is written: ``1``, ``.5`` or ``1/3``. ``ValueError`` for anything else, and for none at all."""
    try:
        beats = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{text!r} is not a number of beats such as 1, .5 or 1/3") from None
    if beats <= 0:
        raise ValueError(f"a note must last, not {text!r} beats")
    return beats
