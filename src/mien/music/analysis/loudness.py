"""Measures how loud music is to an ear: ITU-R BS.1770-5 (K-weighting, gating) and EBU Tech 3342 (range).

The sound comes at ``decode.SAMPLE_RATE_HZ``, so nothing above 11 kHz is counted; in music that is tenths of a LU.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.analysis.decode import SAMPLE_RATE_HZ, Samples

SILENCE_LUFS = -70.0
"""The absolute gate: nothing quieter is measured, and silence itself is reported as this."""

Powers = NDArray[np.float64]

# BS.1770-5, tables 1 and 2: the two second-order filters, as given for 48 kHz. They are applied as a frequency
# response, so no other sampling rate needs coefficients of its own.
_TABLE_RATE_HZ = 48_000
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))

# The longer one of them fades within 50 ms, so a transform of 0.7 s is wrong in the outer 0.09 s alone.
_SPAN, _REACH = 1 << 14, 1 << 11
_STEP = _SPAN - 2 * _REACH


class Loudness(NamedTuple):
    """How loud music is, ``integrated_lufs`` (``SILENCE_LUFS`` or more), and how far that moves, ``range_lu``."""

    integrated_lufs: float
    range_lu: float


def measure_loudness(parts: Sequence[Samples]) -> Loudness:
    """Measure all excerpts as one; two channels count as left and right, one as the standard's single channel."""
    weighted = [_k_weighted_power(part) for part in parts]
    momentary = _loud(np.concatenate([_block_means(power, block_s=0.4, hop_s=0.1) for power in weighted]))
    if not momentary.size:
        return Loudness(SILENCE_LUFS, 0.0)
    gated = momentary[_lufs(momentary) > _lufs(momentary.mean()) - 10]
    short_term = _loud(np.concatenate([_block_means(power, block_s=3.0, hop_s=1.0) for power in weighted]))
    return Loudness(float(_lufs(gated.mean())), _range_lu(short_term))


def _range_lu(short_term: Powers) -> float:
    """From the 10th to the 95th hundredth of what is less than 20 LU under the mean."""
    if not short_term.size:
        return 0.0
    levels = _lufs(short_term)
    low, high = np.percentile(levels[levels > _lufs(short_term.mean()) - 20], (10, 95))
    return float(high - low)


def _loud(powers: Powers) -> Powers:
    return powers[_lufs(powers) > SILENCE_LUFS]


def _lufs(power: Powers) -> Powers:
    levels: Powers = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def _k_weighted_power(part: Samples) -> Powers:
    """The power of each sample, summed over channels; weighted in spans that reach over each other."""
    length = part.shape[1]
    padded = np.pad(part, ((0, 0), (_REACH, _REACH)))
    weighting = _k_weighting(_SPAN)
    powers = np.empty(length)
    for first in range(0, length, _STEP):
        weighted = np.fft.irfft(np.fft.rfft(padded[:, first : first + _SPAN], _SPAN) * weighting, _SPAN)
        inside = weighted[:, _REACH : _REACH + min(_STEP, length - first)]
        powers[first : first + _STEP] = np.sum(inside**2, axis=0, dtype=np.float64)
    return powers


def _block_means(powers: Powers, *, block_s: float, hop_s: float) -> Powers:
    """The mean of overlapping blocks; of less than a block, the mean of it all."""
    block, hop = min(powers.size, int(block_s * SAMPLE_RATE_HZ)), int(hop_s * SAMPLE_RATE_HZ)
    summed = np.concatenate([[0.0], np.cumsum(powers)])
    starts = np.arange(0, powers.size - block + 1, hop)
    means: Powers = (summed[starts + block] - summed[starts]) / block
    return means


@lru_cache(maxsize=4)
def _k_weighting(length: int) -> NDArray[np.float32]:
    """The standard's gain at each frequency of a transform of this length; power does not ask for the phase."""
    angles = 2 * np.pi * np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ) / _TABLE_RATE_HZ
    gain = np.ones_like(angles)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        gain = gain * _squared_response(numerator, angles) / _squared_response(denominator, angles)
    return np.sqrt(np.maximum(gain, 0)).astype(np.float32)


def _squared_response(coefficients: tuple[float, float, float], angles: Powers) -> Powers:
    a, b, c = coefficients
    response: Powers = a * a + b * b + c * c + 2 * (a + c) * b * np.cos(angles) + 2 * a * c * np.cos(2 * angles)
    return response
