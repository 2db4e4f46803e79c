"""Accompanies chord changes like a rhythm section: pads, comping, arpeggios, bass lines, drum grooves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starter.harmony import Change, Changes, near, voice
from starter.notation import beats_of
from starter.score import Note, Notes, clamp_velocity, join

STRENGTHS = {"X": 1.25, "x": 1.0, "o": 0.75, "g": 0.45, "-": 0.3}
"""The factor of the velocity for each letter of a rhythm; ``.`` is a rest."""

KIT = {
    "kick": 36,
    "rim": 37,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "pedal": 44,
    "open": 46,
    "low_tom": 41,
    "mid_tom": 45,
    "high_tom": 48,
    "crash": 49,
    "ride": 51,
    "tambourine": 54,
    "cowbell": 56,
    "mute_conga": 62,
    "open_conga": 63,
    "low_conga": 64,
    "high_timbale": 65,
    "cabasa": 69,
    "shaker": 70,
    "claves": 75,
    "woodblock": 76,
    "triangle": 81,
    "brush_tap": 38,
    "brush_swirl": 40,
    "side_stick": 37,
}


def pads(harmony: Changes, *, velocity: int = 60, centre: int = 62, voices: int = 4, hold: float = 1.0) -> Notes:
    """Sustained chords."""
    return tuple(
        Note(change.start_beat, change.length_beats * hold, pitch, velocity)
        for change, pitches in zip(harmony, voice(harmony, centre=centre, voices=voices), strict=True)
        for pitch in pitches
    )


def comp(
    harmony: Changes,
    rhythm: str,
    *,
    step_beats: float = 0.5,
    velocity: int = 70,
    centre: int = 62,
    voices: int = 4,
    hold: float = 0.9,
    strum_beats: float = 0.0,
) -> Notes:
    """Chords struck in a rhythm (letters of ``STRENGTHS``, ``~`` lengthens what sounds), beginning anew every so often.

    The rhythm runs from the first change on and repeats through all of them; ``strum_beats`` parts a chord's notes.
    """
    notes: list[Note] = []
    if not harmony:
        return ()
    origin = harmony[0].start_beat
    voiced = voice(harmony, centre=centre, voices=voices)
    stop = harmony[-1].start_beat + harmony[-1].length_beats
    steps = round((stop - origin) / step_beats)
    for step in range(steps):
        letter = rhythm[step % len(rhythm)]
        if letter not in STRENGTHS:
            continue
        start = origin + step * step_beats
        long = 1
        while step + long < steps and rhythm[(step + long) % len(rhythm)] == "~":
            long += 1
        sounding = voiced[_index_at(harmony, start)]
        notes.extend(
            Note(
                start + strum_beats * place,
                max(0.05, long * step_beats * hold - strum_beats * place),
                pitch,
                clamp_velocity(velocity * STRENGTHS[letter]),
            )
            for place, pitch in enumerate(sounding)
        )
    return tuple(notes)


def arpeggio(
    harmony: Changes,
    order: Sequence[int],
    *,
    step_beats: float = 0.5,
    velocity: int = 64,
    centre: int = 64,
    voices: int = 4,
    hold: float = 1.2,
    accents: str = "x",
) -> Notes:
    """Chords broken up: ``order`` names voices from 0 (the lowest), beyond the highest an octave up; -1 is a rest."""
    notes: list[Note] = []
    for change, pitches in zip(harmony, voice(harmony, centre=centre, voices=voices), strict=True):
        for step in range(round(change.length_beats / step_beats)):
            place = order[step % len(order)]
            strength = STRENGTHS.get(accents[step % len(accents)])
            if place < 0 or strength is None:
                continue
            octave, voice_number = divmod(place, len(pitches))
            notes.append(
                Note(
                    change.start_beat + step * step_beats,
                    step_beats * hold,
                    pitches[voice_number] + 12 * octave,
                    clamp_velocity(velocity * strength),
                )
            )
    return tuple(notes)


def bass(
    harmony: Changes,
    pattern: str,
    *,
    centre: int = 40,
    velocity: int = 84,
    hold: float = 0.92,
) -> Notes:
    """A bass line that plays ``pattern`` over every chord, as much of it as the chord lasts.

    Tokens: ``R`` the bass note, ``3`` ``5`` ``7`` of the chord, ``8`` the octave, ``a`` a semitone below the next
    chord's bass note, ``s`` a whole tone below it, ``r`` a rest; ``:`` and beats as in a melody; ``>`` and ``_`` too.
    """
    notes: list[Note] = []
    for index, change in enumerate(harmony):
        following = harmony[(index + 1) % len(harmony)]
        position, length, loudness = 0.0, 1.0, 1.0
        tokens = pattern.split()
        turn = 0
        while position < change.length_beats - 1e-6:
            body, _, given = tokens[turn % len(tokens)].partition(":")
            length = float(beats_of(given)) if given else length
            loudness = {">": 1.2, "_": 0.6}.get(body[-1], 1.0)
            degree = body.rstrip(">_")
            sounding = min(length, change.length_beats - position)
            if degree != "r":
                notes.append(
                    Note(
                        change.start_beat + position,
                        sounding * hold,
                        _bass_pitch(degree, change, following, centre),
                        clamp_velocity(velocity * loudness),
                    )
                )
            position += length
            turn += 1
    return tuple(notes)


def groove(
    rhythms: Mapping[str, str],
    *,
    bars: int,
    at: float = 0.0,
    step_beats: float = 0.25,
    bar_beats: float = 4.0,
    velocity: int = 90,
) -> Notes:
    """A drum pattern repeated to fill bars; each drum's rhythm has its own length."""
    notes: list[Note] = []
    for drum, rhythm in rhythms.items():
        for step in range(round(bars * bar_beats / step_beats)):
            strength = STRENGTHS.get(rhythm[step % len(rhythm)])
            if strength is not None:
                start = at + step * step_beats
                notes.append(Note(start, step_beats, KIT[drum], clamp_velocity(velocity * strength)))
    return join(notes)


def hit(drum: str, *beats: float, velocity: int = 100) -> Notes:
    """Single strokes of one drum."""
    return tuple(Note(beat, 0.5, KIT[drum], velocity) for beat in beats)


def _index_at(harmony: Changes, beat: float) -> int:
    for index in range(len(harmony) - 1, -1, -1):
        if beat >= harmony[index].start_beat - 1e-6:
            return index
    return 0


def _bass_pitch(degree: str, change: Change, following: Change, centre: int) -> int:
    root = near(change.chord.bass, centre)
    chord = change.chord
    if degree in ("a", "s"):
        return near(following.chord.bass, centre) - (1 if degree == "a" else 2)
    if degree == "R":
        return root
    if degree == "8":
        return root + 12
    wanted = {"3": 1, "5": 2, "7": 3}[degree]
    classes = chord.classes
    above = near(classes[min(wanted, len(classes) - 1)], root + 6)
    return above if above >= root else above + 12
