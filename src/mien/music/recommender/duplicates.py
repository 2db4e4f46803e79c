"""Recognises the same recording under two names, by what it sounds like and how long it lasts.

Precision comes first: a recording that is shown twice annoys, but one that is taken for another is never heard. The
limits are those of ``benchmarks.duplicates``, which measures both errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.index import TrackIndex
from mien.music.sound_code import STRENGTH_COUNT
from mien.types import Track


class _Limits(NamedTuple):
    """How much two files with the same recording differ at most.

    Attributes:
        length_s: In length.
        strengths: Between the codes of the strengths of the tags, of 255: the root mean square.
        embedding: The same for the layer before them.
    """

    length_s: float
    strengths: float
    embedding: float


_LIMITS: Final = (_Limits(1.0, 6.5, 5.5), _Limits(0.05, 12.0, 9.5))
"""Files meet either of these: with silence added, or at a low bit rate, which changes the sound but not the length."""

MAX_LENGTH_DIFFERENCE_S: Final = max(limits.length_s for limits in _LIMITS)
"""How much longer one of two files with the same recording may be."""

MAX_TEMPO_DIFFERENCE: Final = 0.04
"""How many octaves of tempo a copy may be away."""

MIN_LENGTH_S: Final = 20.0
"""Shorter pieces, such as jingles, are alike too often."""

_BLOCK: Final = 512
_PARTS: Final = (slice(0, STRENGTH_COUNT), slice(STRENGTH_COUNT, None))

_Rows = NDArray[np.intp]


def same_recordings(track_index: TrackIndex, row: int) -> _Rows:
    """The other rows of an index that are the same recording as one of them."""
    durations, keys = track_index.durations, track_index.keys
    sounds, by_length = track_index.sounds, track_index.by_length
    if not sounds.known[row] or durations[row] < MIN_LENGTH_S:
        return np.zeros(0, np.intp)
    reach = durations[row] + np.array((-MAX_LENGTH_DIFFERENCE_S, MAX_LENGTH_DIFFERENCE_S), np.float32)
    first, end = np.searchsorted(durations, reach, sorter=by_length)
    rows = by_length[first:end]
    rows = rows[sounds.known[rows] & (keys[rows] == keys[row]) & (rows != row)]
    found: _Rows = rows[_alike(track_index, np.array([row], np.intp), rows)[0]]
    return found


def find_duplicates(tracks: Sequence[Track]) -> list[tuple[Track, ...]]:
    """The groups of tracks that are the same recording, each group and the groups in the order of ``tracks``."""
    track_index = TrackIndex.of(tracks)
    groups = list(range(len(track_index)))

    def group_of(row: int) -> int:
        while groups[row] != row:
            groups[row] = groups[groups[row]]
            row = groups[row]
        return row

    for one, other in _pairs(track_index):
        groups[group_of(one)] = group_of(other)
    members: dict[int, list[Track]] = {}
    for track in tracks:
        if (row := track_index.row_of.get(track.id)) is not None:
            members.setdefault(group_of(row), []).append(track)
    return [tuple(group) for group in members.values() if len(group) > 1]


def _pairs(track_index: TrackIndex) -> Iterator[tuple[int, int]]:
    """The pairs of rows that are the same recording: for each key in blocks, in the order of their lengths."""
    durations, keys = track_index.durations, track_index.keys
    comparable = track_index.sounds.known & (durations >= MIN_LENGTH_S)
    for key in np.unique(keys):
        rows = np.flatnonzero(comparable & (keys == key))
        rows = rows[np.argsort(durations[rows], kind="stable")]
        lengths = durations[rows]
        for first in range(0, len(rows), _BLOCK):
            block = rows[first : first + _BLOCK]
            end = int(np.searchsorted(lengths, durations[block[-1]] + MAX_LENGTH_DIFFERENCE_S, side="right"))
            others = rows[first:end]
            for one, other in np.argwhere(np.triu(_alike(track_index, block, others), k=1)).tolist():
                yield int(block[one]), int(others[other])


def _alike(track_index: TrackIndex, rows: _Rows, others: _Rows) -> NDArray[np.bool_]:
    """Which rows [n] are the same recording as which others [m]: bool [n, m]."""
    agree: NDArray[np.bool_] = track_index.keys[rows][:, None] == track_index.keys[others]
    tempos, other_tempos = (np.nan_to_num(track_index.tempos[chosen], nan=-1.0) for chosen in (rows, others))
    agree &= np.abs(tempos[:, None] - other_tempos) <= MAX_TEMPO_DIFFERENCE
    lengths = np.abs(track_index.durations[rows][:, None] - track_index.durations[others])
    strengths, embeddings = (_rms_differences(track_index.sounds.codes[:, part], rows, others) for part in _PARTS)
    alike = [
        (lengths <= limits.length_s) & (strengths <= limits.strengths) & (embeddings <= limits.embedding)
        for limits in _LIMITS
    ]
    same: NDArray[np.bool_] = agree & np.logical_or.reduce(alike)
    return same


def _rms_differences(codes: NDArray[np.uint8], rows: _Rows, others: _Rows) -> NDArray[np.float32]:
    """The root mean squares of the differences of rows [n] and others [m] of codes: float32 [n, m]."""
    left, right = codes[rows].astype(np.float32), codes[others].astype(np.float32)
    squares = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1) - 2 * left @ right.T
    differences: NDArray[np.float32] = np.sqrt(np.maximum(squares, 0) / codes.shape[1])
    return differences
