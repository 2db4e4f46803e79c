"""Builds the list of one recommendation, track by track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.differences import distance
from mien.music.recommender.duplicates import same_recordings
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal
from mien.music.recommender.index import UNKNOWN_KEY, TrackIndex
from mien.music.recommender.likeness import Resemblance
from mien.music.recommender.nearest_first import balanced, is_short, max_short, nearest
from mien.music.recommender.preference import PreferenceScores
from mien.music.recommender.reasons import ReasonInputs, reasons
from mien.music.recommender.route import Route
from mien.music.recommender.score import KEY_WEIGHT, TEMPO_WEIGHT, ListSlot, TrackScorer, UtilityTerms
from mien.music.recommender.taste import PosteriorSamples
from mien.music.recommender.timetable import Timetable, TimetableSlot
from mien.types import Mood, Pick, Station

_CANDIDATES: Final = 512
_LIKE_CANDIDATES: Final = 1024
_PREFERRED_CANDIDATES: Final = 1024
_MIN_NOISE: Final = 0.02
_NOISE_SHARE: Final = 1 / 8
_BASELINE_SHARE: Final = 0.1

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]


class ListBuilder:
    """Builds one list, track by track: see ``recommend.recommend``.

    Args:
        track_index: The tracks to choose from.
        route: The mood at each position.
        goal: Where the list leads.
        track_filter: Conditions for the picks.
        preference: What the picks should have besides the mood.
        resemblance: What the picks should be like.
        history: Ids of played tracks, oldest first.
        samples: Samples of the listener's taste.
        rng: The source of randomness; None picks the best.
        shows_fit: Whether the distance from the route's mood is a reason for a pick.
    """

    def __init__(
        self,
        track_index: TrackIndex,
        *,
        route: Route,
        goal: Goal = Goal.MATCH,
        track_filter: TrackFilter,
        preference: PreferenceScores | None = None,
        resemblance: Resemblance | None = None,
        history: Sequence[str],
        samples: PosteriorSamples | None,
        rng: np.random.Generator | None,
        shows_fit: bool = True,
    ) -> None:
        self._track_index = track_index
        self._route = route
        self._goal = goal
        self._samples = samples
        self._rng = rng
        self._shows_fit = shows_fit
        self._preference = preference
        self._resemblance = resemblance
        preferences = None if preference is None else preference.utilities
        self._scorer = TrackScorer(track_index, history=history, preferences=preferences)
        allowed = _all_of(track_filter.allowed(track_index), None if preference is None else preference.allowed)
        self._preferred = np.zeros(0, np.intp) if preference is None else preference.best(_PREFERRED_CANDIDATES)
        if allowed is not None:
            self._preferred = self._preferred[allowed[self._preferred]]
        self._allowed = allowed
        self._grid = track_index.grid if allowed is None else track_index.grid_of(allowed)
        self._short = is_short(track_index.durations)
        # The songs that were picked or must not be.
        self._excluded = np.zeros(len(track_index), np.bool_)
        self._exclude(track_index.rows_of(track_filter.never))
        if resemblance is not None:
            self._exclude(resemblance.excluded)

    def station(self, max_tracks: int, length_s: float | None) -> Station:
        """At most ``max_tracks`` picks that last about ``length_s``."""
        resemblance = self._resemblance
        first, last = (None, None) if resemblance is None else (resemblance.first, resemblance.last)
        if last is not None:
            max_tracks -= 1
            length_s = None if length_s is None else length_s - self._duration_s([last])
        available = self._grid.rows.size + (first is not None)
        timetable = Timetable(min(max_tracks, available), length_s, self._scorer.typical_s)
        # The last track of a path comes after those that the timetable knows of.
        covered = 1.0 if last is None else 1 - 1 / max(timetable.expected, 1)
        moods: list[Mood] = []
        picks: list[Pick] = []
        while (timing := timetable.slot(len(picks), self._duration_s(self._scorer.picked))) is not None:
            timing = timing._replace(progress=covered * timing.progress)
            slot = self._slot(timing, moods)
            rows = self._rows(slot, timetable.expected) if first is None or picks else np.array([first], np.intp)
            if not rows.size:
                break
            picks.append(self._pick(self._draw(rows, slot, timetable.expected), slot))
            moods.append(slot.mood)
        if last is not None:
            slot = self._slot(TimetableSlot(1.0), moods)
            picks.append(self._pick(self._draw(np.array([last], np.intp), slot, 1), slot))
            moods.append(slot.mood)
        return Station(target=self._route.end, route=tuple(moods), picks=tuple(picks))

    def _slot(self, timing: TimetableSlot, moods: Sequence[Mood]) -> ListSlot:
        """The next position, after positions with ``moods``."""
        mood = self._route.at(timing.progress)
        if self._resemblance is not None:
            self._scorer.likeness = self._resemblance.at(timing.progress)
        return ListSlot(mood, moods[-1] if moods else mood, timing)

    def _exclude(self, rows: _Rows) -> None:
        """Pick none of these songs, nor another file of the same recordings."""
        track_index = self._track_index
        for row in rows.tolist():
            self._excluded[track_index.songs[row]] = True
            self._excluded[track_index.songs[same_recordings(track_index, row)]] = True

    def _rows(self, slot: ListSlot, expected: int) -> _Rows:
        """The rows among which the draw for a position is."""
        return self._narrowed(self._candidates(slot.mood, expected), slot.mood, expected)

    def _duration_s(self, rows: Sequence[int]) -> float:
        """The length of rows together; a row of unknown length counts as a typical one."""
        durations = self._track_index.durations[np.asarray(rows, np.intp)]
        return float(np.where(durations > 0, durations, self._scorer.typical_s).sum())

    def _candidates(self, mood: Mood, expected: int) -> _Rows:
        """The rows near a mood that may be picked; all such rows if none is left near it."""
        near = self._grid.near(mood.valence, mood.arousal, _CANDIDATES + expected)
        if self._preferred.size:
            near = np.union1d(near, self._preferred)
        if self._scorer.likeness is not None:
            alike = self._scorer.likeness.nearest(_LIKE_CANDIDATES)
            near = np.union1d(near, alike if self._allowed is None else alike[self._allowed[alike]])
        rows = near[~self._excluded[self._track_index.songs[near]]]
        return rows if rows.size else self._grid.rows[~self._excluded[self._track_index.songs[self._grid.rows]]]

    def _narrowed(self, rows: _Rows, mood: Mood, expected: int) -> _Rows:
        """The rows among which the draw is: see ``nearest_first``."""
        if self._scorer.likeness is not None or self._preference is not None or not rows.size:
            return rows
        picked_short = [bool(self._short[row]) for row in self._scorer.picked]
        if sum(picked_short) >= max_short(expected):
            rows = self._songs(rows)
        apart = distance(self._track_index.points[rows], np.array((mood.valence, mood.arousal)))
        rows = rows[nearest(apart, self._scorer.plays_since[rows])]
        narrowed: _Rows = rows[balanced(self._short[rows], picked_short)]
        return narrowed

    def _songs(self, rows: _Rows) -> _Rows:
        """The rows that are songs; if there are none, all songs that are left; if there are none either, the rows."""
        for choice in (rows, self._grid.rows[~self._excluded[self._track_index.songs[self._grid.rows]]]):
            songs = choice[~self._short[choice]]
            if songs.size:
                return songs
        return rows

    def _draw(self, rows: _Rows, slot: ListSlot, expected: int) -> _Chosen:
        """Draw a track for a position among rows, and take it."""
        terms = self._scorer.score(rows, slot)
        base = terms.total
        taste = self._samples.utilities(rows, slot.mood) if self._samples is not None else np.zeros((1, rows.size))
        if self._rng is None:
            index = int(np.argmax(base + taste.mean(axis=0)))
            propensity, baseline = 1.0, float(index == int(np.argmax(base)))
        else:
            noise = _noise_scale(-terms.fit, expected)
            without_taste = _softmax(base / noise)
            probabilities = without_taste
            if self._samples is not None:
                probabilities = (1 - _BASELINE_SHARE) * _softmax((base + taste) / noise).mean(
                    axis=0
                ) + _BASELINE_SHARE * without_taste
            cumulative = np.cumsum(probabilities)
            index = int(np.searchsorted(cumulative, cumulative[-1] * self._rng.random(), side="right"))
            propensity, baseline = float(probabilities[index]), float(without_taste[index])
        row = int(rows[index])
        self._scorer.pick(row)
        self._exclude(rows[[index]])
        return _Chosen(row, index, terms, float(base[index] + taste[:, index].mean()), propensity, baseline)

    def _pick(self, chosen: _Chosen, slot: ListSlot) -> Pick:
        track = self._track_index.tracks[chosen.row]
        if track.features is None:
            raise ValueError("the index contains a track without features")
        track_index, picked = self._track_index, self._scorer.picked
        previous = picked[-2] if len(picked) > 1 else None
        keyed = previous is not None and UNKNOWN_KEY not in (track_index.keys[previous], track_index.keys[chosen.row])
        paced = previous is not None and not np.isnan(track_index.tempos[[previous, chosen.row]]).any()
        terms, likeness = chosen.terms, self._scorer.likeness
        inputs = ReasonInputs(
            goal=self._goal,
            leads_to="" if self._resemblance is None else self._resemblance.leads_to,
            progress=self._route.progress(slot.timing.progress),
            distance=-float(terms.fit[chosen.position]) if self._shows_fit else None,
            played_penalty=-float(terms.recency[chosen.position]),
            tempo_octaves=-float(terms.tempo[chosen.position]) / TEMPO_WEIGHT if paced else None,
            key_clash=-float(terms.key[chosen.position]) / KEY_WEIGHT if keyed else None,
            difference=None if likeness is None else float(likeness.differences[chosen.row]),
            met=self._preference.met(chosen.row) if self._preference is not None else (),
            taste=self._samples.parts(chosen.row, slot.mood) if self._samples is not None else {},
        )
        score = float(np.exp(min(0.0, chosen.utility)))
        return Pick(track, score, chosen.propensity, reasons(track.features, inputs), chosen.baseline_propensity)


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """The chosen row, its position among the candidates, and its numbers."""

    row: int
    position: int
    terms: UtilityTerms
    utility: float
    propensity: float
    baseline_propensity: float


def _all_of(*masks: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """The rows that all masks allow; None stands for every row."""
    given = [mask for mask in masks if mask is not None]
    if not given:
        return None
    allowed: NDArray[np.bool_] = np.logical_and.reduce(given)
    return allowed


def _noise_scale(distances: _Values, count: int) -> float:
    nearest = np.sort(distances)[:count]
    return max(_MIN_NOISE, _NOISE_SHARE * float(np.ptp(nearest)))


def _softmax(utilities: _Values) -> _Values:
    """Probabilities along the last axis."""
    weights = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    shares: _Values = weights / weights.sum(axis=-1, keepdims=True)
    return shares
