"""Learns a listener's taste from what they hear to the end, skip and rate: a contextual bandit with exact inference.

The model is Bayesian linear regression. The expected share of a track that is heard, r, is w·x + u(artist), where x
holds features of the track and of the mood it plays for, and w and u have normal priors, u with mean 0. The noise of r
has a standard deviation of 0.4. The posterior has a closed form; sampling from it is Thompson sampling (Thompson 1933;
for linear models, Agrawal and Goyal 2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.index import BUCKETS, TrackIndex, artist_of, has_artist
from mien.types import Mood, Track

WEIGHT: Final = 0.75
"""The utility of one more whole track heard, in units of the plane."""

SAMPLES: Final = 16
"""How many samples of the posterior are drawn for each list."""

_NOISE_DEVIATION: Final = 0.4
_ARTIST_DEVIATION: Final = 0.2
_REFERENCE_TEMPO: Final = np.log2(105.0)
_TEMPO_SPREAD: Final = 0.5

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]

PARTS: Final[Mapping[str, slice]] = {
    "intercept": slice(0, 1),
    "sound": slice(1, 8),
    "tempo": slice(8, 10),
    "style": slice(10, 10 + BUCKETS),
}
"""The slices of x.

- ``intercept``: the constant 1.
- ``sound``: valence, arousal, their squares, their products with those of the mood, and minus the distance from it.
- ``tempo``: t, half octaves from 105 beats per minute, -1..1, and cos(pi t), which is greatest at that tempo. Slow,
  moderate and fast tracks differ in them as much as tracks of two genres differ in their words.
