"""Finds where a track can be left for another one without harm: a quiet place, or else a beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mien.music.analysis.decode import SAMPLE_RATE_HZ, Samples

_HOP_S: Final = 0.05
_HOP: Final = round(_HOP_S * SAMPLE_RATE_HZ)
_QUIET_HOPS: Final = 4
_QUIET_DB: Final = 6.0
_SILENCE_DB: Final = -60.0
_BEAT_DB: Final = 3.0
_BEAT_SHARE: Final = 0.8


@dataclass(frozen=True, slots=True)
class ExitPoint:
    """Where a track can be left.

    Attributes:
        position_s: The position in the track; None if no place is better than another.
        kind: "quiet" for a quiet place, "beat" for the beginning of a loud note, None likewise.
    """

    position_s: float | None
    kind: Literal["quiet", "beat"] | None


def find_exit_point(samples: Samples, *, from_s: float) -> ExitPoint:
    """Find the first quiet place in a part of a track, or else its first strong beat.

    The level is the RMS of 50 ms. A place is quiet if the mean level of 200 ms is 6 dB below the median of the part, or
    below -60 dBFS. A beat is a rise of the level by at least 3 dB, and 80 % of the greatest rise.

    Args:
        samples: float32 [channels, n] at ``SAMPLE_RATE_HZ``.
        from_s: Where the part begins in the track, in seconds.
    """
    levels = _levels_db(samples)
    if levels.size < 2 * _QUIET_HOPS:
        return ExitPoint(None, None)
    smooth = np.convolve(levels, np.full(_QUIET_HOPS, 1 / _QUIET_HOPS), mode="valid")
    quiet = np.flatnonzero((smooth <= np.median(smooth) - _QUIET_DB) | (smooth <= _SILENCE_DB))
    if quiet.size:
        first = int(quiet[0])
        # The lowest level of the first quiet stretch.
        breaks = np.flatnonzero(np.diff(quiet) > 1)
        last = int(quiet[breaks[0]]) if breaks.size else int(quiet[-1])
        lowest = first + int(np.argmin(smooth[first : last + 1]))
        return ExitPoint(from_s + lowest * _HOP_S, "quiet")
    rises = np.diff(levels)
    strongest = float(rises.max())
    if strongest < _BEAT_DB:
        return ExitPoint(None, None)
    beat = int(np.flatnonzero(rises >= _BEAT_SHARE * strongest)[0]) + 1
    return ExitPoint(from_s + beat * _HOP_S, "beat")


def _levels_db(samples: Samples) -> NDArray[np.float64]:
    """The level of each 50 ms in dBFS: float64 [n]."""
    hops = samples.shape[1] // _HOP
    power = (
        np.square(samples[:, : hops * _HOP], dtype=np.float64).reshape(samples.shape[0], hops, _HOP).mean(axis=(0, 2))
    )
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-12))
    return levels
