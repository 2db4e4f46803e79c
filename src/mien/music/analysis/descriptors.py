"""Measures how music sounds: fourteen descriptors, each with a unit, and the key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.music.analysis import harmony, rhythm
from mien.music.analysis.decode import SAMPLE_RATE_HZ, Excerpts
from mien.music.analysis.loudness import measure_loudness
from mien.music.analysis.motion import measure_motion

_FRAME, _HOP = 2048, 512
_LONG_FRAME, _LONG_HOP = 8192, 4096
_FRAMES_AT_ONCE = 64  # few enough for the processor's cache
_FRAMES_PER_S = SAMPLE_RATE_HZ / _HOP
_LONG_BIN_HZ = SAMPLE_RATE_HZ / _LONG_FRAME
_BANDS = 40
_KEY_SPAN = 10 * SAMPLE_RATE_HZ
_LOW_HZ = 200.0
_MIN_KEY_STRENGTH, _MIN_KEY_MARGIN = 0.6, 0.05
_SILENT_SHARE = 1e-4
_TINY = 1e-12

Wave = NDArray[np.float32]
Powers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Fourteen measures of how a track sounds, all finite, and its key; all but ``loudness_lufs`` ignore the volume.

    Means over frames are weighted by the frames' amplitude, so that pauses do not count.
    """

    loudness_lufs: float
    """Integrated loudness (ITU-R BS.1770): -70 (silence) .. about 0."""
    spread_octaves: float
    """Standard deviation of the spectrum around its centre on a logarithmic frequency axis: 0 or more."""
    flatness: float
    """Geometric over arithmetic mean of the power spectrum: 0 (pure tones) .. 1 (white noise)."""
    low_share: float
    """The share of the energy below 200 Hz: 0..1."""
    flux_db: float
    """Mean rise in level from frame to frame over the mel bands, see ``motion``: 0 or more."""
    onset_rate_hz: float
    """Onsets of notes or chords per second: 0..about 9."""
    attack_db: float
    """How sudden the onsets below 4 kHz are: the 90th percentile of the rise in level less its median, 0 or more."""
    percussive_share: float
    """The share of the energy below 4 kHz that is short and broad, as of drums: 0..1."""
    low_onset_rate_hz: float
    """Onsets below 200 Hz per second: 0..about 9."""
    low_energy_share: float
    """The share of frames with less than half the mean amplitude of the second around them: 0..1."""
    tempo_bpm: float
    """Beats per minute: 40..220, or 0 without a beat."""
    mode: float
    """How much better the best major key fits than the best minor key: -1 (minor) .. 1 (major)."""
    key_strength: float
    """How well the best key fits: 0..1."""
    roughness: float
    """How much partials beat against each other (Sethares 1993): 0..1."""
    tonic: int | None
    """The tonic in semitones from C: 0 (C) .. 11 (B), or None if no key is clear."""
    minor: bool | None
    """Whether the key is minor, or None if no key is clear."""


def compute_descriptors(excerpts: Excerpts) -> Descriptors:
    """Measure all descriptors over all excerpts, of any sound: silence, a click, noise and single tones included."""
    mono = _normalised(excerpts.mono)
    banded, timbres = [], []
    for part in mono:  # one by one: the spectra take the most memory
        powers = _power_spectra(part, frame=_FRAME, hop=_HOP)
        banded.append(powers @ _mel_bands())
        timbres.append(_timbre(powers))
    envelopes = [rhythm.onset_envelope(bands) for bands in banded]
    motion = measure_motion(banded, centers_hz=_mel_edges_hz()[1:-1], frames_per_s=_FRAMES_PER_S)
    onsets = sum(rhythm.count_onsets(envelope, frames_per_s=_FRAMES_PER_S) for envelope in envelopes)
    timbre = _mean_of(timbres)
    tonality = _tonality(mono)
    return Descriptors(
        loudness_lufs=measure_loudness(excerpts.parts),
        spread_octaves=timbre.spread_octaves,
        flatness=timbre.flatness,
        low_share=timbre.low_share,
        flux_db=motion.flux_db,
        onset_rate_hz=onsets / excerpts.analysed_s,
        attack_db=motion.attack_db,
        percussive_share=motion.percussive_share,
        low_onset_rate_hz=motion.low_onset_rate_hz,
        low_energy_share=motion.low_energy_share,
        tempo_bpm=rhythm.estimate_tempo(envelopes, frames_per_s=_FRAMES_PER_S).tempo_bpm,
        mode=tonality.mode,
        key_strength=tonality.key_strength,
        roughness=tonality.roughness,
        tonic=tonality.tonic,
        minor=tonality.minor,
    )


class _Timbre(NamedTuple):
    """How the energy of an excerpt spreads over frequency, each measure times ``weight``, the sum of amplitudes."""

    weight: float
    spread_octaves: float
    flatness: float
    low_share: float


