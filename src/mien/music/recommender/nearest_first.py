"""Narrows the candidates for a position before one is drawn: the nearest first, and short pieces not too often.

Utility alone lets taste, artists, tempo and chance outweigh the mood. Here the mood comes first: the draw is among
tracks that fit it about equally well, and a far track is drawn only if there is no nearer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

NEAR: Final = 0.35
"""Tracks within this distance of the mood fit it equally well."""

FAR: Final = 0.6
"""A track further than this from the mood contradicts it."""

SHORT_S: Final = 90.0
"""A track shorter than this is a short piece; any other, and one of unknown length, is a song."""

_FRESH_PLAYS: Final = 15
_LAST_PLAYS: Final = 3
_SHORTS_FIRST: Final = 5

_Values = NDArray[np.float64]
_Mask = NDArray[np.bool_]


def nearest(distances: _Values, plays_since: _Values) -> _Mask:
    """The candidates of the first of these groups that has any.

    1. within ``NEAR``, and not among the last 15 plays;
    2. within ``FAR``, likewise;
    3. within ``FAR``, and not among the last three plays;
    4. all others.

    Args:
        distances: Of each candidate from the mood: float64 [n].
        plays_since: How many plays ago each was played, 0 for the last play, infinity if never: float64 [n].

    Returns:
        bool [n], with at least one candidate.
    """
    fresh = plays_since >= _FRESH_PLAYS
    close = distances <= FAR
    for group in ((distances <= NEAR) & fresh, close & fresh, close & (plays_since >= _LAST_PLAYS)):
        if group.any():
            return group
    rest: _Mask = plays_since >= _LAST_PLAYS
    return rest if rest.any() else np.ones(len(distances), np.bool_)


def is_short(durations: NDArray[np.float32]) -> _Mask:
    """Which durations, in seconds, are those of short pieces."""
    return (durations > 0) & (durations < SHORT_S)


def max_short(count: int) -> int:
    """How many of a list's ``count`` picks may be short pieces if there are songs, however far these are."""
    return max(_SHORTS_FIRST, count // 2)


def balanced(short: _Mask, picked_short: Sequence[bool]) -> _Mask:
    """The candidates without short pieces, if those would outnumber the songs in a list and there are songs.

    Args:
        short: Which candidates are short pieces: bool [n].
        picked_short: Which tracks of the list so far are.
    """
    shorts = sum(picked_short)
    outnumber = 2 * (shorts + 1) > len(picked_short) + 1
    songs = ~short
    return songs if outnumber and songs.any() else np.ones(len(short), np.bool_)
