"""Describes how music sounds in 18 numbers, each with a unit and a meaning, and names its key."""

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

_FRAME, _HOP = 2048, 512
_LONG_FRAME, _LONG_HOP = 8192, 4096
_FRAMES_AT_ONCE = 64  # what the processor keeps at hand, and little memory
_FRAMES_PER_S = SAMPLE_RATE_HZ / _HOP
_LONG_BIN_HZ = SAMPLE_RATE_HZ / _LONG_FRAME
_BANDS = 40
_KEY_SPAN = 10 * SAMPLE_RATE_HZ
_LOW_HZ, _HIGH_HZ = 200.0, 2_000.0
_LEAST_STRENGTH = 0.6
_TINY = 1e-12

Wave = NDArray[np.float32]
Powers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What 18 measures say of a piece; all are finite, and all but the first are the same at any volume. And its key.

    Means over frames are weighted by the frames' amplitude, so that pauses do not count.
    """

    loudness_lufs: float
    """-70 (silence) .. about 0: integrated loudness (ITU-R BS.1770)."""
    loudness_range_lu: float
    """0 or more: how far loudness moves (EBU Tech 3342)."""
    crest_db: float
    """0 or more: the highest peak over the root mean square."""
    centroid_hz: float
    """0..11025: the spectrum's centre of gravity: brightness."""
    spread_octaves: float
    """0 or more: how far the spectrum reaches around its centre."""
    rolloff_hz: float
    """0..11025: 85 % of the energy lies below."""
    flatness: float
    """0 (pure tones) .. 1 (white noise): geometric over arithmetic mean of the power spectrum."""
    zero_crossings_hz: float
    """0..22050: how often a second the wave changes its sign."""
    low_share: float
    """0..1: the part of the energy below 200 Hz."""
    high_share: float
    """0..1: the part of the energy above 2000 Hz."""
    flux_db: float
    """0 or more: mean rise in level from frame to frame over the mel bands: how much begins."""
    onset_rate_hz: float
    """0..about 9: notes or chords that begin in a second."""
    attack_db: float
    """0 or more: how suddenly they begin, the 90th hundredth of the rise over its median."""
    tempo_bpm: float
    """40..220, or 0 without a beat."""
    beat_clarity: float
    """0..1: how regularly the beat repeats."""
    mode: float
    """-1 (minor) .. 1 (major): how much better the best major key fits than the best minor key."""
    key_strength: float
    """0..1: how well the best key fits."""
    roughness: float
    """0..1: how much partials beat against each other (Sethares 1993)."""
    tonic: int | None
    """0 (C) .. 11 (B): the keynote, or None where no key is clear."""
    minor: bool | None
    """Whether the key is a minor one, or None."""


def describe(excerpts: Excerpts) -> Descriptors:
    """Measure all 18 descriptors over all excerpts; silence, a click, noise or a single tone are measured as well."""
    mono = _levelled([part.mean(axis=0) for part in excerpts.parts])
    envelopes, timbres = [], []
    for part in mono:  # one after the other: their spectra are what takes the most memory
        powers = _powers(part, frame=_FRAME, hop=_HOP)
        envelopes.append(rhythm.onset_envelope(powers @ _mel_bands()))
        timbres.append(_timbre(powers))
    whole, envelope = np.concatenate(mono), np.concatenate(envelopes)
    pulse = rhythm.find_pulse(envelopes, frames_per_s=_FRAMES_PER_S)
    onsets = sum(rhythm.count_onsets(envelope, frames_per_s=_FRAMES_PER_S) for envelope in envelopes)
    loudness = measure_loudness(excerpts.parts)
    timbre = _mean_of(timbres)
    tonality = _tonality(mono)
    return Descriptors(
        loudness_lufs=loudness.integrated_lufs,
        loudness_range_lu=loudness.range_lu,
        crest_db=_db(float(np.max(whole**2)) / max(float(np.mean(whole**2)), _TINY)) if whole.any() else 0.0,
        centroid_hz=timbre.centroid_hz,
        spread_octaves=timbre.spread_octaves,
        rolloff_hz=timbre.rolloff_hz,
        flatness=timbre.flatness,
        zero_crossings_hz=float(np.sum(np.signbit(whole[1:]) != np.signbit(whole[:-1]))) / excerpts.heard_s,
        low_share=timbre.low_share,
        high_share=timbre.high_share,
        flux_db=float(envelope.mean()),
        onset_rate_hz=onsets / excerpts.heard_s,
        attack_db=float(np.percentile(envelope, 90) - np.median(envelope)),
        tempo_bpm=pulse.tempo_bpm,
        beat_clarity=pulse.clarity,
        mode=tonality.mode,
        key_strength=tonality.key_strength,
        roughness=tonality.roughness,
        tonic=tonality.tonic,
        minor=tonality.minor,
    )