- ``style``: the hashed counts of the words of the track's genre and tags, as a unit vector.
"""

_SIZE: Final = 10 + BUCKETS
_PRIOR_MEAN: Final = np.concatenate(([0.7], np.zeros(_SIZE - 1)))
_PRIOR_DEVIATION: Final = np.concatenate(([0.3], np.full(_SIZE - 1, 0.2)))


@dataclass(frozen=True, slots=True)
class Feedback:
    """Feedback on a track.

    Attributes:
        track: The track.
        share: The share of it that was heard, 0..1; 1 for a like, 0 for a "never".
        mood: The mood that it was recommended for; None if the listener chose it.
        weight: How much it counts.
    """

    track: Track
    share: float
    mood: Mood | None = None
    weight: float = 1.0


class _ArtistSums(NamedTuple):
    """Sums over the feedback on one artist: of weights, of shares, and of x."""

    weight: float
    share: float
    features: _Values


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """What was learnt, as sums over all feedback.

    Attributes:
        feedback_count: How much feedback there was.
        squares: The weighted sum of x xᵀ, float64 [d, d].
        shares: The weighted sum of r x, float64 [d].
        artists: The sums for each artist.
    """

    feedback_count: int = 0
    squares: _Values = field(default_factory=lambda: np.zeros((_SIZE, _SIZE)))
    shares: _Values = field(default_factory=lambda: np.zeros(_SIZE))
    artists: Mapping[str, _ArtistSums] = field(default_factory=dict)

    @classmethod
    def of(cls, feedback: Iterable[Feedback]) -> Taste:
        """The taste learnt from ``feedback``."""
        return cls().after(feedback)

    def after(self, feedback: Iterable[Feedback]) -> Taste:
        """The taste after more feedback; feedback on tracks without features does not count."""
        known = [one for one in feedback if one.track.features is not None]
        if not known:
            return self
        track_index = TrackIndex.of([one.track for one in known])
        # The index sorts its tracks, and feedback may repeat a track: find each row by the track's id.
        rows = np.array([track_index.row_of[one.track.id] for one in known], np.intp)
        moods = [one.mood or _own_mood(one.track) for one in known]
        features = feature_vectors(track_index, rows, np.array([(mood.valence, mood.arousal) for mood in moods]))
        weights = np.array([one.weight for one in known])
        shares = np.array([one.share for one in known])
        artists = dict(self.artists)
        for one, x in zip(known, features, strict=True):
            name = artist_of(one.track)
            before = artists.get(name, _ArtistSums(0.0, 0.0, np.zeros(_SIZE)))
            artists[name] = _ArtistSums(
                before.weight + one.weight,
                before.share + one.weight * one.share,
                before.features + one.weight * x,
            )
        return Taste(
            self.feedback_count + len(known),
            self.squares + (features * weights[:, None]).T @ features,
            self.shares + (weights * shares) @ features,
            artists,
        )

    def sample(self, track_index: TrackIndex, rng: np.random.Generator | None) -> PosteriorSamples:
        """Draw ``SAMPLES`` samples of the posterior for one list; without ``rng``, its mean only."""
        names = list(self.artists)
        sums = [self.artists[name] for name in names]
        # The precisions of u given w, and the cross terms of w and u. The artists are independent given w, so
        # eliminating them (the Schur complement) leaves a system of the size of x, however many artists there are.
        weight = np.array([artist.weight for artist in sums]) / _NOISE_DEVIATION**2 + _ARTIST_DEVIATION**-2
        cross = np.array([artist.features for artist in sums]).reshape(-1, _SIZE) / _NOISE_DEVIATION**2
        share = np.array([artist.share for artist in sums]) / _NOISE_DEVIATION**2
        precision = self.squares / _NOISE_DEVIATION**2 + np.diag(_PRIOR_DEVIATION**-2) - (cross.T / weight) @ cross
        weighted_mean = (
            self.shares / _NOISE_DEVIATION**2 + _PRIOR_MEAN * _PRIOR_DEVIATION**-2 - (cross.T / weight) @ share
        )
        factor = np.linalg.cholesky(precision)
        mean = np.linalg.solve(precision, weighted_mean)
        if rng is None:
            weights = mean[None]
            effects = (share - weights @ cross.T) / weight
        else:
            weights = mean + np.linalg.solve(factor.T, rng.standard_normal((_SIZE, SAMPLES))).T
            effects = (share - weights @ cross.T) / weight + rng.standard_normal((SAMPLES, len(names))) / np.sqrt(
                weight
            )
        return PosteriorSamples(track_index, names, weights, effects, mean, (share - cross @ mean) / weight)


class PosteriorSamples:
    """Samples of a taste's posterior, applied to the tracks of one index."""

    def __init__(
        self,
        track_index: TrackIndex,
        artists: Sequence[str],
        weights: _Values,
        effects: _Values,
        mean: _Values,
        mean_effects: _Values,
    ) -> None:
        """Take m samples.

        Args:
            track_index: The tracks to score.
            artists: The names of a artists.
            weights: The samples of w, float64 [m, d].
            effects: The samples of u, float64 [m, a].
            mean: The posterior mean of w, float64 [d].
            mean_effects: The posterior mean of u, float64 [a].
        """
        self._track_index = track_index
        codes = np.array([track_index.artist_codes.get(name, -1) for name in artists], np.intp)
        order = np.argsort(codes)
        order = order[codes[order] >= 0]
        # The last column, of zeros, stands for all artists without feedback.
        self._codes = codes[order]
        self._weights = weights
        self._effects = np.pad(effects[:, order], ((0, 0), (0, 1)))
        self._mean = mean
        self._mean_effects = np.pad(mean_effects[order], (0, 1))

    def utilities(self, rows: _Rows, mood: Mood) -> _Values:
        """What each sample adds to the utility of rows [n] played for ``mood``: float64 [m, n]."""
        features = self._features(rows, mood)
        return WEIGHT * (self._weights[:, 1:] @ features[:, 1:].T + self._effects[:, self._columns(rows)])

    def parts(self, row: int, mood: Mood) -> dict[str, float]:
        """What each part of a track adds to its utility by the mean taste: artist or track, sound, tempo, style."""
        rows = np.array([row])
        (features,) = self._features(rows, mood)
        by_part = {
            name: float(self._mean[part] @ features[part]) for name, part in PARTS.items() if name != "intercept"
        }
        # Without an artist, the effect is that of the track alone.
        effect = "artist" if has_artist(self._track_index.tracks[row]) else "track"
        by_part[effect] = float(self._mean_effects[self._columns(rows)[0]])
        return {name: WEIGHT * value for name, value in by_part.items()}

    def _features(self, rows: _Rows, mood: Mood) -> _Values:
        return feature_vectors(self._track_index, rows, np.array([[mood.valence, mood.arousal]]))

    def _columns(self, rows: _Rows) -> _Rows:
        artists = self._track_index.artists[rows]
        columns = np.searchsorted(self._codes, artists)
        found = self._codes[np.minimum(columns, self._codes.size - 1)] == artists if self._codes.size else False
        return np.where(found, columns, self._codes.size)


def feature_vectors(track_index: TrackIndex, rows: _Rows, moods: _Values) -> _Values:
    """The vectors x for rows and the moods that they play for.

    Args:
        track_index: The tracks.
        rows: int [n].
        moods: Valence and arousal, float64 [n, 2], or [1, 2] for the same mood for all.

    Returns:
        float64 [n, d], in the order of ``PARTS``.
    """
    points = track_index.points[rows]
    apart = points - moods
    octaves = np.clip((track_index.tempos[rows] - _REFERENCE_TEMPO) / _TEMPO_SPREAD, -1, 1)
    tempo = np.nan_to_num(octaves, nan=0.0)
    words = track_index.words[rows].astype(np.float64)
    features = np.empty((len(rows), _SIZE))
    features[:, 0] = 1
    features[:, 1:3] = points
    features[:, 3:5] = points**2
    features[:, 5:7] = points * moods
    features[:, 7] = -np.hypot(apart[:, 0], apart[:, 1])
    features[:, 8] = tempo
    features[:, 9] = np.nan_to_num(np.cos(np.pi * octaves), nan=0.0)
    features[:, 10:] = words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1)
    return features


def _own_mood(track: Track) -> Mood:
    """The track's own mood, which stands in for the unknown mood in which the listener chose it."""
    if track.features is None:
        raise ValueError("only a track with features has a mood")
    return Mood(track.features.valence, track.features.arousal)
