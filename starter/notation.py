"""Parses melodies written as text, such as ``line("D5:1 E5:.5 F#5 | A5:2")``, and checks their bars."""

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
    """The MIDI number of a note name: ``C4`` is 60. Raises ``ValueError`` for an invalid name."""
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
    """Parse a melody.

    A token is a note, simultaneous notes (``C4+E4+G4``) or a rest (``r``). ``:`` and a number of beats (``1``, ``.5``,
    ``1/3``) set its length and that of the tokens after it. A token that ends in ``>`` is accented, in ``_`` softened,
    in ``'`` staccato. ``|`` is a bar line.

    Args:
        text: The melody.
        at: The beat of its first token.
        velocity: The velocity of unmarked notes, 1..127.
        hold: The share of its length that a note sounds.
        bar_beats: The length of a bar; every bar line but the first, before which an upbeat may be of any length, must
            then be at the end of a bar.
        semitones: The transposition.

    Raises:
        ValueError: The text is invalid.
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
    """Parse a length such as ``1``, ``.5`` or ``1/3``; raises ``ValueError`` for an invalid one."""
    try:
        beats = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{text!r} is not a number of beats such as 1, .5 or 1/3") from None
    if beats <= 0:
        raise ValueError(f"a note must last, not {text!r} beats")
    return beats
