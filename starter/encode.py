"""Encodes a mastered sound as MP3, which every browser plays.

The choice of format and rate is explained in docs/decisions/0003-starter-format.md.
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
"""The cutoff frequency; LAME's default would be 10 kHz, and 7.5 kHz with 1 kbit/s less."""

# An average bit rate, so that dense music gets more, and the encoder's best quality.
_OPTIONS = {"abr": "1", "compression_level": "0", "cutoff": str(TREBLE_HZ)}
# The gain that LAME applies at such rates against clipping; it is undone, since mastering has set the level already.
_LAME_SCALE = 0.95


def encode(sound: Sound, path: Path, piece: Piece) -> None:
    """Write ``sound`` to ``path`` with tags from ``piece``; the same sound gives the same file.

    Args:
        sound: Mastered stereo sound.
        path: The file to write.
        piece: The piece, for its title, composer, year and licence.
    """
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
