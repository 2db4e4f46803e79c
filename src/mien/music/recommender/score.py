"""Scores candidate tracks for one place of a list: the terms of their utility, in units of the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.index import UNKNOWN_KEY, TrackIndex
from mien.music.recommender.timetable import TimetableSlot
from mien.types import Mood

STEP: Final = 0.25
TEMPO: Final = 0.3
KEY: Final = 0.05
ARTIST: Final = 0.6
ALBUM: Final = 0.1
FADE: Final = 0.85
PLAYED: Final = 1.5
PLAYED_HALF_LIFE: Final = 15.0
DOUBT: Final = 0.5
LIKENESS: Final = 0.5
LENGTH: Final = 0.8

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class UtilityTerms:
    """The terms of each candidate's utility without taste: float64 [n] each, negative for a loss.

    - ``fit``: minus the distance from the mood of this place.
    - ``step``: -0.25 times the distance from the track before, moved as the moods of the places move.
    - ``tempo``: -0.3 times the octaves between its tempo and that of the track before, at most one; 0 if one is
      unknown.
    - ``key``: -0.05 times the clash of its key with that of the track before.
    - ``spacing``: -0.6 directly after a track by the same artist and -0.1 more after one of the same album, times 0.85
      for each place between; less, by the square of the artist's share of all tracks, since an artist of most tracks
      cannot be spaced.
    - ``again``: -1.5 if it was the last track played, half as much for every 15 played since.
    - ``doubt``: -0.5 times the square of 1 - confidence, so that noises and jingles come after music.
    - ``likeness``: -0.5 times its difference from the most similar of the tracks to resemble.
    - ``length``: at the last three places of a list with a length, how far the track's length is from an even share of
      the time left, in lengths of a typical track, at most one: -0.8 times that at the last place, half and a third of
      it at the two before.
    """

    fit: _Values
    step: _Values
    tempo: _Values
    key: _Values
    spacing: _Values
    again: _Values
    doubt: _Values
    likeness: _Values
    length: _Values

    @property
    def total(self) -> _Values:
        """The utility of each candidate."""
        terms = (getattr(self, term.name) for term in fields(self))
        total: _Values = np.add.reduce(list(terms))
        return total


class ListSlot(NamedTuple):
    """A place of the list: its mood, the mood of the place before, and its slot in the timetable."""

    mood: Mood
    before: Mood
    timing: TimetableSlot


class TrackScorer:
    """Scores the tracks of an index for the places of one list, in order.

    Attributes:
        picked: The rows picked so far.
        typical_s: The length of a typical track.
    """

    def __init__(self, track_index: TrackIndex, *, history: Sequence[str] = (), like: Sequence[str] = ()) -> None:
        """Prepare for one list.

        Args:
            track_index: The tracks.
            history: Ids of played tracks, the latest last.
            like: Ids of tracks to resemble.
        """
        self.picked: list[int] = []
        self._track_index = track_index
        self._again = np.zeros(len(track_index))
        for since, name in reversed(list(enumerate(reversed(history)))):  # the last play of a track counts
            if name in track_index.row_of:
                self._again[track_index.row_of[name]] = -PLAYED * 0.5 ** (since / PLAYED_HALF_LIFE)
        self._like = track_index.rows_of(like)
        # The place, counted from 1, of the last pick of each artist and each album; 0 for none.
        self._artist_at = np.zeros(len(track_index.crowding), np.int64)
        self._album_at = np.zeros(len(track_index), np.int64)
        known = track_index.durations[:_SAMPLE][track_index.durations[:_SAMPLE] > 0]
        self.typical_s = float(np.median(known)) if known.size else _TYPICAL_S

    def pick(self, row: int) -> None:
        """Pick a row for the next place."""
        self.picked.append(row)
        self._artist_at[self._track_index.artists[row]] = self._album_at[self._track_index.albums[row]] = len(
            self.picked
        )

    def score(self, rows: _Rows, slot: ListSlot) -> UtilityTerms:
        """The utility terms of rows at the next place."""
        track_index = self._track_index
        places = track_index.places[rows]
        nothing = np.zeros(len(rows))
        first = not self.picked
        return UtilityTerms(
            fit=-distance(places, _point(slot.mood)),
            step=nothing if first else self._step(places, slot),
            tempo=nothing if first else -TEMPO * tempo_jump(track_index, rows, self.picked[-1]),
            key=nothing if first else -KEY * key_clash(track_index.keys[rows], int(track_index.keys[self.picked[-1]])),
            spacing=nothing if first else self._spacing(rows),
            again=self._again[rows],
            doubt=-DOUBT * np.square(track_index.doubts[rows], dtype=np.float64),
            likeness=self._likeness(rows, places) if self._like.size else nothing,
            length=self._length(rows, slot.timing) if slot.timing.left_places else nothing,
        )

    def _step(self, places: _Values, slot: ListSlot) -> _Values:
        moved = _point(slot.mood) - _point(slot.before)
        return -STEP * distance(places, self._track_index.places[self.picked[-1]] + moved)

    def _spacing(self, rows: _Rows) -> _Values:
        artists, albums = self._track_index.artists[rows], self._track_index.albums[rows]
        crowd = ARTIST * self._faded(self._artist_at[artists]) + ALBUM * self._faded(self._album_at[albums])
        return -crowd * self._track_index.crowding[artists]

    def _faded(self, last_at: NDArray[np.int64]) -> _Values:
        """1 if picked at the place before, less the longer ago it was, 0 for never."""
        return np.where(last_at > 0, FADE ** (len(self.picked) - last_at), 0.0)

    def _likeness(self, rows: _Rows, places: _Values) -> _Values:
        apart = [dissimilarity(self._track_index, rows, places, int(row)) for row in self._like]
        least: _Values = np.minimum.reduce(apart)
        return -LIKENESS * least

    def _length(self, rows: _Rows, stop: TimetableSlot) -> _Values:
        durations = self._track_index.durations[rows].astype(np.float64)
        lasting = np.where(durations > 0, durations, self.typical_s)
        missed = np.abs(lasting - stop.left_s / stop.left_places) / self.typical_s
        return -LENGTH / stop.left_places * np.minimum(1.0, missed)


_SAMPLE: Final = 10_000
_TYPICAL_S: Final = 210.0


def distance(places: _Values, point: _Values) -> _Values:
    """The distances of places [n, 2] from a point [2] of the plane: float64 [n]."""
    apart = places - point
    far: _Values = np.sqrt(apart[:, 0] ** 2 + apart[:, 1] ** 2)
    return far


def tempo_jump(track_index: TrackIndex, rows: _Rows, previous: int) -> _Values:
    """The octaves between the tempos of rows and that of another row.

    Args:
        track_index: The tracks.
        rows: int [n].
        previous: The other row.

    Returns:
        float64 [n], 0..1; 0 if either has no beat.
    """
    apart = np.abs(track_index.tempos[rows] - np.float64(track_index.tempos[previous]))
    return np.where(np.isnan(apart), 0.0, np.minimum(1.0, apart))


def key_clash(keys: NDArray[np.int8], previous: int) -> _Values:
    """How much keys clash with another: 0 for equal, relative and neighbouring keys, 1 for opposite ones.

    Keys are steps on the circle of fifths; an unknown key clashes with none.
    """
    apart = np.abs(keys.astype(np.intp) - previous)
    steps = np.minimum(apart, 12 - apart)
    known = (keys != UNKNOWN_KEY) & (previous != UNKNOWN_KEY)
    return np.where(known, np.maximum(0, steps - 1) / 5, 0.0)


def dissimilarity(track_index: TrackIndex, rows: _Rows, places: _Values, other: int) -> _Values:
    """How much rows differ from another row.

    A third each: the distance on the plane (at most 1), the octaves between the tempos (at most 1), and 1 minus the
    cosine of their word counts. The same artist halves it.

    Args:
        track_index: The tracks.
        rows: int [n].
        places: The places of ``rows`` on the plane, float64 [n, 2].
        other: The other row.

    Returns:
        float64 [n], 0..1.
    """
    words = track_index.words[rows].astype(np.float64)
    sought = track_index.words[other].astype(np.float64)
    norms = np.linalg.norm(words, axis=1) * np.linalg.norm(sought)
    cosine = np.divide(words @ sought, norms, out=np.zeros(len(rows)), where=norms > 0)
    apart = np.minimum(1.0, distance(places, track_index.places[other]))
    differs = (apart + tempo_jump(track_index, rows, other) + 1 - cosine) / 3
    less: _Values = np.where(track_index.artists[rows] == track_index.artists[other], differs / 2, differs)
    return less


def _point(mood: Mood) -> _Values:
    return np.array((mood.valence, mood.arousal))
