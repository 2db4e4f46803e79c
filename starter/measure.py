"""Measures sound files: loudness, true peak, length and silence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from mien.music.analysis import decode, loudness

_OVERSAMPLING = 4
_CHUNK = 1 << 16
_MARGIN = 1 << 9


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A whole decoded sound file: ``samples`` float32 [channels, samples], full scale -1..1."""

    samples: NDArray[np.float32]
    rate_hz: int

    @property
    def duration_s(self) -> float:
        """Its length."""
        return float(self.samples.shape[1] / self.rate_hz)


def read(path: Path) -> Decoded:
    """Decode a whole sound file; raises ``av.FFmpegError`` if it is damaged."""
    pieces: list[NDArray[np.float32]] = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate_hz = stream.rate
        resampler = AudioResampler(format="fltp", layout="stereo", rate=rate_hz)
        for frame in container.decode(stream):
            pieces += [np.asarray(one.to_ndarray(), np.float32) for one in resampler.resample(frame)]
        pieces += [np.asarray(one.to_ndarray(), np.float32) for one in resampler.resample(None)]
    return Decoded(np.concatenate(pieces, axis=1), rate_hz)


def loudness_lufs(samples: NDArray[np.float32], rate_hz: int) -> float:
    """The integrated loudness of a sound (ITU-R BS.1770), as mien measures it."""
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32), format="fltp", layout="stereo")
    frame.sample_rate = rate_hz
    resampler = AudioResampler(format="fltp", rate=decode.SAMPLE_RATE_HZ)
    resampled = [*resampler.resample(frame), *resampler.resample(None)]
    whole = np.concatenate([one.to_ndarray() for one in resampled], axis=1)
    return loudness.measure_loudness([whole])


def true_peak_dbtp(samples: NDArray[np.float32]) -> float:
    """The true peak in dB relative to full scale, by four times oversampling."""
    highest = 0.0
    padded = np.pad(samples, ((0, 0), (_MARGIN, _MARGIN + _CHUNK)))
    for start in range(0, samples.shape[1], _CHUNK):
        chunk = padded[:, start : start + _CHUNK + 2 * _MARGIN] * np.hanning(2 * _MARGIN)[_edges()]
        spectrum = np.fft.rfft(chunk)
        finer = np.fft.irfft(spectrum, chunk.shape[1] * _OVERSAMPLING) * _OVERSAMPLING
        highest = max(highest, float(np.abs(finer).max()))
    return float(20 * np.log10(max(highest, 1e-9)))


def _edges() -> NDArray[np.int64]:
    """Indices into a window of twice the margin: its rising half, its middle for a whole chunk, its falling half."""
    return np.concatenate(
        [np.arange(_MARGIN), np.full(_CHUNK, _MARGIN), np.arange(_MARGIN, 2 * _MARGIN)],
    )


def longest_silence_s(samples: NDArray[np.float32], rate_hz: int, *, floor_db: float = -60.0) -> float:
    """The longest stretch in which no sample exceeds ``floor_db`` relative to full scale.

    Args:
        samples: float32 [channels, samples].
        rate_hz: The sampling rate.
        floor_db: The level that counts as silence, in dB relative to full scale.
    """
    loud = np.flatnonzero(np.abs(samples).max(axis=0) > 10 ** (floor_db / 20))
    edges = np.concatenate([[-1], loud, [samples.shape[1]]])
    return float((np.diff(edges).max() - 1) / rate_hz)
