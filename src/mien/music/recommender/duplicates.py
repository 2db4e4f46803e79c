"""Recognises the same recording under two names, by what it sounds like and how long it lasts.

Precision comes first: a recording that is shown twice annoys, but one that is taken for another is never heard. The
limits are those of ``benchmarks.duplicates``, which measures both errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.music.recommender.index import TrackIndex
from mien.music.sound_code import STRENGTH_COUNT
from mien.types import Track

MAX_LENGTH_DIFFERENCE_S: Final = 1.0
"""How much longer a copy may be: encoders add silence."""

MAX_STRENGTH_DIFFERENCE: Final = 6.5
"""The root mean square of the differences between the codes of the strengths of the same recording at most, of 255."""

MAX_EMBEDDING_DIFFERENCE: Final = 5.5
"""The same for the layer before them."""

MAX_TEMPO_DIFFERENCE: Final = 0.04
"""How many octaves of tempo a copy may be away."""

MIN_LENGTH_S: Final = 20.0
"""Shorter pieces, such as jingles, are alike too often."""

_BLOCK: Final = 512
_PARTS: Final = (slice(0, STRENGTH_COUNT), slice(STRENGTH_COUNT, None))
_LIMITS: Final = (MAX_STRENGTH_DIFFERENCE, MAX_EMBEDDING_DIFFERENCE)

_Rows = NDArray[np.intp]


def same_recordings(track_index: TrackIndex, row: int) -> _Rows:
    """The other rows of an index that are the same recording as one of them."""
    sounds, durations = track_index.sounds, track_index.durations
    if not sounds.known[row] or durations[row] < MIN_LENGTH_S:
        return np.zeros(0, np.intp)
    near = np.abs(durations - durations[row]) <= MAX_LENGTH_DIFFERENCE_S
    rows = np.flatnonzero(near & sounds.known)
    rows = rows[rows != row]
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
    """The pairs of rows that are the same recording: compared in blocks, in the order of their lengths."""
    durations = track_index.durations
    rows = np.flatnonzero(track_index.sounds.known & (durations >= MIN_LENGTH_S))
    rows = rows[np.argsort(durations[rows], kind="stable")]
    lengths = durations[rows]
    for first in range(0, len(rows), _BLOCK):
        block = rows[first : first + _BLOCK]
        end = int(np.searchsorted(lengths, durations[block[-1]] + MAX_LENGTH_DIFFERENCE_S, side="right"))
        others = rows[first:end]
        near = np.abs(durations[block][:, None] - durations[others]) <= MAX_LENGTH_DIFFERENCE_S
        alike = near & _alike(track_index, block, others)
        for one, other in np.argwhere(np.triu(alike, k=1)).tolist():
            yield int(block[one]), int(others[other])


def _alike(track_index: TrackIndex, rows: _Rows, others: _Rows) -> NDArray[np.bool_]:
    """Which rows [n] sound like the same recording as which others [m], in tempo and key too: bool [n, m]."""
    keys, tempos = track_index.keys, np.nan_to_num(track_index.tempos, nan=-1.0)
    same: NDArray[np.bool_] = keys[rows][:, None] == keys[others]
    same &= np.abs(tempos[rows][:, None] - tempos[others]) <= MAX_TEMPO_DIFFERENCE
    for part, limit in zip(_PARTS, _LIMITS, strict=True):
        left, right = (track_index.sounds.codes[chosen, part].astype(np.float32) for chosen in (rows, others))
        squares = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1) - 2 * left @ right.T
        same &= squares <= limit**2 * left.shape[1]
    return same
