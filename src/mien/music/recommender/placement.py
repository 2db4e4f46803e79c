"""Places tracks among the other tracks of their library, for choosing music from it.

The estimates order tracks well, but the way in which a library was made shifts all of them: recordings, chip music and
rendered MIDI each have an offset of their own. The place of a track is its estimate, moved towards the quantile that it
has among the person's own tracks. docs/decisions/0021-places.md gives the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.music.names import comparison_form, comparison_words
from mien.types import AudioFeatures, MoodOrigin, Track

HALF_WEIGHT_COUNT: Final = 30
"""The number of estimated tracks at which quantiles and estimates count equally."""

SPAN: Final = 0.85
"""The quantiles 0 and 1 stand for -``SPAN`` and ``SPAN`` on an axis."""

MAX_SHIFT: Final = 0.6
"""How far the quantile moves a track on an axis at most: no clear estimate is turned into its opposite."""

_GENRE_SHARE: Final = 0.5
"""How much of a genre's offset is the estimate's error; the rest is how the genre sounds."""

_PRODUCTION_SHARE: Final = 0.9
"""The same for genres that say how the sound is made."""

_PRODUCTION_WORDS: Final = frozenset(
    ("chiptune", "chiptunes", "chip", "8bit", "8", "16bit", "bitpop", "midi", "tracker", "module", "soundfont", "fm")
)

_MIN_WITHIN_VARIANCE: Final = 0.15**2
_LEAST_PRIOR_COUNT: Final = 3.0

_Values = NDArray[np.float64]
_Codes = NDArray[np.intp]


def place_in_library(tracks: Sequence[Track]) -> list[Track]:
    """The tracks with their valence and arousal relative to each other, in the same order.

    Only estimates are moved: moods that the tags or the person state are absolute, and do not count among the others.
    The result depends on the tracks alone, not on their order or on earlier results.

    Args:
        tracks: The person's own tracks.

    Returns:
        The tracks; ``AudioFeatures.absolute`` of those that were moved holds the estimate.
    """
    estimated = [(row, track.features) for row, track in enumerate(tracks) if _is_estimated(track)]
    placed = list(tracks)
    if not estimated:
        return placed
    estimates = np.array([(found.valence, found.arousal) for _, found in estimated if found is not None])
    groups, shares = _groups([tracks[row] for row, _ in estimated])
    places = relative_places(estimates, groups, shares).tolist()
    for (row, found), estimate, place in zip(estimated, estimates.tolist(), places, strict=True):
        if found is not None:
            placed[row] = replace(tracks[row], features=_placed(found, tuple(estimate), place))
    return placed


def relative_places(estimates: _Values, groups: _Codes, shares: _Values) -> _Values:
    """Each estimate, without the offset of its group, moved towards its quantile among all.

    Both have the weight n² / (n² + k²), with k = ``HALF_WEIGHT_COUNT``; the quantile moves a track by at most
    ``MAX_SHIFT``. Within a group, the order of the estimates is kept.

    Args:
        estimates: Valence and arousal of n tracks, float64 [n, 2], -1..1.
        groups: The number of each track's group, int [n].
        shares: Of each group, how much of its offset is to be subtracted, float64 [g], at least 0 and below 1.

    Returns:
        float64 [n, 2], -1..1.
    """
    count = len(estimates)
    weight = count**2 / (count**2 + HALF_WEIGHT_COUNT**2)
    offsets = group_offsets(estimates, groups, shares)[groups]
    levels = estimates - offsets
    quantiles = np.stack([_quantiles(column) for column in levels.T], axis=1)
    start = estimates - weight * offsets
    shifts = weight * (SPAN * (2 * quantiles - 1) - start)
    places: _Values = np.clip(start + np.clip(shifts, -MAX_SHIFT, MAX_SHIFT), -1, 1)
    return places


def _quantiles(values: _Values) -> _Values:
    """The quantile of each value among all, 0..1; the middle of theirs for equal values."""
    ordered = np.sort(values)
    ranks = np.searchsorted(ordered, values, side="left") + np.searchsorted(ordered, values, side="right")
    quantiles: _Values = ranks / (2 * len(values))
    return quantiles


def group_offsets(estimates: _Values, groups: _Codes, shares: _Values) -> _Values:
    """What to subtract from the estimates of each group, shrunk towards 0: empirical Bayes.

    The means of the groups are taken as draws from a normal distribution; its variance, and that within the groups, are
    estimated from the sums of squares of a one-way analysis of variance. A small group, or groups that differ no more
    than chance explains, have an offset near 0.

    Args:
        estimates: float64 [n, 2].
        groups: int [n], each of 0 to g - 1 at least once.
        shares: float64 [g], below 1.

    Returns:
        float64 [g, 2].
    """
    counts = np.bincount(groups).astype(np.float64)
    total, kinds = float(counts.sum()), len(counts)
    if kinds < 2 or total <= kinds:
        return np.zeros((kinds, estimates.shape[1]))
    means = np.stack([np.bincount(groups, column) / counts for column in estimates.T], axis=1)
    centre = estimates.mean(axis=0)
    within = np.square(estimates - means[groups]).sum(axis=0) / (total - kinds)
    within = np.maximum(within, _MIN_WITHIN_VARIANCE)
    between = (counts[:, None] * np.square(means - centre)).sum(axis=0) / (kinds - 1)
    usual_count = (total - np.square(counts).sum() / total) / (kinds - 1)
    variance = np.maximum(between - within, 0) / usual_count
    prior_count = np.maximum(np.divide(within, variance, out=np.full_like(within, np.inf), where=variance > 0), 0)
    kept = counts[:, None] / (counts[:, None] + np.maximum(prior_count, _LEAST_PRIOR_COUNT))
    # In the middle that the offsets start from, a group counts as far as its mean is known and is not an error.
    trust = (1 - shares[:, None]) * kept
    middle = (trust * means).sum(axis=0) / np.maximum(trust.sum(axis=0), 1e-9)
    offsets: _Values = shares[:, None] * kept * (means - middle)
    return offsets


def _is_estimated(track: Track) -> bool:
    return track.features is not None and track.features.origin is MoodOrigin.ESTIMATE


def _groups(tracks: Sequence[Track]) -> tuple[_Codes, _Values]:
    """The number of each track's group, and the share of each group's offset that is an error of the estimate.

    A group is a track's first genre, or a source for tracks without a genre.
    """
    codes: dict[tuple[str, str], int] = {}
    keys = [("genre", comparison_form(track.genres[0])) if track.genres else ("", track.source) for track in tracks]
    groups = np.array([codes.setdefault(key, len(codes)) for key in keys], np.intp)
    shares = [_PRODUCTION_SHARE if comparison_words(name) & _PRODUCTION_WORDS else _GENRE_SHARE for _, name in codes]
    return groups, np.array(shares)


def _placed(features: AudioFeatures, estimate: tuple[float, ...], place: Sequence[float]) -> AudioFeatures:
    valence, arousal = place
    return replace(features, valence=valence, arousal=arousal, absolute=(estimate[0], estimate[1]))