class _Timbre(NamedTuple):
    """How energy is spread over frequency; of an excerpt, each times its ``weight``, the sum of amplitudes."""

    weight: float
    centroid_hz: float
    spread_octaves: float
    rolloff_hz: float
    flatness: float
    low_share: float
    high_share: float


def _mean_of(timbres: Sequence[_Timbre]) -> _Timbre:
    """What the excerpts of a piece are like together: the mean over all of their frames."""
    summed = np.sum(timbres, axis=0)
    return _Timbre(*(summed / summed[0] if summed[0] else summed).tolist())


def _timbre(powers: Powers) -> _Timbre:
    """How the energy of float32 [frames, bins] is spread over frequency."""
    frequencies = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ).astype(np.float32)
    totals = powers.sum(axis=1)
    heard = totals > _TINY
    # In float64, so that a mean of frequencies does not round to one beyond them all.
    weights = np.sqrt(totals[heard], dtype=np.float64)
    shares = powers[heard] / totals[heard, None]
    centroids = shares @ frequencies
    octaves = np.log2(np.maximum(frequencies, frequencies[1]))
    middles = shares @ octaves
    spreads = np.sqrt(np.maximum(shares @ octaves**2 - middles**2, 0))
    rolloffs = frequencies[np.minimum((np.cumsum(shares, axis=1) < 0.85).sum(axis=1), frequencies.size - 1)]
    low, high = np.searchsorted(frequencies, (_LOW_HZ, _HIGH_HZ))
    lows, highs = shares[:, :low].sum(axis=1), shares[:, high:].sum(axis=1)
    shares += 1e-9
    means = shares.mean(axis=1)
    flatnesses = np.exp(np.log(shares, out=shares).mean(axis=1)) / means
    columns = np.stack([np.ones_like(centroids), centroids, spreads, rolloffs, flatnesses, lows, highs])
    return _Timbre(*(columns @ weights).tolist())


class _Tonality(NamedTuple):
    mode: float
    key_strength: float
    roughness: float
    tonic: int | None
    minor: bool | None


def _tonality(mono: list[Wave]) -> _Tonality:
    """Mode and roughness, taken in spans of ten seconds, since a piece may change its key; and the key of it all."""
    spans = [wave[i : i + _KEY_SPAN] for wave in mono for i in range(0, wave.size, _KEY_SPAN)]
    lengths = np.array([span.size for span in spans], np.float64)
    weights = lengths / lengths.sum()
    peaks = [
        harmony.find_peaks(np.sqrt(_powers(span, frame=_LONG_FRAME, hop=_LONG_HOP)), bin_hz=_LONG_BIN_HZ)
        for span in spans
    ]
    chromas = [harmony.chroma(found) for found in peaks]
    keys = [harmony.find_key(pitches) for pitches in chromas]
    whole = harmony.find_key(weights @ np.stack(chromas))
    clear = whole if whole is not None and whole.strength >= _LEAST_STRENGTH else None
    return _Tonality(
        mode=float(weights @ [key.mode if key else 0.0 for key in keys]),
        key_strength=float(weights @ [key.strength if key else 0.0 for key in keys]),
        roughness=float(weights @ [harmony.roughness(found) for found in peaks]),
        tonic=clear.tonic if clear else None,
        minor=clear.minor if clear else None,
    )


def _levelled(mono: list[Wave]) -> list[Wave]:
    """The same waves at a root mean square of 1 over all of them; silence stays silence."""
    power = sum(float(np.sum(wave**2, dtype=np.float64)) for wave in mono) / sum(wave.size for wave in mono)
    return [wave / np.float32(np.sqrt(power)) if power > _TINY else np.zeros_like(wave) for wave in mono]


def _powers(wave: Wave, *, frame: int, hop: int) -> Powers:
    """The power spectrum of overlapping Hann-windowed frames, float32 [frames, bins]; a short wave is padded."""
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
    """Forty triangles, evenly spaced on the mel scale (O'Shaughnessy 1987), float32 [bins, bands]."""
    frequencies = np.fft.rfftfreq(_FRAME, 1 / SAMPLE_RATE_HZ)
    mels = np.linspace(_mel(30.0), _mel(SAMPLE_RATE_HZ / 2), _BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    rise = (frequencies[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - frequencies[:, None]) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rise, fall)).astype(np.float32)


def _mel(frequency_hz: float) -> float:
    return 2595 * math.log10(1 + frequency_hz / 700)


def _db(ratio: float) -> float:
    return 10 * math.log10(ratio)
