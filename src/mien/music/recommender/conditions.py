"""Conditions on tracks besides the mood, such as an instrument or a decade, each met in part or in full."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.music.names import artist_forms, comparison_form, comparison_words
from mien.music.recommender.differences import distance
from mien.music.recommender.index import UNKNOWN_KEY, TrackIndex

Fit = NDArray[np.float64]
"""How well each track meets a condition, 0..1: float64 [n]; from a half on it counts as met."""

_NO_BEAT_FIT: Final = 0.4
_TAG_FIT: Final = 0.7
_TAG_STEP: Final = 0.08
_CLEAR_TAG: Final = 1 - 2.5 * _TAG_STEP
_AVOIDED_RADIUS: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackCondition(ABC):
    """A condition that tracks meet more or less.

    Attributes:
        label: Its words for people, such as "no vocals".
        negated: Whether the opposite is wanted.
        required: Whether a track that does not meet it must not be picked, provided that any track meets it.
        weight: What a track that does not meet it at all loses, in units of the plane.
    """

    label: str
    negated: bool = False
    required: bool = False
    weight: float = 0.7

    def fit(self, track_index: TrackIndex) -> Fit:
        """How well each track meets the condition."""
        measured = self._measure(track_index)
        fitting: Fit = 1 - measured if self.negated else measured
        return fitting

    @abstractmethod
    def _measure(self, track_index: TrackIndex) -> Fit:
        """How well each track meets the condition if it were not negated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCondition(TrackCondition):
    """A sound: MusiCNN found one of ``tags`` in the track, the more certain the better."""

    tags: tuple[str, ...]

    def _measure(self, track_index: TrackIndex) -> Fit:
        return tag_strengths(track_index, self.tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenreCondition(TrackCondition):
    """A genre: one of the track's genres has all words of one of ``groups``.

    If the track states no genre, one of ``tags`` is among the three that MusiCNN is most certain of.
    """

    groups: tuple[frozenset[str], ...]
    tags: tuple[str, ...] = ()

    def _measure(self, track_index: TrackIndex) -> Fit:
        words = [[comparison_words(name) for name in names] for names in track_index.genres_of_set]
        named = [any(group <= one for group in self.groups for one in several) for several in words]
        stated = np.array([bool(names) for names in track_index.genres_of_set], np.bool_)[track_index.genre_sets]
        heard = np.where(tag_strengths(track_index, self.tags) >= _CLEAR_TAG, _TAG_FIT, 0.0)
        fit: Fit = np.where(stated, np.array(named, np.float64)[track_index.genre_sets], heard)
        return fit


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoCondition(TrackCondition):
    """A tempo from ``low_bpm`` to ``high_bpm``; a quarter of an octave beyond, it is not met at all."""

    low_bpm: float
    high_bpm: float

    def _measure(self, track_index: TrackIndex) -> Fit:
        low, high = np.log2([max(self.low_bpm, 1.0), self.high_bpm])
        tempos = track_index.tempos.astype(np.float64)
        beyond = np.maximum(0, np.maximum(low - tempos, tempos - high))
        fit: Fit = np.where(np.isnan(tempos), _NO_BEAT_FIT, np.maximum(0, 1 - 4 * beyond))
        return fit


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCondition(TrackCondition):
    """A mode, or a key if ``tonic`` is given, in semitones from C."""

    minor: bool
    tonic: int | None = None

    def _measure(self, track_index: TrackIndex) -> Fit:
        features = [track.features for track in track_index.tracks]
        known = track_index.keys != UNKNOWN_KEY
        mode = np.array([found is not None and found.minor is self.minor for found in features], np.bool_)
        tonic = np.array([self.tonic is None or (found and found.tonic == self.tonic) for found in features], np.bool_)
        fit: Fit = (known & mode & tonic).astype(np.float64)
        return fit


@dataclass(frozen=True, slots=True, kw_only=True)
class YearCondition(TrackCondition):
    """A year of release from ``first`` to ``last``."""

    first: int
    last: int

    def _measure(self, track_index: TrackIndex) -> Fit:
        years = np.array([track.year or 0 for track in track_index.tracks])
        return ((years >= self.first) & (years <= self.last) & (years > 0)).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageCondition(TrackCondition):
    """A language that the tags state, as one of several codes and names in lower case."""

    languages: frozenset[str]

    def _measure(self, track_index: TrackIndex) -> Fit:
        named = [bool(comparison_words(name) & self.languages) for name in track_index.language_names]
        return np.array(named, np.float64)[track_index.languages]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistCondition(TrackCondition):
    """An artist, alone or among others."""

    artist: str

    def _measure(self, track_index: TrackIndex) -> Fit:
        wanted = comparison_form(self.artist)
        # Of a million tracks, far fewer artists differ.
        named = {artist for artist in {track.artist for track in track_index.tracks} if wanted in artist_forms(artist)}
        return np.array([track.artist in named for track in track_index.tracks], np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationCondition(TrackCondition):
    """A length from ``shortest_s`` to ``longest_s``."""

    shortest_s: float
    longest_s: float

    def _measure(self, track_index: TrackIndex) -> Fit:
        durations = track_index.durations
        inside = (durations > 0) & (durations >= self.shortest_s) & (durations <= self.longest_s)
        fit: Fit = inside.astype(np.float64)
        return fit


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSetCondition(TrackCondition):
    """Certain tracks, by their ids."""

    ids: frozenset[str]

    def _measure(self, track_index: TrackIndex) -> Fit:
        inside = np.zeros(len(track_index))
        inside[track_index.rows_of(self.ids)] = 1
        return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class PointCondition(TrackCondition):
    """A place near a point of the plane."""

    valence: float
    arousal: float

    def _measure(self, track_index: TrackIndex) -> Fit:
        apart = distance(track_index.points, np.array((self.valence, self.arousal)))
        near: Fit = np.maximum(0, 1 - apart / _AVOIDED_RADIUS)
        return near


def tag_strengths(track_index: TrackIndex, tags: Iterable[str]) -> Fit:
    """How surely each track has one of ``tags``: 1 if one is its most certain tag, 0 if it has none."""
    wanted = frozenset(tags)
    strengths = np.zeros(len(track_index))
    if not wanted:
        return strengths
    for row, track in enumerate(track_index.tracks):
        heard = track.features.tags if track.features is not None else ()
        at = next((position for position, tag in enumerate(heard) if tag.casefold() in wanted), None)
        if at is not None:
            strengths[row] = max(0.5, 1 - _TAG_STEP * at)
    return strengths
