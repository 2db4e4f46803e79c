"""Measures how loud music is to an ear: ITU-R BS.1770-5 (K-weighting, gating) and EBU Tech 3342 (range).

The sound comes at ``decode.SAMPLE_RATE_HZ``, so nothing above 11 kHz is counted; in music that is tenths of a LU.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.music.decode import SAMPLE_RATE_HZ, Samples

SILENCE_LUFS = -70.0
"""The absolute gate: nothing quieter is measured, and silence itself is reported as this."""

Powers = NDArray[np.float64]

# BS.1770-5, tables 1 and 2: the two second-order filters, as given for 48 kHz. They are applied as a frequency
# response, so no other sampling rate needs coefficients of its own.
_TABLE_RATE_HZ = 48_000
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def integrated_lufs(parts: Sequence[Samples]) -> float:
    """Loudness of all excerpts together, in LUFS, gated as the standard says; ``SILENCE_LUFS`` for silence."""
    powers = np.concatenate([_block_powers(part, block_s=0.4, hop_s=0.1) for part in parts])
    loud = powers[_lufs(powers) > SILENCE_LUFS]
    if not loud.size:
        return SILENCE_LUFS
    gate = _lufs(loud.mean()) - 10
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def range_lu(parts: Sequence[Samples]) -> float:
    """How far loudness moves, in LU, 0 or more: from the 10th to the 95th hundredth of blocks of three seconds."""
    powers = np.concatenate([_block_powers(part, block_s=3.0, hop_s=1.0) for part in parts])
    loud = powers[_lufs(powers) > SILENCE_LUFS]
    if not loud.size:
        return 0.0
    levels = _lufs(loud)
    low, high = np.percentile(levels[levels > _lufs(loud.mean()) - 20], (10, 95))
    return float(high - low)


def _lufs(power: Powers) -> Powers:
    levels: Powers = -0.691 + 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def _block_powers(part: Samples, *, block_s: float, hop_s: float) -> Powers:
    """K-weighted power of overlapping blocks, summed over channels; of a part shorter than a block, one value."""
    length = part.shape[1]
    weighting = _k_weighting(np.asarray(np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ), np.float64))
    spectrum: NDArray[np.complex128] = np.fft.rfft(part.astype(np.float64)) * weighting
    weighted = np.fft.irfft(spectrum, length)
    summed = np.concatenate([[0.0], np.cumsum(np.sum(weighted**2, axis=0))])
    block, hop = min(length, int(block_s * SAMPLE_RATE_HZ)), int(hop_s * SAMPLE_RATE_HZ)
    starts = np.arange(0, length - block + 1, hop)
    return np.asarray((summed[starts + block] - summed[starts]) / block, np.float64)


def _k_weighting(frequencies_hz: NDArray[np.float64]) -> NDArray[np.complex128]:
    """The standard's weighting curve as a complex gain."""
    z = np.exp(-2j * np.pi * frequencies_hz / _TABLE_RATE_HZ)
    powers = np.stack([np.ones_like(z), z, z**2], axis=1)
    gain: NDArray[np.complex128] = np.ones_like(z)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        gain = gain * (powers @ numerator) / (powers @ denominator)
    return gain
