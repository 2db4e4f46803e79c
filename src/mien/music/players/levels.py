"""Computes the MPD volume at which all pieces are equally loud."""

from __future__ import annotations

import math

REFERENCE_LUFS = -18.0
"""The loudness of a piece that plays at the user's volume unchanged: the reference of ReplayGain 2."""

_GAIN_RANGE_DB = (-15.0, 6.0)  # a nearly silent piece is not amplified to noise
_MIXER_CURVE = 25.0  # MPD's software mixer: exp(volume / 25), from 0 to 1


def gain_db(loudness_lufs: float) -> float:
    """The gain in decibels that brings a piece of this loudness to the reference, within limits."""
    return min(max(REFERENCE_LUFS - loudness_lufs, _GAIN_RANGE_DB[0]), _GAIN_RANGE_DB[1])


def adjusted_volume(volume: float, by_db: float) -> float:
    """Change MPD's volume by a gain.

    Args:
        volume: MPD's volume, 0..100; 0 stays 0.
        by_db: The gain in decibels.

    Returns:
        The new volume, 0..100.
    """
    if volume <= 0:
        return 0.0
    amplitude = _amplitude(volume) * 10 ** (by_db / 20)
    return min(100.0, _MIXER_CURVE * math.log1p(amplitude * math.expm1(100 / _MIXER_CURVE)))


def _amplitude(volume: float) -> float:
    return math.expm1(volume / _MIXER_CURVE) / math.expm1(100 / _MIXER_CURVE)
