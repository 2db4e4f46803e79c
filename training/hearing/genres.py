"""The genres of the labelled set, what each says about valence and arousal, and which pieces are held back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from starter.score import Score


class Genre(StrEnum):
    """What a piece was written for."""

    BATTLE = "battle"
    CHASE = "chase"
    MARCH = "march"
    VICTORY = "victory"
    DANCE = "dance"
    ELEGY = "elegy"
    LULLABY = "lullaby"
    HYMN = "hymn"
    PASTORAL = "pastoral"


@dataclass(frozen=True, slots=True)
class MoodLabel:
    """Whether a piece lies above the middle of each axis; None if its genre does not say.

    Attributes:
        pleasant: The sign of its valence.
        stirring: The sign of its arousal.
    """

    pleasant: bool | None
    stirring: bool | None


LABELS = MappingProxyType(
    {
        Genre.BATTLE: MoodLabel(pleasant=False, stirring=True),
        Genre.CHASE: MoodLabel(pleasant=False, stirring=True),
        Genre.MARCH: MoodLabel(pleasant=True, stirring=True),
        Genre.VICTORY: MoodLabel(pleasant=True, stirring=True),
        Genre.DANCE: MoodLabel(pleasant=True, stirring=True),
        Genre.ELEGY: MoodLabel(pleasant=False, stirring=False),
        Genre.LULLABY: MoodLabel(pleasant=True, stirring=False),
        Genre.HYMN: MoodLabel(pleasant=None, stirring=False),
        Genre.PASTORAL: MoodLabel(pleasant=True, stirring=False),
    }
)
"""By what music of a genre is for, not by how one piece of it sounds to anyone."""


@dataclass(frozen=True, slots=True)
class GenrePiece:
    """A piece with a known genre.

    Attributes:
        name: Its name, unique in the set.
        genre: Its genre.
        score: Makes its score for one of several ensembles; the same number always gives the same score.
    """

    name: str
    genre: Genre
    score: Callable[[int], Score]


def is_held_out(name: str) -> bool:
    """Whether a series of pieces is held out: about a third is, by a hash of the name."""
    return _hash(name) % 3 == 0


def held_out_names(pieces: Sequence[GenrePiece]) -> frozenset[str]:
    """The names of the pieces that nothing is fitted to: of each genre the third whose names have the lowest hashes."""
    names: set[str] = set()
    for genre in Genre:
        ordered = sorted((piece.name for piece in pieces if piece.genre is genre), key=_hash)
        names.update(ordered[: round(len(ordered) / 3)])
    return frozenset(names)


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
