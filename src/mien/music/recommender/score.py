"""Scores candidate tracks for one position of a list: the terms of their utility, in units of the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.differences import distance, key_clash, tempo_jump
from mien.music.recommender.duplicates import same_recordings
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.likeness import Likeness
from mien.music.recommender.timetable import TimetableSlot
from mien.types import Mood

STEP_WEIGHT: Final = 0.25
"""The loss per unit of distance from the point that continues the previous track in parallel to the route."""

TEMPO_WEIGHT: Final = 0.3
"""The loss per octave of tempo between neighbouring tracks."""

KEY_WEIGHT: Final = 0.05
"""The loss for opposite keys of neighbouring tracks."""

ARTIST_WEIGHT: Final = 0.6
"""The loss directly after a track by the same artist."""

ALBUM_WEIGHT: Final = 0.1
"""The further loss directly after a track of the same album."""

SPACING_DECAY: Final = 0.85
"""The factor by which the losses for artist and album shrink with each position in between."""

RECENCY_WEIGHT: Final = 1.5
"""The loss of the track that was played last."""

RECENCY_HALF_LIFE: Final = 15.0
"""The number of plays after which ``RECENCY_WEIGHT`` has halved."""

UNCERTAINTY_WEIGHT: Final = 0.5
"""The loss of a track whose arousal has confidence 0, so that noises and jingles come after music."""

LENGTH_WEIGHT: Final = 0.8
"""The loss of a last track that misses the wanted length of the list by a typical track or more."""

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class UtilityTerms:
    """The terms of each candidate's utility without taste: float64 [n] each, negative for a loss.

    d is the distance on the plane, m the mood of this position, m' that of the previous one, p the candidate's point,
    p' that of the previous track. The terms for neighbours are 0 for the first track.

    Attributes:
        fit: -d(p, m).
        step: -``STEP_WEIGHT`` · d(p, p' + m - m').
        tempo: -``TEMPO_WEIGHT`` · ``tempo_jump``.
        key: -``KEY_WEIGHT`` · ``key_clash``.
        spacing: -(``ARTIST_WEIGHT`` · ``SPACING_DECAY``^i + ``ALBUM_WEIGHT`` · ``SPACING_DECAY``^j) · (1 - q²), with i
            and j positions since the last track by the artist and of the album, q the artist's share of all tracks;
            times ``Likeness.spacing`` if there are tracks to resemble.
        recency: -``RECENCY_WEIGHT`` · 2^(-plays since its last / ``RECENCY_HALF_LIFE``).
        uncertainty: -``UNCERTAINTY_WEIGHT`` · (1 - confidence)².
        dissimilarity: -``Likeness.losses``.
        preference: ``PreferenceScores.utilities``.
        length: -``LENGTH_WEIGHT`` / k · min(1, |its length - time left / k| / length of a typical track), at the last
            k = 3, 2, 1 positions of a list with a length; 0 before.
    """

    fit: _Values
    step: _Values
    tempo: _Values
    key: _Values
    spacing: _Values
    recency: _Values
    uncertainty: _Values
    dissimilarity: _Values
    length: _Values
    preference: _Values

    @property
    def total(self) -> _Values:
        """The utility of each candidate."""
        terms = (getattr(self, term.name) for term in fields(self))
        total: _Values = np.add.reduce(list(terms))
        return total


class ListSlot(NamedTuple):
    """A position of the list: its mood, the mood of the previous position, and its slot in the timetable."""

    mood: Mood
    before: Mood
    timing: TimetableSlot


class TrackScorer:
    """Scores the tracks of an index for the positions of one list, in order.

    Attributes:
        picked: The rows picked so far.
        typical_s: The length of a typical track.
        likeness: How much each row is like what to resemble at the next position; None without anything.
        plays_since: How many plays ago each row was played, under whatever name: 0 for the last play, infinity if it
            never was, float64 [rows].
    """

    def __init__(
        self,
        track_index: TrackIndex,
        *,
        history: Sequence[str] = (),
        preferences: _Values | None = None,
    ) -> None:
        """Prepare for one list.

        Args:
            track_index: The tracks.
            history: Ids of played tracks, oldest first.
            preferences: What each row loses by a preference, float64 [n]; None without one.
        """
        self.picked: list[int] = []
        self._track_index = track_index
        self.plays_since = np.full(len(track_index), np.inf)
        for since, name in reversed(list(enumerate(reversed(history)))):  # the last play of a track counts
            if name in track_index.row_of:
                row = track_index.row_of[name]
                self.plays_since[row] = since
                if since < _RECENT:
                    self.plays_since[same_recordings(track_index, row)] = since
        self._preferences = np.zeros(len(track_index)) if preferences is None else preferences
        self.likeness: Likeness | None = None
        # The position, counted from 1, of the last pick of each artist and each album; 0 if there is none.
        self._artist_at = np.zeros(len(track_index.spacing_factor), np.int64)
        self._album_at = np.zeros(len(track_index), np.int64)
        known = track_index.durations[:_SAMPLE][track_index.durations[:_SAMPLE] > 0]
        self.typical_s = float(np.median(known)) if known.size else _TYPICAL_S

    def pick(self, row: int) -> None:
        """Pick a row for the next position."""
        self.picked.append(row)
        self._artist_at[self._track_index.artists[row]] = self._album_at[self._track_index.albums[row]] = len(
            self.picked
        )

    def score(self, rows: _Rows, slot: ListSlot) -> UtilityTerms:
        """The utility terms of rows at the next position."""
        track_index = self._track_index
        points = track_index.points[rows]
        nothing = np.zeros(len(rows))
        first = not self.picked
        return UtilityTerms(
            fit=-distance(points, _point(slot.mood)),
            step=nothing if first else self._step(points, slot),
            tempo=nothing if first else -TEMPO_WEIGHT * tempo_jump(track_index, rows, self.picked[-1]),
            key=nothing
            if first
            else -KEY_WEIGHT * key_clash(track_index.keys[rows], int(track_index.keys[self.picked[-1]])),
            spacing=nothing if first else self._spacing(rows),
            recency=-RECENCY_WEIGHT * 0.5 ** (self.plays_since[rows] / RECENCY_HALF_LIFE),
            uncertainty=-UNCERTAINTY_WEIGHT * np.square(track_index.uncertainties[rows], dtype=np.float64),
            dissimilarity=nothing if self.likeness is None else -self.likeness.losses[rows],
            length=self._length(rows, slot.timing) if slot.timing.left_slots else nothing,
            preference=self._preferences[rows],
        )

    def _step(self, points: _Values, slot: ListSlot) -> _Values:
        moved = _point(slot.mood) - _point(slot.before)
        return -STEP_WEIGHT * distance(points, self._track_index.points[self.picked[-1]] + moved)

    def _spacing(self, rows: _Rows) -> _Values:
        artists, albums = self._track_index.artists[rows], self._track_index.albums[rows]
        crowd = ARTIST_WEIGHT * self._faded(self._artist_at[artists]) + ALBUM_WEIGHT * self._faded(
            self._album_at[albums]
        )
        factor = 1.0 if self.likeness is None else self.likeness.spacing
        return -factor * crowd * self._track_index.spacing_factor[artists]

    def _faded(self, last_at: NDArray[np.int64]) -> _Values:
        """1 if picked at the previous position, less the longer ago it was, 0 if never picked."""
        return np.where(last_at > 0, SPACING_DECAY ** (len(self.picked) - last_at), 0.0)

    def _length(self, rows: _Rows, timing: TimetableSlot) -> _Values:
        durations = self._track_index.durations[rows].astype(np.float64)
        lasting = np.where(durations > 0, durations, self.typical_s)
        missed = np.abs(lasting - timing.left_s / timing.left_slots) / self.typical_s
        return -LENGTH_WEIGHT / timing.left_slots * np.minimum(1.0, missed)


_SAMPLE: Final = 10_000
_RECENT: Final = 2 * RECENCY_HALF_LIFE
_TYPICAL_S: Final = 210.0


def _point(mood: Mood) -> _Values:
    return np.array((mood.valence, mood.arousal))
