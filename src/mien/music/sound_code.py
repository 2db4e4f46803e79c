"""Codes what MusiCNN computes of a track in 300 bytes, for finding tracks that sound alike.

The first 100 bytes are the strengths of the tags, the other 200 the layer before them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STRENGTH_COUNT, EMBEDDING_SIZE = 100, 200

_HIGHEST_CODE = 255
_EMBEDDING_STEP = 1 / 16  # so values up to 16 can be coded; of 127 pieces of music none reached 10


class SoundVectors(NamedTuple):
    """What MusiCNN computes of a track.

    Attributes:
        strengths: The strength of each tag of both networks, float32 [100], 0..1.
        embedding: The layer before the tags of the network ``msd``, float32 [200], 0..16.
    """

    strengths: NDArray[np.float32]
    embedding: NDArray[np.float32]


def encode_sound(sound: SoundVectors) -> bytes:
    """The code of a sound: 300 bytes.

    The strengths are coded by their square roots: most are small, and small ones differ by what counts.
    """
    codes = np.concatenate([np.sqrt(sound.strengths) * _HIGHEST_CODE, sound.embedding / _EMBEDDING_STEP])
    return np.clip(np.round(codes), 0, _HIGHEST_CODE).astype(np.uint8).tobytes()


def decode_sound(code: bytes) -> SoundVectors | None:
    """The sound of a code; None if the code is empty or of another length, as for tracks that were never analysed."""
    if len(code) != STRENGTH_COUNT + EMBEDDING_SIZE:
        return None
    values = np.frombuffer(code, np.uint8).astype(np.float32)
    strengths, embedding = values[:STRENGTH_COUNT], values[STRENGTH_COUNT:]
    return SoundVectors(np.square(strengths / np.float32(_HIGHEST_CODE)), embedding * np.float32(_EMBEDDING_STEP))
