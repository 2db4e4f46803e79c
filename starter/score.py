"""Pieces of music as frozen values: notes, parts, scores; times in beats, pitches as MIDI numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

DRUM_CHANNEL = 9


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One sounding note.

    ``start_beat`` counts from the beginning of the piece, ``length_beats`` lasts until the key is released; ``pitch``
    0..127, 60 is middle C; ``velocity`` 1..127.
    """

    start_beat: float
    length_beats: float
    pitch: int
    velocity: int = 80

    @property
    def end_beat(self) -> float:
        """When the key is released."""
        return self.start_beat + self.length_beats


Notes = tuple[Note, ...]

Curve = tuple[tuple[float, float], ...]
"""Breakpoints (beat, value) of a gradual change, in order of time."""


@dataclass(frozen=True, slots=True)
class Feel:
    """A player's deviation from the grid: standard deviations of timing and velocity, and the mean delay."""

    timing_ms: float = 7.0
    velocity: float = 4.0
    late_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """The part of one instrument.

    ``program`` is General MIDI's, 0..127 (a drum kit where ``drums`` is set); ``volume``, ``reverb`` and ``chorus``
    0..127; ``pan`` 0 (left) .. 64 .. 127 (right); ``swell`` is a curve of loudness 0..127 over beats (MIDI
    expression); ``pedal_beats`` are the beats at which the sustain pedal is renewed, and at the last of them released.
    """

    name: str
    program: int
    notes: Notes
    volume: int = 100
    pan: int = 64
    reverb: int = 40
    chorus: int = 0
    drums: bool = False
    swell: Curve = ()
    pedal_beats: tuple[float, ...] = ()
    feel: Feel = field(default_factory=Feel)

    def __post_init__(self) -> None:
        for note in self.notes:
            if not 0 <= note.pitch <= 127 or not 1 <= note.velocity <= 127 or note.length_beats <= 0:
                raise ValueError(f"{self.name} cannot play {note}")


@dataclass(frozen=True, slots=True)
class Score:
    """The score of a piece: its parts, and its tempo as a stepwise curve of beats a minute over beats."""

    parts: tuple[Part, ...]
    tempo_bpm: Curve

    def __post_init__(self) -> None:
        if not self.tempo_bpm or self.tempo_bpm[0][0] != 0:
            raise ValueError("a score needs a tempo at beat 0")
        if sum(part.drums for part in self.parts) > 1 or sum(not part.drums for part in self.parts) > 15:
            raise ValueError("General MIDI has room for one drum kit and fifteen other instruments")


