"""Learns what a person likes from what they hear to the end, skip and praise: a contextual bandit, exact and small.

The model is Bayesian and linear. The share of a track that a person hears, r, is expected to be w·x + u(artist): x
describes the track and the mood it plays for, w and u are what is learnt (normal beforehand, u round 0), and r scatters
round that with a standard deviation of 0.4. So the posterior is known in closed form, and drawing from it is Thompson
sampling (Thompson 1933; for linear models, Agrawal and Goyal 2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.index import BUCKETS, TrackIndex, artist_of
from mien.types import Mood, Track

WEIGHT: Final = 0.75
"""What hearing a whole track more is worth, in units of the plane."""

DRAWS: Final = 16
"""How many tastes that the lessons allow are asked for each list."""

_SCATTER: Final = 0.4
_ARTIST_SPREAD: Final = 0.2
_MIDDLE_TEMPO: Final = np.log2(110.0)

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]

PARTS: Final[Mapping[str, slice]] = {
    "usual": slice(0, 1),
    "sound": slice(1, 8),
    "tempo": slice(8, 10),
    "words": slice(10, 10 + BUCKETS),
}
"""Where in x the parts lie: always 1; valence, arousal, their squares, each times that of the mood, and the fit;
tempo, as octaves from 110 beats a minute, and its square; the words said of the track, in buckets, as a unit vector."""

_SIZE: Final = 10 + BUCKETS
_PRIOR_MEAN: Final = np.concatenate(([0.7], np.zeros(_SIZE - 1)))
_PRIOR_SPREAD: Final = np.concatenate(([0.3], np.full(_SIZE - 1, 0.2)))


@dataclass(frozen=True, slots=True)
class Feedback:
    """What happened to a track: ``share`` 0..1 of it was heard, 1 also for "more like this" and 0 for "never this".

    ``mood`` is what it was chosen for, None when the person chose it; ``weight`` how much it counts.
    """

    track: Track
    share: float
    mood: Mood | None = None
    weight: float = 1.0


class _Heard(NamedTuple):
    """The sums over the lessons on one artist: weights, shares, and x."""

    weight: float
    share: float
    described: _Values


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """All that was learnt, as sums over the lessons.

    ``squares`` [d, d] of x xᵀ; ``shares`` [d] of r x; ``artists`` the same of each artist alone.
    """

    feedback_count: int = 0
    squares: _Values = field(default_factory=lambda: np.zeros((_SIZE, _SIZE)))
    shares: _Values = field(default_factory=lambda: np.zeros(_SIZE))
    artists: Mapping[str, _Heard] = field(default_factory=dict)

    @classmethod
    def of(cls, lessons: Iterable[Feedback]) -> Taste:
        """What these lessons teach."""
        return cls().after(lessons)

    def after(self, lessons: Iterable[Feedback]) -> Taste:
        """What is known after more lessons; those on tracks that were not heard by mien teach nothing."""
        known = [lesson for lesson in lessons if lesson.track.features is not None]
        if not known:
            return self
        track_index = TrackIndex.of([lesson.track for lesson in known])
        # The shelf sorts its tracks, and one may come twice: find each lesson's row by the track itself.
        rows = np.array([track_index.row_of[lesson.track.id] for lesson in known], np.intp)
        moods = [lesson.mood or _own_mood(lesson.track) for lesson in known]
        described = describe(track_index, rows, np.array([(mood.valence, mood.arousal) for mood in moods]))
        weights = np.array([lesson.weight for lesson in known])
        shares = np.array([lesson.share for lesson in known])
        artists = dict(self.artists)
        for lesson, x in zip(known, described, strict=True):
            name = artist_of(lesson.track)
            before = artists.get(name, _Heard(0.0, 0.0, np.zeros(_SIZE)))
            artists[name] = _Heard(
                before.weight + lesson.weight,
                before.share + lesson.weight * lesson.share,
                before.described + lesson.weight * x,
            )
        return Taste(
            self.feedback_count + len(known),
            self.squares + (described * weights[:, None]).T @ described,
            self.shares + (weights * shares) @ described,
            artists,
        )

    def sample(self, track_index: TrackIndex, rng: np.random.Generator | None) -> PosteriorSamples:
        """Tastes that the lessons allow, drawn for one list; without ``rng`` the mean of them alone."""
        names = list(self.artists)
        sums = [self.artists[name] for name in names]
        # Precisions of u given w, and how w and u depend on each other; the artists are independent given w, so that
        # eliminating them (the Schur complement) leaves a system of the size of x, however many artists there are.
        weight = np.array([heard.weight for heard in sums]) / _SCATTER**2 + _ARTIST_SPREAD**-2
        cross = np.array([heard.described for heard in sums]).reshape(-1, _SIZE) / _SCATTER**2
        share = np.array([heard.share for heard in sums]) / _SCATTER**2
        precision = self.squares / _SCATTER**2 + np.diag(_PRIOR_SPREAD**-2) - (cross.T / weight) @ cross
        pull = self.shares / _SCATTER**2 + _PRIOR_MEAN * _PRIOR_SPREAD**-2 - (cross.T / weight) @ share
        factor = np.linalg.cholesky(precision)
        mean = np.linalg.solve(precision, pull)
        if rng is None:
            weights = mean[None]
            effects = (share - weights @ cross.T) / weight
        else:
            weights = mean + np.linalg.solve(factor.T, rng.standard_normal((_SIZE, DRAWS))).T
            effects = (share - weights @ cross.T) / weight + rng.standard_normal((DRAWS, len(names))) / np.sqrt(weight)
        return PosteriorSamples(track_index, names, weights, effects, mean, (share - cross @ mean) / weight)


class PosteriorSamples:
    """Some tastes, ready for the tracks of one shelf."""

    def __init__(
        self,
        track_index: TrackIndex,
        artists: Sequence[str],
        weights: _Values,
        effects: _Values,
        mean: _Values,
        usual: _Values,
    ) -> None:
        """Take ``weights`` [m, d] and the ``effects`` [m, a] of ``artists``, with the mean of each, [d] and [a]."""
        self._track_index = track_index
        codes = np.array([track_index.artist_codes.get(name, -1) for name in artists], np.intp)
        order = np.argsort(codes)
        order = order[codes[order] >= 0]
        # A column of zeros stands for every artist who was never heard.
        self._codes = codes[order]
        self._weights = weights
        self._effects = np.pad(effects[:, order], ((0, 0), (0, 1)))
        self._mean = mean
        self._usual = np.pad(usual[order], (0, 1))

    def utilities(self, rows: _Rows, mood: Mood) -> _Values:
        """What each taste adds to the utility of rows: [m, n]."""
        described = self._described(rows, mood)
        return WEIGHT * (self._weights[:, 1:] @ described[:, 1:].T + self._effects[:, self._columns(rows)])

    def parts(self, row: int, mood: Mood) -> dict[str, float]:
        """What each part of a track adds to its utility on mean: artist, sound, tempo, words."""
        rows = np.array([row])
        (described,) = self._described(rows, mood)
        by_part = {name: float(self._mean[part] @ described[part]) for name, part in PARTS.items() if name != "usual"}
        by_part["artist"] = float(self._usual[self._columns(rows)[0]])
        return {name: WEIGHT * value for name, value in by_part.items()}

    def _described(self, rows: _Rows, mood: Mood) -> _Values:
        return describe(self._track_index, rows, np.array([[mood.valence, mood.arousal]]))

    def _columns(self, rows: _Rows) -> _Rows:
        artists = self._track_index.artists[rows]
        columns = np.searchsorted(self._codes, artists)
        found = self._codes[np.minimum(columns, self._codes.size - 1)] == artists if self._codes.size else False
        return np.where(found, columns, self._codes.size)


def describe(track_index: TrackIndex, rows: _Rows, moods: _Values) -> _Values:
    """Give x for rows and the moods that they play for, [n, 2] or [1, 2]: float64 [n, d], parted as ``PARTS`` says."""
    places = track_index.places[rows]
    apart = places - moods
    tempo = np.nan_to_num(np.clip(track_index.tempos[rows] - _MIDDLE_TEMPO, -1, 1), nan=0.0)
    words = track_index.words[rows].astype(np.float64)
    described = np.empty((len(rows), _SIZE))
    described[:, 0] = 1
    described[:, 1:3] = places
    described[:, 3:5] = places**2
    described[:, 5:7] = places * moods
    described[:, 7] = -np.hypot(apart[:, 0], apart[:, 1])
    described[:, 8] = tempo
    described[:, 9] = tempo**2
    described[:, 10:] = words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1)
    return described


def _own_mood(track: Track) -> Mood:
    """A track that a person chose fits the mood that they were in, as far as anybody knows."""
    if track.features is None:
        raise ValueError("only a track that was heard has a mood")
    return Mood(track.features.valence, track.features.arousal)
