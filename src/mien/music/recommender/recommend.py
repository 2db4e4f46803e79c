"""Chooses music that leads from a mood to a goal, with reasons: a pure function without clock or state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal, target
from mien.music.recommender.index import UNKNOWN_KEY, TrackIndex
from mien.music.recommender.nearest_first import balanced, is_short, max_short, nearest
from mien.music.recommender.preference import PreferenceScores
from mien.music.recommender.reasons import ReasonInputs, reasons
from mien.music.recommender.route import Route
from mien.music.recommender.score import (
    KEY_WEIGHT,
    TEMPO_WEIGHT,
    ListSlot,
    TrackScorer,
    UtilityTerms,
    distance,
)
from mien.music.recommender.taste import PosteriorSamples, Taste
from mien.music.recommender.timetable import Timetable
from mien.types import Mood, Pick, Station, Track

DEFAULT_COUNT: Final = 20
_MAX_COUNT: Final = 1000
_CANDIDATES: Final = 512
_LIKE_CANDIDATES: Final = 1024
_PREFERRED_CANDIDATES: Final = 1024
_MIN_NOISE: Final = 0.02
_NOISE_SHARE: Final = 1 / 8
_BASELINE_SHARE: Final = 0.1

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]


def recommend(
    mood: Mood,
    tracks: Sequence[Track] | TrackIndex,
    *,
    count: int | None = None,
    minutes: float | None = None,
    goal: Goal = Goal.MATCH,
    track_filter: TrackFilter | None = None,
    preference: PreferenceScores | None = None,
    history: Sequence[str] = (),
    taste: Taste | None = None,
    rng: np.random.Generator | None = None,
) -> Station:
    """Choose tracks that lead from ``mood`` to the target of ``goal``, each track and song at most once.

    The route stays at the mood for a fifth of the list and then goes straight to the target. At each position the
    candidates are the nearest 512 tracks or more, with ``preference`` also the 1024 that it prefers, and with tracks to
    resemble also the 1024 that are most alike, without songs picked before. Unless the picks should resemble tracks or
    meet a preference, these are narrowed to the nearest that were not played lately (``nearest_first.nearest``),
    without short pieces where they would outnumber songs (``nearest_first.balanced``). u is the utility of a candidate,
    the sum of its ``score.UtilityTerms``; t is what ``taste`` adds to it. docs/decisions/0006-choosing.md gives the
    reasons.

    With ``rng`` the track is drawn with probability

    - b = softmax(u / s) without taste, where s = max(0.02, the distance range of the nearest candidates / 8);
    - 0.9 · mean(softmax((u + t) / s)) + 0.1 · b with taste, the mean over 16 samples of t, drawn once for the list.

    That probability is the pick's ``propensity``, b its ``baseline_propensity``. Without ``rng`` the track with the
    greatest u + mean(t) is picked, with propensity 1. A pick's ``score`` is min(1, exp(u + mean(t))).

    Args:
        mood: The mood to begin with.
        tracks: The tracks to choose from; those without features are left out. A ``TrackIndex`` saves building one.
        count: At most how many tracks to pick; 20 if neither this nor ``minutes`` is given.
        minutes: About how long the list should last.
        goal: Where to lead.
        track_filter: Conditions for the picks, and tracks to resemble.
        preference: What the picks should have besides the mood, weighed on the index of ``tracks``.
        history: Ids of played tracks, oldest first.
        taste: The listener's taste.
        rng: The source of randomness; None picks the best.

    Raises:
        NoMatchError: No track meets ``track_filter``.
    """
    track_index = tracks if isinstance(tracks, TrackIndex) else TrackIndex.of(tracks)
    goal = Goal(goal)
    builder = _ListBuilder(
        track_index=track_index,
        route=Route(mood, target(goal, mood)),
        goal=goal,
        track_filter=track_filter or TrackFilter(),
        preference=preference,
        history=history,
        samples=taste.sample(track_index, rng) if taste is not None else None,
        rng=rng,
    )
    max_tracks = count if count is not None else DEFAULT_COUNT if minutes is None else _MAX_COUNT
    return builder.station(max_tracks, None if minutes is None else minutes * 60)


class _ListBuilder:
    """Builds one list, track by track."""

    def __init__(
        self,
        *,
        track_index: TrackIndex,
        route: Route,
        goal: Goal,
        track_filter: TrackFilter,
        preference: PreferenceScores | None,
        history: Sequence[str],
        samples: PosteriorSamples | None,
        rng: np.random.Generator | None,
    ) -> None:
        self._track_index = track_index
        self._route = route
        self._goal = goal
        self._samples = samples
        self._rng = rng
        self._preference = preference
        self._scorer = TrackScorer(
            track_index,
            history=history,
            like=track_filter.like,
            preferences=None if preference is None else preference.utilities,
        )
        allowed = _all_of(track_filter.allowed(track_index), None if preference is None else preference.allowed)
        self._preferred = np.zeros(0, np.intp) if preference is None else preference.best(_PREFERRED_CANDIDATES)
        if self._scorer.likeness is not None:
            self._preferred = np.union1d(self._preferred, self._scorer.likeness.nearest(_LIKE_CANDIDATES))
        if allowed is not None:
            self._preferred = self._preferred[allowed[self._preferred]]
        self._grid = track_index.grid if allowed is None else track_index.grid_of(allowed)
        self._short = is_short(track_index.durations)
        # The songs that were picked or must not be.
        self._excluded = np.zeros(len(track_index), np.bool_)
        self._excluded[track_index.songs[track_index.rows_of([*track_filter.never, *track_filter.like])]] = True

    def station(self, max_tracks: int, length_s: float | None) -> Station:
        """At most ``max_tracks`` picks that last about ``length_s``."""
        timetable = Timetable(min(max_tracks, self._grid.rows.size), length_s, self._scorer.typical_s)
        moods: list[Mood] = []
        picks: list[Pick] = []
        while (timing := timetable.slot(len(picks), self._duration_s(self._scorer.picked))) is not None:
            mood = self._route.at(timing.progress)
            slot = ListSlot(mood, moods[-1] if moods else mood, timing)
            chosen = self._choose(slot, timetable.expected)
            if chosen is None:
                break
            picks.append(self._pick(chosen, slot))
            moods.append(mood)
        return Station(target=self._route.end, route=tuple(moods), picks=tuple(picks))

    def _duration_s(self, rows: Sequence[int]) -> float:
        """The length of rows together; a row of unknown length counts as a typical one."""
        durations = self._track_index.durations[np.asarray(rows, np.intp)]
        return float(np.where(durations > 0, durations, self._scorer.typical_s).sum())

    def _candidates(self, mood: Mood, expected: int) -> _Rows:
        """The rows near a mood that may be picked; all such rows if none is left near it."""
        near = self._grid.near(mood.valence, mood.arousal, _CANDIDATES + expected)
        if self._preferred.size:
            near = np.union1d(near, self._preferred)
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

    def _choose(self, slot: ListSlot, expected: int) -> _Chosen | None:
        """Choose and take a track for a position; None if no track is left."""
        rows = self._narrowed(self._candidates(slot.mood, expected), slot.mood, expected)
        if not rows.size:
            return None
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
        self._excluded[self._track_index.songs[row]] = True
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
            progress=self._route.progress(slot.timing.progress),
            distance=-float(terms.fit[chosen.position]),
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