@dataclass(frozen=True, slots=True)
class Master:
    """The settings for mastering the synthesised sound.

    ``room`` 0..1 is the size of the reverb's room; ``width`` 0 (mono) .. 1 scales the difference between left and
    right, since some of the soundfont's stereo samples cancel out on a single loudspeaker; ``fade_s`` is the length of
    the fade at the end, after ``tail_s`` of decay; ``low_pass_hz`` filters the treble like an old tape, None does not.
    """

    room: float = 0.6
    width: float = 0.75
    tail_s: float = 3.0
    fade_s: float = 2.0
    low_pass_hz: float | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A score with its metadata.

    ``year`` is the composition's; ``source`` is the origin of the notes.
    """

    slug: str
    title: str
    composer: str
    year: int
    source: str
    licence: str
    score: Callable[[], Score]
    master: Master = field(default_factory=Master)


FREE = "Public domain; this arrangement CC0-1.0"


def classic(
    slug: str, title: str, composer: str, year: int, score: Callable[[], Score], *, edition: str, master: Master
) -> Piece:
    """A public-domain piece, after an edition of the Mutopia Project.

    Args:
        slug: Its key and file name.
        title: Its title.
        composer: Its composer.
        year: The year of the composition.
        score: Makes the score.
        edition: The name of the edition.
        master: The settings for mastering.
    """
    return Piece(
        slug=slug,
        title=title,
        composer=composer,
        year=year,
        source=f"Written into starter/pieces for mien, abridged, after the Mutopia Project's edition {edition}",
        licence=FREE,
        score=score,
        master=master,
    )


def own_piece(slug: str, title: str, score: Callable[[], Score], *, master: Master | None = None) -> Piece:
    """A piece composed for mien.

    Args:
        slug: Its key and file name.
        title: Its title.
        score: Makes the score.
        master: The settings for mastering.
    """
    return Piece(
        slug=slug,
        title=title,
        composer="mien",
        year=2026,
        source="Composed for mien, as code in starter/pieces",
        licence="CC0-1.0",
        score=score,
        master=master or Master(),
    )


def join(*phrases: Iterable[Note]) -> Notes:
    """Merge phrases, in order of time."""
    return tuple(sorted(note for phrase in phrases for note in phrase))


def end_beat(notes: Iterable[Note]) -> float:
    """The end of the last note; 0 without notes."""
    return max((note.end_beat for note in notes), default=0.0)


def shift(notes: Iterable[Note], beats: float) -> Notes:
    """The same notes, later by ``beats``."""
    return tuple(replace(note, start_beat=note.start_beat + beats) for note in notes)


def transpose(notes: Iterable[Note], semitones: int) -> Notes:
    """The same notes, higher by ``semitones``."""
    return tuple(replace(note, pitch=note.pitch + semitones) for note in notes)


def louder(notes: Iterable[Note], factor: float) -> Notes:
    """The same notes struck ``factor`` times as hard, within what MIDI allows."""
    return tuple(replace(note, velocity=clamp_velocity(note.velocity * factor)) for note in notes)


def shorter(notes: Iterable[Note], factor: float) -> Notes:
    """The same notes, each held for ``factor`` of its length: below 1 is staccato, above 1 overlaps."""
    return tuple(replace(note, length_beats=note.length_beats * factor) for note in notes)


def crop(notes: Iterable[Note], start_beat: float, stop_beat: float) -> Notes:
    """The notes that begin in ``start_beat`` .. ``stop_beat``, cut at its end.

    Args:
        notes: The notes.
        start_beat: The start of the range.
        stop_beat: The end of the range, exclusive.
    """
    return tuple(
        replace(note, length_beats=min(note.length_beats, stop_beat - note.start_beat))
        for note in notes
        if start_beat <= note.start_beat < stop_beat
    )


def repeat(notes: Notes, times: int, *, every_beats: float) -> Notes:
    """Repeat notes.

    Args:
        notes: The notes.
        times: How many times they are played.
        every_beats: The distance between the starts.
    """
    return join(*(shift(notes, every_beats * turn) for turn in range(times)))


def swing(notes: Iterable[Note], *, share: float, step_beats: float = 0.5) -> Notes:
    """Delay every second step.

    Args:
        notes: The notes.
        share: The share of a pair of steps that the first takes: 0.5 is straight, 0.67 triplets.
        step_beats: The length of a step.
    """
    delay = (2 * share - 1) * step_beats
    swung = []
    for note in notes:
        off = abs(note.start_beat / step_beats % 2 - 1) < 1e-6
        swung.append(replace(note, start_beat=note.start_beat + delay * off))
    return tuple(swung)


def crescendo(notes: Iterable[Note], *, start: float, stop: float) -> Notes:
    """Change the velocities evenly.

    Args:
        notes: The notes.
        start: The factor for the first note.
        stop: The factor for the last note.
    """
    notes = tuple(notes)
    if not notes:
        return ()
    first = min(note.start_beat for note in notes)
    span = max(note.start_beat for note in notes) - first or 1.0
    return tuple(
        replace(
            note,
            velocity=clamp_velocity(note.velocity * (start + (stop - start) * (note.start_beat - first) / span)),
        )
        for note in notes
    )


def glide(start: tuple[float, float], stop: tuple[float, float], *, steps: int = 12) -> Curve:
    """Breakpoints from one to another in even steps, such as for a ritardando.

    Args:
        start: The first (beat, value).
        stop: The last (beat, value).
        steps: The number of steps.
    """
    return tuple(
        (
            start[0] + (stop[0] - start[0]) * step / steps,
            start[1] + (stop[1] - start[1]) * step / steps,
        )
        for step in range(steps + 1)
    )


def clamp_velocity(velocity: float) -> int:
    """The nearest velocity that MIDI allows, 1..127."""
    return max(1, min(127, round(velocity)))
