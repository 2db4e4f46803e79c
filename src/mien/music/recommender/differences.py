"""How much tracks differ: on the plane, in tempo, in key, and in all of these and their words at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.index import UNKNOWN_KEY, TrackIndex

_Values = NDArray[np.float64]
_Rows = NDArray[np.intp]


def distance(points: _Values, point: _Values) -> _Values:
    """The distances of points [n, 2] from a point [2] of the plane: float64 [n]."""
    apart = points - point
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


def dissimilarity(track_index: TrackIndex, rows: _Rows, points: _Values, other: int) -> _Values:
    """How much rows differ from another row, whatever they sound like.

    A third each: the distance on the plane (at most 1), the octaves between the tempos (at most 1), and 1 minus the
    cosine of their word counts. The same artist halves it.

    Args:
        track_index: The tracks.
        rows: int [n].
        points: The points of ``rows`` on the plane, float64 [n, 2].
        other: The other row.

    Returns:
        float64 [n], 0..1.
    """
    words = track_index.words[rows].astype(np.float64)
    sought = track_index.words[other].astype(np.float64)
    norms = np.linalg.norm(words, axis=1) * np.linalg.norm(sought)
    cosine = np.divide(words @ sought, norms, out=np.zeros(len(rows)), where=norms > 0)
    apart = np.minimum(1.0, distance(points, track_index.points[other]))
    differs = (apart + tempo_jump(track_index, rows, other) + 1 - cosine) / 3
    less: _Values = np.where(track_index.artists[rows] == track_index.artists[other], differs / 2, differs)
    return less
