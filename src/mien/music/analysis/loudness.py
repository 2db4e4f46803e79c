"""Measures how loud music is, by ITU-R BS.1770-5: K-weighting and gating.

The sound comes at ``decode.SAMPLE_RATE_HZ``, so nothing above 11 kHz counts; in music that is tenths of a LU.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mien.music.analysis.decode import SAMPLE_RATE_HZ, Samples

SILENCE_LUFS = -70.0
"""The absolute gate: quieter blocks do not count, and silence is reported as this."""

Powers = NDArray[np.float64]

# The gating blocks.
_BLOCK_S, _HOP_S = 0.4, 0.1

# BS.1770-5, tables 1 and 2: the two second-order filters for 48 kHz. They are applied as a frequency response, so that
# other sampling rates need no coefficients of their own.
_TABLE_RATE_HZ = 48_000
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))

# The longer impulse response fades within 50 ms, so a transform of 0.7 s is wrong in its outer 0.09 s only.
_SPAN, _REACH = 1 << 14, 1 << 11
_STEP = _SPAN - 2 * _REACH


def measure_loudness(parts: Sequence[Samples]) -> float:
    """The integrated loudness of all excerpts together, in LUFS; ``SILENCE_LUFS`` or more.

    Two channels count as left and right, one as the standard's single channel.
    """
    blocks = np.concatenate([_block_means(_k_weighted_power(part)) for part in parts])
    momentary = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not momentary.size:
        return SILENCE_LUFS
    gated = momentary[_lufs(momentary) > _lufs(momentary.mean()) - 10]
    return float(_lufs(gated.mean()))


def _lufs(power: Powers) -> Powers:
    levels: Powers = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def _k_weighted_power(part: Samples) -> Powers:
    """The power of each sample, summed over channels: float64 [samples]; filtered in overlapping spans."""
    length = part.shape[1]
    padded = np.pad(part, ((0, 0), (_REACH, _REACH)))
    weighting = _k_weighting(_SPAN)
    powers = np.empty(length)
    for first in range(0, length, _STEP):
        weighted = np.fft.irfft(np.fft.rfft(padded[:, first : first + _SPAN], _SPAN) * weighting, _SPAN)
        inside = weighted[:, _REACH : _REACH + min(_STEP, length - first)]
        powers[first : first + _STEP] = np.sum(inside**2, axis=0, dtype=np.float64)
    return powers


def _block_means(powers: Powers) -> Powers:
    """The means of overlapping gating blocks; the mean of everything if it is shorter than a block."""
    block, hop = min(powers.size, int(_BLOCK_S * SAMPLE_RATE_HZ)), int(_HOP_S * SAMPLE_RATE_HZ)
    summed = np.concatenate([[0.0], np.cumsum(powers)])
    starts = np.arange(0, powers.size - block + 1, hop)
    means: Powers = (summed[starts + block] - summed[starts]) / block
    return means


@lru_cache(maxsize=4)
def _k_weighting(length: int) -> NDArray[np.float32]:
    """The standard's gain at each frequency of a transform of this length; the phase does not matter for the power."""
    angles = 2 * np.pi * np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ) / _TABLE_RATE_HZ
    gain = np.ones_like(angles)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        gain = gain * _squared_response(numerator, angles) / _squared_response(denominator, angles)
    return np.sqrt(np.maximum(gain, 0)).astype(np.float32)


def _squared_response(coefficients: tuple[float, float, float], angles: Powers) -> Powers:
    a, b, c = coefficients
    response: Powers = a * a + b * b + c * c + 2 * (a + c) * b * np.cos(angles) + 2 * a * c * np.cos(2 * angles)
    return response
