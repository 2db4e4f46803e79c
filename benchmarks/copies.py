"""Makes copies of music as people come to have them: in another format, quieter, with silence before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

import av
import numpy as np


@dataclass(frozen=True, slots=True)
class Variant:
    """How a copy is made.

    Attributes:
        suffix: Of the file, which names the container.
        codec: FFmpeg's name of the encoder.
        bit_rate: In bits per second; None for the encoder's own.
        gain_db: How much louder the copy is.
        lead_s: Silence before it.
    """

    suffix: str
    codec: str
    bit_rate: int | None = None
    gain_db: float = 0.0
    lead_s: float = 0.0


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "MP3, 96 kbit/s": Variant(".mp3", "libmp3lame", 96_000),
        "Opus, 48 kbit/s": Variant(".opus", "libopus", 48_000),
        "FLAC, 6 dB quieter, 0.6 s later": Variant(".flac", "flac", None, -6.0, 0.6),
    }
)


def copy(source: Path, variant: Variant, folder: Path) -> Path:
    """A copy of a file without its tags, from ``folder`` if it is there."""
    path = folder / f"{source.parent.name}-{source.stem}{variant.suffix}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"part-{path.name}")
        _encode(source, partial, variant)
        partial.rename(path)
    return path


def _encode(source: Path, target: Path, variant: Variant) -> None:
    rate_hz = 48_000
    factor = np.float32(10 ** (variant.gain_db / 20))
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate_hz)
    with av.open(str(source)) as decoded, av.open(str(target), "w") as encoded:
        stream = cast("av.AudioStream", encoded.add_stream(variant.codec, rate=rate_hz))
        stream.layout = "stereo"
        if variant.bit_rate is not None:
            stream.bit_rate = variant.bit_rate
        fifo = av.AudioFifo()
        fifo.write(_frame(np.zeros((2, round(variant.lead_s * rate_hz) or 1), np.float32), rate_hz))
        for frame in decoded.decode(audio=0):
            for part in resampler.resample(frame):
                fifo.write(_frame(np.clip(part.to_ndarray() * factor, -1, 1), rate_hz))
            while (block := fifo.read(stream.codec_context.frame_size or 4096)) is not None:
                encoded.mux(stream.encode(block))
        rest = fifo.read(0, partial=True)
        if rest is not None:
            encoded.mux(stream.encode(rest))
        encoded.mux(stream.encode(None))


def _frame(samples: np.ndarray, rate_hz: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="stereo")
    frame.sample_rate = rate_hz
    return frame
