"""Analyses the rhythm of music: onsets of notes, the tempo, and how clear the beat is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Envelope = NDArray[np.float64]
"""Onset strength: the rise in dB from frame to frame, averaged over the bands; float64 [frames], 0 or more."""

SLOWEST_BPM = 40.0
FASTEST_BPM = 220.0

# The tempo at which people prefer to tap (McKinney and Moelants 2004): near 140 for music of 3.5 onsets per second, and
# faster the more onsets there are. The other numbers were chosen on pieces that the benchmark does not use.
_PREFERRED_BPM = 140.0
_USUAL_ONSETS_HZ, _FEWEST_ONSETS_HZ = 3.5, 0.5
_DENSITY_EXPONENT = 0.4
_SPREAD_OCTAVES = 1.0
_HALF_BEAT_WEIGHT = 0.1
_GRID_BPM = np.geomspace(SLOWEST_BPM, FASTEST_BPM, 600)
_OVERSAMPLING = 4
_BEATS = np.arange(1, 5)
_MIN_CLARITY = 0.37
_MIN_RISE_DB = 0.1
_MIN_SPAN_S = 3.0


class TempoEstimate(NamedTuple):
    """A tempo in beats per minute (0 without a beat) and how clear it is, 0..1."""

    tempo_bpm: float
    clarity: float


def onset_envelope(band_powers: NDArray[np.float32]) -> Envelope:
    """The mean rise in level from frame to frame over all bands of float32 [frames, bands]; falls count as 0.

    Levels have a floor 60 dB below the loudest band of the excerpt, so that the volume does not matter.
    """
    floor = max(float(band_powers.max(initial=0.0)) * 1e-6, 1e-20)
    levels_db = 10 * np.log10(np.maximum(band_powers, floor))
    rises = np.maximum(np.diff(levels_db, axis=0, prepend=levels_db[:1]), 0)
    return np.asarray(rises.mean(axis=1), np.float64)


def count_onsets(envelope: Envelope, *, frames_per_s: float) -> int:
    """Count the onsets of notes or chords: peaks that stand out from the second around them."""
    reach, wide = max(1, round(0.06 * frames_per_s)), max(1, round(0.5 * frames_per_s))
    if envelope.size < 2 * reach + 1:
        return 0
    around = np.lib.stride_tricks.sliding_window_view(np.pad(envelope, reach), 2 * reach + 1).max(axis=1)
    sums = np.cumsum(np.pad(envelope, (wide + 1, wide), mode="edge"))
    mean = (sums[2 * wide + 1 :] - sums[: -2 * wide - 1]) / (2 * wide + 1)
    return int(np.sum((envelope == around) & (envelope > 1.5 * mean) & (envelope > 0.5)))


def estimate_tempo(envelopes: Sequence[Envelope], *, frames_per_s: float) -> TempoEstimate:
    """Estimate the tempo at which the envelopes repeat best.

    Each tempo is scored by the autocorrelation at one to four beats, the first counting most, and a little by that at
    half a beat, since beats are halved more often than divided by three; times people's preference for tapping at it.
    Of half and double tempo that fit alike, the one nearer to what the density of onsets suggests wins.

    Args:
        envelopes: One for each excerpt.
        frames_per_s: How many frames of an envelope make a second.
    """
    correlation = _autocorrelation(envelopes, frames_per_s=frames_per_s)
    if correlation is None:
        return TempoEstimate(0.0, 0.0)
    beat = 60 * frames_per_s * _OVERSAMPLING / _GRID_BPM[:, None]
    lags = np.arange(correlation.size)
    weights = 1 / _BEATS
    fit = np.interp(beat * _BEATS, lags, correlation) @ weights / weights.sum()
    halves = np.interp(beat[:, 0] / 2, lags, correlation)
    onsets_hz = sum(count_onsets(one, frames_per_s=frames_per_s) for one in envelopes) * frames_per_s
    density = max(onsets_hz / sum(one.size for one in envelopes), _FEWEST_ONSETS_HZ) / _USUAL_ONSETS_HZ
    preferred_bpm = _PREFERRED_BPM * density**_DENSITY_EXPONENT
    preference = np.exp(-0.5 * (np.log2(_GRID_BPM / preferred_bpm) / _SPREAD_OCTAVES) ** 2)
    best = int(np.argmax((fit + _HALF_BEAT_WEIGHT * halves) * preference))
    clarity = float(np.clip(fit[best], 0, 1))
    return TempoEstimate(float(_GRID_BPM[best]), clarity) if clarity >= _MIN_CLARITY else TempoEstimate(0.0, clarity)


def _autocorrelation(envelopes: Sequence[Envelope], *, frames_per_s: float) -> Envelope | None:
    """The mean autocorrelation of the envelopes, 1 at lag 0, at ``_OVERSAMPLING`` times their frame rate.

    None without onsets, or if no envelope is long enough for a few beats.
    """
    lags = np.arange(int(_BEATS[-1] * 60 * frames_per_s * _OVERSAMPLING / SLOWEST_BPM) + 1) / _OVERSAMPLING
    total, count = np.zeros(lags.size), np.zeros(lags.size)
    for envelope in envelopes:
        if envelope.size < _MIN_SPAN_S * frames_per_s:
            continue
        centered = envelope - envelope.mean()
        power = np.abs(np.fft.rfft(centered, 2 * envelope.size)) ** 2
        # The inverse transform to more samples interpolates between the frames.
        products = _OVERSAMPLING * np.fft.irfft(power, 2 * envelope.size * _OVERSAMPLING)[: lags.size]
        inside = lags < 0.9 * envelope.size
        total[inside] += products[inside]
        count[inside] += envelope.size - lags[inside]
    mean = np.divide(total, count, out=np.zeros(lags.size), where=count > 0)
    return mean / mean[0] if mean[0] > _MIN_RISE_DB**2 else None
