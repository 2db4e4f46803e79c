"""Measures how the bands of a spectrum rise and fall: attacks, drums under sustained sound, a beating bass, pauses.

All measures compare a band with itself or with bands below 4 kHz, so that a bright or a dark recording of the same
notes gives about the same values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.analysis.rhythm import count_onsets

BandPowers = NDArray[np.float32]
"""Power spectra in bands: float32 [frames, bands]."""

_FLUX_FLOOR = 1e-3  # -30 dB
_ATTACK_FLOOR = 1e-4  # -40 dB
_NOISE_FLOOR = 3e-5  # -45 dB: below, quiet recordings hold noise
_MIDDLE_HZ, _LOW_HZ = 4_000.0, 200.0
_PAIR = 2
_HARMONIC_FRAMES, _PERCUSSIVE_BANDS = 9, 7
_TINY = 1e-12


class BandMotion(NamedTuple):
    """How the bands of a track move.

    Attributes:
        flux_db: Mean rise in level from frame to frame over the audible bands, each down to 30 dB below its own peak
            and 45 dB below the loudest: 0 or more.
        attack_db: How sudden the onsets below 4 kHz are: the 90th percentile of the rise in level less its median, 0 or
            more.
        percussive_share: The share of the energy below 4 kHz that is broad in frequency and short in time, each band
            counting alike: 0 (sustained) .. 1 (drums).
        low_onset_rate_hz: Onsets below 200 Hz per second: 0..about 9.
        low_energy_share: The share of frames with less than half the mean amplitude of the second around them, 0..1:
            the gaps between syllables and words (Scheirer and Slaney 1997).
    """

    flux_db: float
    attack_db: float
    percussive_share: float
    low_onset_rate_hz: float
    low_energy_share: float


def measure_motion(
    excerpts: Sequence[BandPowers], *, centers_hz: NDArray[np.float64], frames_per_s: float
) -> BandMotion:
    """Measure the motion of a track.

    Args:
        excerpts: The band powers of each excerpt.
        centers_hz: The center of each band.
        frames_per_s: How many frames make a second.
    """
    peaks = np.max([powers.max(axis=0) for powers in excerpts], axis=0)
    loudest = max(float(peaks.max()), _TINY)
    audible = peaks > loudest * _ATTACK_FLOOR
    middle = audible & (centers_hz < _MIDDLE_HZ)
    floors = np.maximum(peaks[audible] * _FLUX_FLOOR, loudest * _NOISE_FLOOR).astype(np.float32)
    rises = [_rises_db(powers[:, audible], floors) for powers in excerpts]
    attacks = np.concatenate([_rises_db(powers[:, middle], loudest * _ATTACK_FLOOR) for powers in excerpts])
    low = centers_hz < _LOW_HZ
    lows = sum(
        count_onsets(_rises_db(powers[:, low], loudest * _ATTACK_FLOOR), frames_per_s=frames_per_s)
        for powers in excerpts
    )
    shares = [(len(powers), percussive_share(powers[:, middle])) for powers in excerpts]
    frames = sum(count for count, _ in shares)
    return BandMotion(
        flux_db=float(np.concatenate(rises).mean()),
        attack_db=float(np.percentile(attacks, 90) - np.median(attacks)),
        percussive_share=sum(count * share for count, share in shares) / frames,
        low_onset_rate_hz=lows * frames_per_s / frames,
        low_energy_share=_low_energy_share(excerpts, frames_per_s=frames_per_s),
    )


def percussive_share(powers: BandPowers) -> float:
    """The share of energy that is percussive, each band counting alike (median filtering, FitzGerald 2010).

    The median over time keeps what lasts, the median over bands what is broad; a soft mask compares the two.
    """
    frames = len(powers) // _PAIR
    if frames < _HARMONIC_FRAMES or powers.shape[1] < _PERCUSSIVE_BANDS:
        return 0.0
    paired = powers[: frames * _PAIR].reshape(frames, _PAIR, -1).mean(axis=1)
    magnitudes = np.sqrt(paired)
    lasting = _median(magnitudes, _HARMONIC_FRAMES, axis=0) ** 2
    broad = _median(magnitudes, _PERCUSSIVE_BANDS, axis=1) ** 2
    even = paired / np.maximum(paired.mean(axis=0), _TINY)
    percussive = even * (broad / np.maximum(lasting + broad, _TINY))
    total = float(even.sum(dtype=np.float64))
    return float(percussive.sum(dtype=np.float64)) / total if total > 0 else 0.0


def _low_energy_share(excerpts: Sequence[BandPowers], *, frames_per_s: float) -> float:
    """The share of frames below half the mean amplitude of their second; 0 if no excerpt is that long."""
    second = round(frames_per_s)
    low: list[NDArray[np.bool_]] = []
    for powers in excerpts:
        seconds = len(powers) // second
        amplitudes = np.sqrt(powers.sum(axis=1)[: seconds * second]).reshape(seconds, second)
        low.append(amplitudes < 0.5 * amplitudes.mean(axis=1, keepdims=True))
    return float(np.concatenate(low).mean()) if any(part.size for part in low) else 0.0


def _rises_db(powers: BandPowers, floor: NDArray[np.float32] | float) -> NDArray[np.float64]:
    """The mean rise in level from frame to frame over the bands, float64 [frames], above a floor; 0 without bands."""
    if not powers.shape[1]:
        return np.zeros(len(powers))
    levels_db = 10 * np.log10(np.maximum(powers, np.maximum(floor, np.float32(1e-20))))
    return np.asarray(np.maximum(np.diff(levels_db, axis=0, prepend=levels_db[:1]), 0).mean(axis=1), np.float64)


def _median(values: NDArray[np.float32], width: int, *, axis: int) -> NDArray[np.float32]:
    """The running median over an odd number of neighbours; the ends are repeated."""
    around = [(width // 2, width // 2) if i == axis else (0, 0) for i in range(values.ndim)]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, around, mode="edge"), width, axis=axis)
    return np.asarray(np.partition(windows, width // 2, axis=-1)[..., width // 2])
