"""How loud an MPD's volume makes a piece, and which volume makes all pieces alike."""

from __future__ import annotations

import math

REFERENCE_LUFS = -18.0
"""The loudness of a piece that plays at the volume that a person set: that of ReplayGain 2."""

_GAINS_DB = (-15.0, 6.0)  # a piece that is all but silent is not made to hiss
_CURVE = 25.0  # MPD's software mixer: exp(volume / 25), from 0 to 1


def gain_db(loudness_lufs: float) -> float:
    """By how many decibels a piece is turned up, or down where it is negative."""
    return min(max(REFERENCE_LUFS - loudness_lufs, _GAINS_DB[0]), _GAINS_DB[1])


def turned(volume: float, by_db: float) -> float:
    """A volume of MPD's, 0..100, turned up by decibels; 0 stays 0."""
    if volume <= 0:
        return 0.0
    wanted = _amplitude(volume) * 10 ** (by_db / 20)
    return min(100.0, _CURVE * math.log1p(wanted * math.expm1(100 / _CURVE)))


def _amplitude(volume: float) -> float:
    return math.expm1(volume / _CURVE) / math.expm1(100 / _CURVE)
