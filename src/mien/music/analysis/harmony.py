"""Analyses the harmony of music: its pitches, its key, and how rough it sounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# Krumhansl and Kessler (1982): how well each of the twelve pitches fits a key, from its tonic upwards.
MAJOR_PROFILE = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR_PROFILE = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])

_LOWEST_HZ, _HIGHEST_HZ = 60.0, 2_500.0
_MAX_PEAKS = 20
_PEAK_FLOOR = 0.01


_HARMONICS = range(2, 9)
_TUNED_CENTS = 40.0
_SHARPEST_TUNING = 0.4
_MIN_TUNING_EVIDENCE = 1e-9


class MusicalKey(NamedTuple):
    """The best fitting key.

    Attributes:
        mode: How much better the best major key fits than the best minor key: -1 (minor) .. 1 (major).
        strength: How well the key fits, 0..1.
        margin: How much better it fits than the second best key, 0..2.
        tonic: The tonic in semitones from C, 0..11.
        minor: Whether it is a minor key.
    """

    mode: float
    strength: float
    margin: float
    tonic: int
    minor: bool


class SpectralPeaks(NamedTuple):
    """The strongest partials of each frame, float64 [frames, 20]; an amplitude of 0 means no partial."""

    frequencies_hz: NDArray[np.float64]
    amplitudes: NDArray[np.float64]


def find_peaks(magnitudes: NDArray[np.float32], *, bin_hz: float) -> SpectralPeaks:
    """Find the local maxima between 60 and 2500 Hz, with frequencies interpolated between bins.

    Peaks more than 40 dB below the strongest one of the whole excerpt are left out.

    Args:
        magnitudes: Magnitude spectra, float32 [frames, bins].
        bin_hz: The width of a bin.
    """
    first, last = int(_LOWEST_HZ / bin_hz), int(_HIGHEST_HZ / bin_hz)
    middle = magnitudes[:, first:last].astype(np.float64)
    left, right = magnitudes[:, first - 1 : last - 1], magnitudes[:, first + 1 : last + 1]
    floor = _PEAK_FLOOR * float(middle.max(initial=0.0)) + 1e-12
    heights = np.where((middle > left) & (middle >= right) & (middle > floor), middle, 0.0)
    chosen = np.argsort(-heights, axis=1)[:, :_MAX_PEAKS]
    amplitudes = np.take_along_axis(heights, chosen, axis=1)
    # A parabola through the logarithms of three bins gives the frequency (Smith and Serra 1987).
    around = np.take_along_axis(np.stack([left, middle, right]).astype(np.float64), chosen[None], axis=2)
    a, b, c = np.log(around + 1e-12)
    offset = np.clip(0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9), -0.5, 0.5)
    return SpectralPeaks((chosen + first + offset) * bin_hz, amplitudes)


def fundamentals(peaks: SpectralPeaks) -> SpectralPeaks:
    """The same peaks, with the amplitude that overtones of lower peaks explain subtracted.

    The fifth partial of a tone is its major third and can be as loud as the tone itself on a low instrument; counted as
    a note, it would make low music sound major. Overtones are assumed to decay with the square root of their number,
    slowly, as those of strings and brass do.
    """
    frequencies, amplitudes = peaks
    ratios = frequencies[:, None, :] / np.maximum(frequencies[:, :, None], 1.0)
    explained = np.zeros_like(amplitudes)
    for harmonic in _HARMONICS:
        cents = np.abs(1200 * np.log2(np.maximum(ratios, 1e-9) / harmonic))
        nearness = np.maximum(0, 1 - cents / _TUNED_CENTS)
        explained = np.maximum(explained, (nearness * amplitudes[:, :, None]).max(axis=1) / np.sqrt(harmonic))
    return SpectralPeaks(frequencies, np.maximum(amplitudes - explained, 0))


def tuning(peaks: Sequence[SpectralPeaks]) -> float:
    """How far the music is tuned from A = 440 Hz, in semitones, -0.6..0.4; 0 in silence.

    It is the circular mean of the peaks' deviations from the nearest semitone. Of the two readings of music that is
    tuned between two semitones, the flat one counts: tuning forks below 440 Hz are common, far above it they are rare.
    """
    mean = sum(
        complex(np.sum(np.sqrt(one.amplitudes) * np.exp(2j * np.pi * _semitones(one.frequencies_hz)))) for one in peaks
    )
    if abs(mean) < _MIN_TUNING_EVIDENCE:
        return 0.0
    deviation = float(np.angle(mean) / (2 * np.pi))
    return deviation - 1 if deviation > _SHARPEST_TUNING else deviation


def chroma(peaks: SpectralPeaks, *, tuning_semitones: float = 0.0) -> NDArray[np.float64]:
    """The share of each of the twelve pitch classes, from C upwards: float64 [12], summing to 1 (to 0 in silence).

    Args:
        peaks: The partials.
        tuning_semitones: How far the music is tuned from A = 440 Hz.
    """
    notes = fundamentals(peaks)
    pitch = _semitones(notes.frequencies_hz) - tuning_semitones
    nearest = np.round(pitch)
    in_tune = np.maximum(0, 1 - 2 * np.abs(pitch - nearest))
    weights = np.sqrt(notes.amplitudes) * in_tune
    summed = np.bincount(nearest.astype(int).ravel() % 12, weights.ravel(), minlength=12)
    total = summed.sum()
    return np.asarray(summed / total if total > 0 else summed, np.float64)


def _semitones(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pitches on MIDI's scale: 69 is 440 Hz."""
    pitches: NDArray[np.float64] = 69 + 12 * np.log2(frequencies_hz / 440)
    return pitches


def find_key(pitches: NDArray[np.float64]) -> MusicalKey | None:
    """Correlate a chroma float64 [12] with the profiles of all keys (Krumhansl 1990, chapter 4); None if it is flat."""
    if pitches.std() < 1e-6:
        return None
    rolled = np.stack([np.roll(profile, tonic) for profile in (MAJOR_PROFILE, MINOR_PROFILE) for tonic in range(12)])
    standard = (rolled - rolled.mean(axis=1, keepdims=True)) / rolled.std(axis=1, keepdims=True)
    fits = (standard @ (pitches - pitches.mean()) / (12 * pitches.std())).reshape(2, 12)
    major, minor = fits.max(axis=1)
    rival, best = np.sort(fits, axis=None)[-2:]
    return MusicalKey(
        mode=float(np.clip(major - minor, -1, 1)),
        strength=float(np.clip(best, 0, 1)),
        margin=float(best - rival),
        tonic=int(fits[int(minor > major)].argmax()),
        minor=bool(minor > major),
    )


def roughness(peaks: SpectralPeaks) -> float:
    """How much the partials of a frame beat against each other, 0 (smooth) .. 1, weighted by level.

    Plomp and Levelt's curve for a pair of partials in Sethares' form (1993), over all pairs.
    """
    frequencies, amplitudes = peaks
    i, j = np.triu_indices(_MAX_PEAKS, k=1)
    apart_hz = np.abs(frequencies[:, i] - frequencies[:, j])
    scale = 0.24 / (0.0207 * np.minimum(frequencies[:, i], frequencies[:, j]) + 18.96)
    beating = 5.56 * (np.exp(-3.51 * scale * apart_hz) - np.exp(-5.75 * scale * apart_hz))
    products = amplitudes[:, i] * amplitudes[:, j]
    total = products.sum()
    return float(np.clip((products * beating).sum() / total, 0, 1)) if total > 0 else 0.0
