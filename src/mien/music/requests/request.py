"""A request for music as values: what its words mean, and the words that were not understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_CHARACTERS: Final = 500
"""The longest request that is read."""

_AGAINST_SHARE: Final = 0.5


class PartKind(StrEnum):
    """What a part of a request is about."""

    MOOD = "mood"
    SCENE = "scene"
    SOUND = "sound"
    TEMPO = "tempo"
    KEY = "key"
    GENRE = "genre"
    YEARS = "years"
    LANGUAGE = "language"
    ARTIST = "artist"
    HISTORY = "history"
    LENGTH = "length"
    EXPLICIT = "explicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a word or phrase asks for; a field that it says nothing about is None or empty.

    Attributes:
        kind: What it is about.
        name: A short name that is the same in every language, such as "sad", "piano" or "1980-1989".
        valence: A place on the plane, -1..1; likewise ``arousal``.
        goal: Whether the mood is to be led to, whatever the listener's own is ("cheer me up").
        sounds: Names of MusiCNN's tags, any of which shows the wanted sound.
        without: Names of tags that must be weak.
        genres: Groups of words in lower case; a track's genre must have all words of one group.
        tempo_bpm: The lowest and the highest tempo, in beats per minute.
        tonic: Semitones from C, 0..11.
        minor: Whether the key is minor.
        years: The first and the last year.
        languages: Codes and names of a language, in lower case.
        artist: An artist's name, as in the library.
        similar: Whether music like the artist's is wanted, not only the artist's own.
        duration_s: The shortest and the longest track, in seconds.
        minutes: How long the list should last.
        count: How many tracks it should have.
    """

    kind: PartKind
    name: str
    valence: float | None = None
    arousal: float | None = None
    goal: bool = False
    sounds: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    genres: tuple[frozenset[str], ...] = ()
    tempo_bpm: tuple[float, float] | None = None
    tonic: int | None = None
    minor: bool | None = None
    years: tuple[int, int] | None = None
    languages: frozenset[str] = frozenset()
    artist: str = ""
    similar: bool = False
    duration_s: tuple[float, float] | None = None
    minutes: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a request: ``text`` from the character ``start`` to before ``end``."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RequestPart:
    """A part of a request that was understood.

    Attributes:
        meaning: What its words mean.
        words: The words, with those that negate or weaken them.
        negated: Whether the opposite is wanted ("no vocals").
        degree: How strongly: 1, less for "a bit", more for "very".
        corrected: The spelling that was taken for a misspelt word, empty if it was spelt well.
    """

    meaning: Meaning
    words: Span
    negated: bool = False
    degree: float = 1.0
    corrected: str = ""

    @property
    def kind(self) -> PartKind:
        """What it is about."""
        return self.meaning.kind

    @property
    def name(self) -> str:
        """The short name of its meaning."""
        return self.meaning.name


@dataclass(frozen=True, slots=True)
class MusicRequest:
    """A request for music in words.

    Attributes:
        text: The whole text.
        parts: What was understood, in the order of the text.
        unknown: The words that were not understood.
    """

    text: str
    parts: tuple[RequestPart, ...]
    unknown: tuple[Span, ...] = ()

    @property
    def mood(self) -> tuple[float, float] | None:
        """The point on the plane that is asked for, valence and arousal -1..1; None if no word says one.

        Each axis is the mean of the parts that name a goal, else of those that name a mood, else of the others. Without
        any, it is the opposite of the moods that are not wanted, half as far from the middle.
        """
        axes = [self._axis(name) for name in ("valence", "arousal")]
        if axes == [None, None]:
            return None
        valence, arousal = (axis or 0.0 for axis in axes)
        return valence, arousal

    @property
    def count(self) -> int | None:
        """How many tracks are asked for, None if it is not said."""
        return next((part.meaning.count for part in self.parts if part.meaning.count is not None), None)

    @property
    def minutes(self) -> float | None:
        """How long the list should last, None if it is not said."""
        return next((part.meaning.minutes for part in self.parts if part.meaning.minutes is not None), None)

    def without(self, words: Span) -> str:
        """The text without some of its words, with the comma or space around them closed."""
        before, after = self.text[: words.start].rstrip(" ,;"), self.text[words.end :].lstrip(" ,;")
        return f"{before}, {after}" if before and after else before or after

    def _axis(self, name: str) -> float | None:
        wanted = [part for part in self.parts if not part.negated and getattr(part.meaning, name) is not None]
        moods = [part for part in wanted if part.kind is PartKind.MOOD]
        goals = [part for part in moods if part.meaning.goal]
        values = [getattr(part.meaning, name) * part.degree for part in goals or moods or wanted]
        if not values:
            values = [
                -_AGAINST_SHARE * getattr(part.meaning, name)
                for part in self.parts
                if part.negated and part.kind is PartKind.MOOD and getattr(part.meaning, name) is not None
            ]
        return max(-1.0, min(1.0, sum(values) / len(values))) if values else None
