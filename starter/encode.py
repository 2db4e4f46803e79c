"""Writes a finished sound as a file that every browser plays by itself: MP3, in joint stereo.

Why MP3, at this rate, is in docs/decisions/0003-starter-format.md.
"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from starter.render import SAMPLE_RATE_HZ, Sound
from starter.score import Piece

BIT_RATE = 51_000
FILE_RATE_HZ = 32_000
SUFFIX = ".mp3"
RENDERING = "Synthesised with FluidSynth 2.3 and the soundfont FluidR3 GM (MIT)"
ALBUM = "mien starter library"

TREBLE_HZ = 11_000
"""What is higher is left out: LAME by itself would cut at 10 kHz, and at 7.5 kHz with 1 kbit/s less."""

# On average so many bits a second, more where the music is dense; the encoder's slowest and best search.
_OPTIONS = {"abr": "1", "compression_level": "0", "cutoff": str(TREBLE_HZ)}
# LAME turns everything down to this at such rates, to be safe from clipping; the level was set with care already.
_LAME_SCALE = 0.95


def encode(sound: Sound, path: Path, piece: Piece) -> None:
    """Write ``sound`` with the piece's title, composer, year and terms as tags; the same sound gives the same file."""
    frame = AudioFrame.from_ndarray(
        np.ascontiguousarray(sound / np.float32(_LAME_SCALE)), format="fltp", layout="stereo"
    )
    frame.sample_rate = SAMPLE_RATE_HZ
    resampler = AudioResampler(format="fltp", layout="stereo", rate=FILE_RATE_HZ)
    with av.open(str(path), "w", format="mp3") as container:
        container.metadata.update(
            {
                "title": piece.title,
                "artist": piece.composer,
                "album": ALBUM,
                "date": str(piece.year),
                "copyright": piece.licence,
                "comment": RENDERING,
            }
        )
        stream = container.add_stream("libmp3lame", rate=FILE_RATE_HZ, layout="stereo", options=_OPTIONS)
        stream.bit_rate = BIT_RATE
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
