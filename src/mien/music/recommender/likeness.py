"""What the picks of a list should be like: tracks to resemble, the two ends of a path, or the seeds of a radio."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.differences import dissimilarity
from mien.music.recommender.index import TrackIndex

DISSIMILARITY_WEIGHT: Final = 0.5
"""The loss of a track that is entirely unlike all tracks to resemble, if their sounds are unknown."""

SOUND_WEIGHT: Final = 9.0
"""The loss of a track that sounds like the opposite of all tracks to resemble; half of it for any other music."""

PATH_WEIGHT: Final = 1.0
"""The loss of a track that sounds like one end of a path where it should be like the other, if these are opposites."""

_LIKE_SPACING: Final = 0.4
_RADIO_WEIGHT: Final = 0.4
_SEED_BONUS: Final = 0.3

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]


class Likeness(NamedTuple):
    """How much each row of an index is like what to resemble.

    Attributes:
        differences: The least difference to any of it, float64 [n], 0..1: (1 - ``SoundIndex.similarities``) / 2 where
            the sounds are known, else ``dissimilarity``.
        losses: ``SOUND_WEIGHT`` · the difference where the sounds are known. Other tracks are taken to sound like most
            tracks, and lose ``DISSIMILARITY_WEIGHT`` · the difference besides.
        spacing: The factor for the losses for artist and album: what is alike is often theirs.
    """

    differences: _Values
    losses: _Values
    spacing: float = _LIKE_SPACING

    @classmethod
    def to(cls, track_index: TrackIndex, liked: _Rows) -> Likeness:
        """How much each row is like ``liked``, at least one row."""
        sounds = track_index.sounds
        heard = liked[sounds.known[liked]]
        known = sounds.known if heard.size else np.zeros(len(track_index), np.bool_)
        alike = sounds.similarities(heard).max(axis=1, initial=-1)
        differences = (1 - alike.astype(np.float64)) / 2
        losses = SOUND_WEIGHT * differences
        rest = np.flatnonzero(~known)
        if rest.size:
            points = track_index.points[rest]
            differences[rest] = np.minimum.reduce(
                [dissimilarity(track_index, rest, points, row) for row in liked.tolist()]
            )
            typical = float(losses[known].mean()) if known.any() else 0.0
            losses[rest] = typical + DISSIMILARITY_WEIGHT * differences[rest]
        return cls(differences, losses)

    def weighted(self, weight: float) -> Likeness:
        """The same with less weight, so that the other terms and the spacing of artists count more."""
        return Likeness(self.differences, weight * self.losses, spacing=1.0)

    def towards(self, other: Likeness, apart: float, share: float) -> Likeness:
        """What to be like on the way to another, with ``share``, 0..1, of it covered.

        How far a track is on the way is its difference to the one end less that to the other. It loses
        ``PATH_WEIGHT`` · how far that is from where it should be, and ``DISSIMILARITY_WEIGHT`` · its difference to the
        nearer end.

        Args:
            other: The likeness to the other end.
            apart: The difference of both ends.
            share: How much of the way is covered.
        """
        off = np.abs(self.differences - other.differences - apart * (2 * share - 1))
        nearer = np.minimum(self.differences, other.differences)
        return Likeness(nearer, PATH_WEIGHT * off + DISSIMILARITY_WEIGHT * nearer, spacing=1.0)

    def nearest(self, count: int) -> _Rows:
        """The ``count`` rows that are most alike, in any order."""
        if count >= len(self.losses):
            return np.arange(len(self.losses))
        return np.argpartition(self.losses, count)[:count]


@dataclass(frozen=True, slots=True, eq=False)
class Resemblance:
    """What the picks of one list should be like.

    Attributes:
        start: What they should be like at the beginning.
        end: What they should be like at the end; None for the same.
        excluded: The rows that are not picked.
        first: The row that the list begins with, if any.
        last: The row that the list ends with, if any.
        leads_to: The title of the last track, if there is one.
    """

    start: Likeness
    end: Likeness | None = None
    excluded: _Rows = field(default_factory=lambda: np.zeros(0, np.intp))
    first: int | None = None
    last: int | None = None
    leads_to: str = ""

    @classmethod
    def to(cls, track_index: TrackIndex, liked: _Rows) -> Resemblance:
        """More like some tracks, which are not picked themselves."""
        return cls(Likeness.to(track_index, liked), excluded=liked)

    @classmethod
    def between(cls, track_index: TrackIndex, first: int, last: int) -> Resemblance:
        """A path from one track to another.

        Args:
            track_index: The tracks.
            first: The row that it begins with.
            last: The row that it ends with.
        """
        start, end = (Likeness.to(track_index, np.array([row], np.intp)) for row in (first, last))
        ends = np.array([first, last], np.intp)
        title = track_index.tracks[last].title
        return cls(start, end, excluded=ends, first=first, last=last, leads_to=title)

    @classmethod
    def around(cls, track_index: TrackIndex, seeds: _Rows, *, begin: bool) -> Resemblance:
        """A radio: like any of the seeds, which may be picked as well as what is most like them.

        Args:
            track_index: The tracks.
            seeds: At least one row.
            begin: Whether the list begins with the first seed.
        """
        radio = Likeness.to(track_index, seeds).weighted(_RADIO_WEIGHT)
        others = np.delete(radio.losses, seeds)
        radio.losses[seeds] = (others.min() if others.size else 0.0) - _SEED_BONUS
        first = int(seeds[0]) if begin else None
        excluded = seeds[:1] if begin else seeds[:0]
        return cls(radio, excluded=excluded, first=first)

    def at(self, progress: float) -> Likeness:
        """What the picks should be like at ``progress``, 0..1, of the list."""
        if self.end is None or self.last is None:
            return self.start
        return self.start.towards(self.end, float(self.start.differences[self.last]), progress)
