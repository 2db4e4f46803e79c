"""Holds a piece of music as notes: frozen values, times in beats, pitches as MIDI numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

DRUM_CHANNEL = 9


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One sounding note.

    ``start_beat`` counts from the beginning of the piece, ``length_beats`` until the key is let go; ``pitch`` 0..127,
    60 is middle C; ``velocity`` 1..127.
    """

    start_beat: float
    length_beats: float
    pitch: int
    velocity: int = 80

    @property
    def end_beat(self) -> float:
        """Where the key is let go."""
        return self.start_beat + self.length_beats


Notes = tuple[Note, ...]

Curve = tuple[tuple[float, float], ...]
"""Breakpoints (beat, value) of something that changes gradually, in the order of time."""


@dataclass(frozen=True, slots=True)
class Feel:
    """How far a player strays from the grid: standard deviations, and how late they play on average."""

    timing_ms: float = 7.0
    velocity: float = 4.0
    late_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """What one instrument plays.

    ``program`` is General MIDI's, 0..127 (a drum kit where ``drums`` is set); ``volume``, ``reverb`` and ``chorus``
    0..127; ``pan`` 0 (left) .. 64 .. 127 (right); ``swell`` is a curve of loudness 0..127 over beats (MIDI
    expression); ``pedal_beats`` are where the sustain pedal is changed, the last of them being where it is let go.
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
    """A whole piece: its parts and its tempo, a curve of beats a minute over beats that moves in steps."""

    parts: tuple[Part, ...]
    tempo_bpm: Curve

    def __post_init__(self) -> None:
        if not self.tempo_bpm or self.tempo_bpm[0][0] != 0:
            raise ValueError("a score needs a tempo at beat 0")
        if sum(part.drums for part in self.parts) > 1 or sum(not part.drums for part in self.parts) > 15:
            raise ValueError("General MIDI has room for one drum kit and fifteen other instruments")


@dataclass(frozen=True, slots=True)
class Master:
    """What happens to the sound after the synthesiser.

    ``room`` 0..1 is the size of the reverb's room; ``width`` 0 (mono) .. 1 keeps so much of what differs between left
    and right, since some of the soundfont's stereo samples cancel each other on a telephone's single loudspeaker;
    ``fade_s`` fades the last seconds out, after ``tail_s`` of decay; ``low_pass_hz`` softens the top like an old tape,
    None leaves it.
    """

    room: float = 0.6
    width: float = 0.75
    tail_s: float = 3.0
    fade_s: float = 2.0
    low_pass_hz: float | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A score with all that a listener should know of it.

    ``year`` is the composition's; ``source`` says where the notes come from, ``licence`` what may be done with them.
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
    """A piece of a composer long dead, written into this package after Mutopia's public-domain ``edition``."""
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
    """A piece that was composed for mien."""
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
    """Several phrases in one, in the order of time."""
    return tuple(sorted(note for phrase in phrases for note in phrase))


def end_beat(notes: Iterable[Note]) -> float:
    """Where the last note ends; 0 where there is none."""
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
    """The notes that begin in ``start_beat`` .. ``stop_beat``, cut off where that ends."""
    return tuple(
        replace(note, length_beats=min(note.length_beats, stop_beat - note.start_beat))
        for note in notes
        if start_beat <= note.start_beat < stop_beat
    )


def repeat(notes: Notes, times: int, *, every_beats: float) -> Notes:
    """The same notes ``times`` times, ``every_beats`` apart."""
    return join(*(shift(notes, every_beats * turn) for turn in range(times)))


def swing(notes: Iterable[Note], *, share: float, step_beats: float = 0.5) -> Notes:
    """Every second step comes late: the first of a pair takes ``share`` of both (0.5 is straight, 0.67 triplets)."""
    delay = (2 * share - 1) * step_beats
    swung = []
    for note in notes:
        off = abs(note.start_beat / step_beats % 2 - 1) < 1e-6
        swung.append(replace(note, start_beat=note.start_beat + delay * off))
    return tuple(swung)


def crescendo(notes: Iterable[Note], *, start: float, stop: float) -> Notes:
    """The same notes, getting louder (or softer) evenly: velocities are multiplied by ``start`` .. ``stop``."""
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
    """Breakpoints from one (beat, value) to another in even steps, for a tempo that pulls or pushes."""
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
