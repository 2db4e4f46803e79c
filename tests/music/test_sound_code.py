"""The code of a track's sound: exact enough, and absent where nothing was heard."""

from __future__ import annotations

import numpy as np
import pytest

from mien.music.sound_code import EMBEDDING_SIZE, STRENGTH_COUNT, SoundVectors, decode_sound, encode_sound


def test_a_code_keeps_small_strengths_and_the_embedding():
    rng = np.random.default_rng(2)
    sound = SoundVectors(
        (rng.uniform(0, 1, STRENGTH_COUNT) ** 4).astype(np.float32),
        rng.uniform(0, 12, EMBEDDING_SIZE).astype(np.float32),
    )
    code = encode_sound(sound)
    decoded = decode_sound(code)
    assert len(code) == 300
    assert decoded is not None
    np.testing.assert_allclose(np.sqrt(decoded.strengths), np.sqrt(sound.strengths), atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(decoded.embedding, sound.embedding, atol=1 / 32)
    assert encode_sound(decoded) == code


def test_values_beyond_the_range_are_clipped():
    sound = SoundVectors(np.full(STRENGTH_COUNT, 1.5, np.float32), np.full(EMBEDDING_SIZE, 99, np.float32))
    assert set(encode_sound(sound)) == {255}


@pytest.mark.parametrize("code", [b"", b"\0" * 299])
def test_no_code_is_no_sound(code):
    assert decode_sound(code) is None