def _mean_of(timbres: Sequence[_Timbre]) -> _Timbre:
    """The mean over the frames of all excerpts."""
    summed = np.sum(timbres, axis=0)
    return _Timbre(*(summed / summed[0] if summed[0] else summed).tolist())


def _timbre(powers: Powers) -> _Timbre:
    """Measure power spectra float32 [frames, bins]."""
    frequencies = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ).astype(np.float32)
    totals = powers.sum(axis=1)
    audible = totals > _TINY
    weights = np.sqrt(totals[audible], dtype=np.float64)
    shares = powers[audible] / totals[audible, None]
    octaves = np.log2(np.maximum(frequencies, frequencies[1]))
    means = shares @ octaves
    spreads = np.sqrt(np.maximum(shares @ octaves**2 - means**2, 0))
    lows = shares[:, : np.searchsorted(frequencies, _LOW_HZ)].sum(axis=1)
    shares += 1e-9
    arithmetic_means = shares.mean(axis=1)
    flatnesses = np.exp(np.log(shares, out=shares).mean(axis=1)) / arithmetic_means
    columns = np.stack([np.ones_like(spreads), spreads, flatnesses, lows])
    return _Timbre(*(columns @ weights).tolist())


class _Tonality(NamedTuple):
    mode: float
    key_strength: float
    roughness: float
    tonic: int | None
    minor: bool | None


def _tonality(mono: list[Wave]) -> _Tonality:
    """Mode, key strength and roughness as means over spans of ten seconds (the key may change), and the overall key."""
    spans = [wave[i : i + _KEY_SPAN] for wave in mono for i in range(0, wave.size, _KEY_SPAN)]
    energies = np.array([np.sum(span**2, dtype=np.float64) for span in spans])
    lengths = np.array([span.size for span in spans], np.float64)
    lengths[energies < _SILENT_SHARE * energies.sum() * lengths / lengths.sum()] = 0  # the mode of a pause is no mode
    weights = lengths / lengths.sum()
    peaks = [
        harmony.find_peaks(np.sqrt(_power_spectra(span, frame=_LONG_FRAME, hop=_LONG_HOP)), bin_hz=_LONG_BIN_HZ)
        for span in spans
    ]
    tuning = harmony.tuning(peaks)
    chromas = [harmony.chroma(found, tuning_semitones=tuning) for found in peaks]
    keys = [harmony.find_key(pitches) for pitches in chromas]
    overall = harmony.find_key(weights @ np.stack(chromas))
    clear = overall if overall is not None and _is_clear(overall) else None
    return _Tonality(
        mode=float(weights @ [key.mode if key else 0.0 for key in keys]),
        key_strength=float(weights @ [key.strength if key else 0.0 for key in keys]),
        roughness=float(weights @ [harmony.roughness(found) for found in peaks]),
        tonic=clear.tonic if clear else None,
        minor=clear.minor if clear else None,
    )


def _is_clear(key: harmony.MusicalKey) -> bool:
    """Whether a key fits well, and better than its rival: close ones change with the instruments that play."""
    return key.strength >= _MIN_KEY_STRENGTH and key.margin >= _MIN_KEY_MARGIN


def _normalised(mono: Sequence[Wave]) -> list[Wave]:
    """The waves, scaled to a root mean square of 1 over all of them; silence stays silence."""
    power = sum(float(np.sum(wave**2, dtype=np.float64)) for wave in mono) / sum(wave.size for wave in mono)
    return [wave / np.float32(np.sqrt(power)) if power > _TINY else np.zeros_like(wave) for wave in mono]


def _power_spectra(wave: Wave, *, frame: int, hop: int) -> Powers:
    """The power spectra of overlapping Hann-windowed frames, float32 [frames, bins]; a short wave is padded."""
    padded = np.pad(wave, (0, max(0, frame - wave.size)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, frame)[::hop]
    window = np.hanning(frame).astype(np.float32)
    powers = np.empty((len(frames), frame // 2 + 1), np.float32)
    for first in range(0, len(frames), _FRAMES_AT_ONCE):
        spectra = np.fft.rfft(frames[first : first + _FRAMES_AT_ONCE] * window)
        powers[first : first + _FRAMES_AT_ONCE] = spectra.real**2 + spectra.imag**2
    return powers


@cache
def _mel_bands() -> NDArray[np.float32]:
    """Forty triangular filters, evenly spaced on the mel scale (O'Shaughnessy 1987), float32 [bins, bands]."""
    frequencies = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    edges = _mel_edges_hz()
    rise = (frequencies[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - frequencies[:, None]) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rise, fall)).astype(np.float32)


def _mel_edges_hz() -> NDArray[np.float64]:
    """The lower edge, the centers and the upper edge of the bands, float64 [bands + 2]."""
    mels = np.linspace(_mel(30.0), _mel(SAMPLE_RATE_HZ / 2), _BANDS + 2)
    return np.asarray(700 * (10 ** (mels / 2595) - 1), np.float64)


def _mel(frequency_hz: float) -> float:
    return 2595 * math.log10(1 + frequency_hz / 700)
