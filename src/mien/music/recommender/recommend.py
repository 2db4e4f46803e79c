"""Chooses the music that leads from a mood to a goal, and says why: from values alone, without clock or state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.goals import Goal, target
from mien.music.recommender.index import UNKNOWN_KEY, TrackIndex
from mien.music.recommender.reasons import ReasonInputs, reasons
from mien.music.recommender.route import Route
from mien.music.recommender.score import KEY, LIKENESS, TEMPO, ListSlot, TrackScorer, UtilityTerms
from mien.music.recommender.taste import PosteriorSamples, Taste
from mien.music.recommender.timetable import Timetable
from mien.types import Mood, Pick, Station, Track

COUNT: Final = 20
_COUNT_MOST: Final = 1000
_NEAR: Final = 512
_NEAR_ALIKE: Final = 4096
_NOISE_LEAST: Final = 0.02
_NOISE_SHARE: Final = 1 / 8
_PLAIN_SHARE: Final = 0.1

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
    history: Sequence[str] = (),
    taste: Taste | None = None,
    rng: np.random.Generator | None = None,
) -> Station:
    """Choose tracks that lead from ``mood`` to where ``goal`` lies, each once.

    Up to ``count`` of them, or as many as last about ``minutes``, or as keep to both; 20 if neither is said.
    ``track_filter`` holds conditions and may raise ``NoMatchError``; ``history`` the ids of played tracks, latest last.
    A ``TrackIndex`` in place of ``tracks`` saves the work of building one; tracks without features are left out.

    The way over the plane stays at the mood for a fifth of the list and then goes straight to the goal. At every place
    the candidates are the 512 tracks or more in the cells around its point (those chosen before, and the same songs,
    aside). Each has a utility, the sum of ``score.Terms``, to which ``taste`` adds what it expects.

    With ``rng`` the choice is a draw with the probabilities softmax(utility / s): what adding Gumbel noise of the scale
    s to the utilities and taking the highest amounts to. s is an eighth of how much farther the ``count``-th nearest
    candidate is than the nearest, and at least 0.02: so evenings differ with few tracks, and moods fit with many. With
    a taste, nine parts of the probabilities are the mean over 16 draws from what it holds possible (Thompson sampling),
    made once for the list, and one part is those without taste, so that what choosing without it would earn can be told
    (a defensive mixture: Hesterberg 1995). So a pick's ``propensity`` is no estimate: it is the very probability that
    the pick was drawn with, over the candidates at that place, given the 16 draws and the places before.
    ``baseline_propensity`` is the probability that it would have had there without taste. Without ``rng`` the best
    always wins, on mean taste, with propensity 1. A pick's ``score`` is exp(utility), at most 1: a track that is just
    the mood of its place and bears no malus.
    """
    track_index = tracks if isinstance(tracks, TrackIndex) else TrackIndex.of(tracks)
    goal = Goal(goal)
    walk = _Walk(
        track_index=track_index,
        route=Route(mood, target(goal, mood)),
        goal=goal,
        track_filter=track_filter or TrackFilter(),
        history=history,
        samples=taste.sample(track_index, rng) if taste is not None else None,
        rng=rng,
    )
    most = count if count is not None else COUNT if minutes is None else _COUNT_MOST
    return walk.station(most, None if minutes is None else minutes * 60)


class _Walk:
    """One way over the plane, track by track."""

    def __init__(
        self,
        *,
        track_index: TrackIndex,
        route: Route,
        goal: Goal,
        track_filter: TrackFilter,
        history: Sequence[str],
        samples: PosteriorSamples | None,
        rng: np.random.Generator | None,
    ) -> None:
        self._track_index = track_index
        self._route = route
        self._goal = goal
        self._samples = samples
        self._rng = rng
        self._scale = TrackScorer(track_index, history=history, like=track_filter.like)
        allowed = track_filter.allowed(track_index)
        self._grid = track_index.grid if allowed is None else track_index.grid_of(allowed)
        self._alike = bool(track_filter.like)
        self._near = _NEAR_ALIKE if track_filter.like else _NEAR
        # Which songs came already or must not come.
        self._gone = np.zeros(len(track_index), np.bool_)
        self._gone[track_index.songs[track_index.rows_of([*track_filter.never, *track_filter.like])]] = True

    def station(self, most: int, length_s: float | None) -> Station:
        """Up to ``most`` picks that together last about ``length_s``."""
        table = Timetable(min(most, self._grid.rows.size), length_s, self._scale.usual_s)
        path: list[Mood] = []
        picks: list[Pick] = []
        while (stop := table.stop(len(picks), self._lasting(self._scale.picked))) is not None:
            mood = self._route.at(stop.progress)
            place = ListSlot(mood, path[-1] if path else mood, stop)
            chosen = self._choose(place, table.expected)
            if chosen is None:
                break
            picks.append(self._pick(chosen, place))
            path.append(mood)
        return Station(goal=self._route.end, path=tuple(path), picks=tuple(picks))

    def _lasting(self, rows: Sequence[int]) -> float:
        """How many seconds rows last; one of unknown length counts as long as usual."""
        durations = self._track_index.durations[np.asarray(rows, np.intp)]
        return float(np.where(durations > 0, durations, self._scale.usual_s).sum())

    def _candidates(self, mood: Mood, expected: int) -> _Rows:
        """The rows near a mood that may still come; all of the shelf's when those near it are used up."""
        near = self._grid.near(mood.valence, mood.arousal, self._near + expected)
        rows = near[~self._gone[self._track_index.songs[near]]]
        return rows if rows.size else self._grid.rows[~self._gone[self._track_index.songs[self._grid.rows]]]

    def _choose(self, place: ListSlot, expected: int) -> _Chosen | None:
        """The track for a place, which is then taken; None when there is none left."""
        rows = self._candidates(place.mood, expected)
        if not rows.size:
            return None
        terms = self._scale.weigh(rows, place)
        base = terms.total
        taste = self._samples.utilities(rows, place.mood) if self._samples is not None else np.zeros((1, rows.size))
        if self._rng is None:
            index = int(np.argmax(base + taste.mean(axis=0)))
            propensity, baseline = 1.0, float(index == int(np.argmax(base)))
        else:
            noise = _noise_scale(-terms.fit, expected)
            plain = _softmax(base / noise)
            chances = plain
            if self._samples is not None:
                chances = (1 - _PLAIN_SHARE) * _softmax((base + taste) / noise).mean(axis=0) + _PLAIN_SHARE * plain
            heights = np.cumsum(chances)
            index = int(np.searchsorted(heights, heights[-1] * self._rng.random(), side="right"))
            propensity, baseline = float(chances[index]), float(plain[index])
        row = int(rows[index])
        self._scale.take(row)
        self._gone[self._track_index.songs[row]] = True
        return _Chosen(row, index, terms, float(base[index] + taste[:, index].mean()), propensity, baseline)

    def _pick(self, chosen: _Chosen, place: ListSlot) -> Pick:
        track = self._track_index.tracks[chosen.row]
        if track.features is None:
            raise ValueError("a shelf holds tracks that were heard")
        track_index, picked = self._track_index, self._scale.picked
        previous = picked[-2] if len(picked) > 1 else None
        keyed = previous is not None and UNKNOWN_KEY not in (track_index.keys[previous], track_index.keys[chosen.row])
        paced = previous is not None and not np.isnan(track_index.tempos[[previous, chosen.row]]).any()
        terms = chosen.terms
        inputs = ReasonInputs(
            goal=self._goal,
            led=self._route.led(place.stop.progress),
            distance=-float(terms.fit[chosen.index]),
            played_penalty=-float(terms.again[chosen.index]),
            tempo_octaves=-float(terms.tempo[chosen.index]) / TEMPO if paced else None,
            key_clash=-float(terms.key[chosen.index]) / KEY if keyed else None,
            difference=-float(terms.likeness[chosen.index]) / LIKENESS if self._alike else None,
            taste=self._samples.parts(chosen.row, place.mood) if self._samples is not None else {},
        )
        score = float(np.exp(min(0.0, chosen.utility)))
        return Pick(track, score, chosen.propensity, reasons(track.features, inputs), chosen.baseline_propensity)


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """A row, where it stands among the candidates, what it was weighed with, and how likely the choice was."""

    row: int
    index: int
    terms: UtilityTerms
    utility: float
    propensity: float
    baseline_propensity: float


def _noise_scale(distances: _Values, count: int) -> float:
    nearest = np.sort(distances)[:count]
    return max(_NOISE_LEAST, _NOISE_SHARE * float(np.ptp(nearest)))


def _softmax(utilities: _Values) -> _Values:
    """Probabilities along the last axis."""
    weights = np.exp(utilities - utilities.max(axis=-1, keepdims=True))
    shares: _Values = weights / weights.sum(axis=-1, keepdims=True)
    return shares
