"""Finds the beat of music: where notes begin, how fast the pulse goes, how clear it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Envelope = NDArray[np.float64]
"""How strongly notes begin in each frame, in dB of rise over the mean of all bands: float64 [frames], 0 or more."""

SLOWEST_BPM = 40.0
FASTEST_BPM = 220.0

# The tempo at which people like best to tap, and how far their taste spreads (McKinney and Moelants 2004).
_PREFERRED_BPM = 120.0
_SPREAD_OCTAVES = 1.0
_GRID_BPM = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 600)
_FINER = 4
_BEATS = np.arange(1, 5)
_LEAST_CLARITY = 0.1
_LEAST_RISE_DB = 0.1
_LEAST_SPAN_S = 3.0


class TempoEstimate(NamedTuple):
    """A tempo in beats a minute (0 where there is no beat) and how clear it is, 0..1."""

    tempo_bpm: float
    clarity: float


def onset_envelope(band_powers: NDArray[np.float32]) -> Envelope:
    """The mean rise in level from frame to frame over all bands of float32 [frames, bands]; falls do not count.

    A rise is counted above a floor 60 dB under the loudest band of the excerpt, so that it is the same at any volume.
    """
    floor = max(float(band_powers.max(initial=0.0)) * 1e-6, 1e-20)
    levels_db = 10 * np.log10(np.maximum(band_powers, floor))
    rises = np.maximum(np.diff(levels_db, axis=0, prepend=levels_db[:1]), 0)
    return np.asarray(rises.mean(axis=1), np.float64)


def count_onsets(envelope: Envelope, *, frames_per_s: float) -> int:
    """How many notes or chords begin: peaks of the envelope that stand out of their neighbourhood of a second."""
    reach, wide = max(1, round(0.06 * frames_per_s)), max(1, round(0.5 * frames_per_s))
    if envelope.size < 2 * reach + 1:
        return 0
    around = np.lib.stride_tricks.sliding_window_view(np.pad(envelope, reach), 2 * reach + 1).max(axis=1)
    sums = np.cumsum(np.pad(envelope, (wide + 1, wide), mode="edge"))
    mean = (sums[2 * wide + 1 :] - sums[: -2 * wide - 1]) / (2 * wide + 1)
    return int(np.sum((envelope == around) & (envelope > 1.5 * mean) & (envelope > 0.5)))


def find_pulse(envelopes: Sequence[Envelope], *, frames_per_s: float) -> TempoEstimate:
    """The tempo at which the envelopes repeat best.

    Each tempo is scored by the autocorrelation at one to four beats, the first counting most, times how much people
    like to tap that fast; of half and double tempo, the one nearer to 120 wins where they fit alike.
    """
    correlation = _autocorrelation(envelopes, frames_per_s=frames_per_s)
    if correlation is None:
        return TempoEstimate(0.0, 0.0)
    beat = 60 * frames_per_s * _FINER / _GRID_BPM[:, None]
    lags = np.arange(correlation.size)
    weights = 1 / _BEATS
    fit = np.interp(beat * _BEATS, lags, correlation) @ weights / weights.sum()
    preference = np.exp(-0.5 * (np.log2(_GRID_BPM / _PREFERRED_BPM) / _SPREAD_OCTAVES) ** 2)
    best = int(np.argmax(fit * preference))
    clarity = float(np.clip(fit[best], 0, 1))
    return TempoEstimate(float(_GRID_BPM[best]), clarity) if clarity >= _LEAST_CLARITY else TempoEstimate(0.0, clarity)


def _autocorrelation(envelopes: Sequence[Envelope], *, frames_per_s: float) -> Envelope | None:
    """The envelopes' mean autocorrelation, 1 at lag 0, ``_FINER`` times as finely spaced as their frames.

    None where nothing begins, or where no envelope is long enough to hold a few beats.
    """
    lags = np.arange(int(_BEATS[-1] * 60 * frames_per_s * _FINER / SLOWEST_BPM) + 1) / _FINER
    total, count = np.zeros(lags.size), np.zeros(lags.size)
    for envelope in envelopes:
        if envelope.size < _LEAST_SPAN_S * frames_per_s:
            continue
        centred = envelope - envelope.mean()
        power = np.abs(np.fft.rfft(centred, 2 * envelope.size)) ** 2
        # Transformed back to more samples than it came from, it is interpolated between the frames.
        products = _FINER * np.fft.irfft(power, 2 * envelope.size * _FINER)[: lags.size]
        inside = lags < 0.9 * envelope.size
        total[inside] += products[inside]
        count[inside] += envelope.size - lags[inside]
    mean = np.divide(total, count, out=np.zeros(lags.size), where=count > 0)
    return mean / mean[0] if mean[0] > _LEAST_RISE_DB**2 else None
