"""The index of sounds: what is alike, whatever the size of the library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mien.music.recommender.sounds import SoundIndex

codes = arrays(np.uint8, st.tuples(st.integers(1, 20), st.just(300)))


def of(matrix):
    return SoundIndex.of([row.tobytes() for row in matrix])


def alike(index, row):
    return index.similarities(np.array([row]))[:, 0]


def styles(count, *, kinds, seed=0):
    """Sounds of some styles, each near its style's own; and the style of each."""
    rng = np.random.default_rng(seed)
    centres = rng.integers(20, 200, (kinds, 300))
    style = rng.integers(kinds, size=count)
    return np.clip(centres[style] + rng.normal(0, 15, (count, 300)), 0, 255).astype(np.uint8), style


@settings(deadline=None)
@given(codes)
def test_similarities_are_symmetric_and_in_range(matrix):
    index = of(matrix)
    found = index.similarities(np.arange(len(matrix)))
    assert np.abs(found).max() <= 1
    assert np.allclose(found, found.T, atol=1e-4)


def test_the_same_sound_is_most_alike_and_a_style_before_others():
    matrix, style = styles(300, kinds=6)
    matrix[7], style[7] = matrix[3], style[3]
    found = alike(of(matrix), 3)
    assert found[[3, 7]] == pytest.approx([1, 1], abs=1e-5)
    same = style == style[3]
    assert found[same].min() > found[~same].max()
    assert found[~same].mean() < 0.2


def test_two_tracks_of_a_library_may_be_alike():
    """Seen from their own middle alone, two tracks are always opposites."""
    matrix, _ = styles(2, kinds=1)
    assert alike(of(matrix), 0)[1] > 0.8


def test_the_pieces_of_a_large_library_are_compared_as_those_of_a_small_one():
    matrix, _ = styles(20_000, kinds=4)
    index = of(matrix)
    values = matrix.astype(np.float64) - index.centre
    expected = np.zeros(len(matrix))
    for part in (slice(0, 100), slice(100, 300)):
        units = values[:, part] / np.linalg.norm(values[:, part], axis=1, keepdims=True)
        expected += units @ units[12_345] / 2
    assert alike(index, 12_345) == pytest.approx(expected, abs=1e-4)


def test_tracks_without_a_sound_are_like_none():
    matrix, _ = styles(4, kinds=1)
    index = SoundIndex.of([matrix[0].tobytes(), b"", matrix[1].tobytes(), b"too short"])
    assert index.known.tolist() == [True, False, True, False]
    assert alike(index, 0)[[1, 3]].tolist() == [0, 0]
    assert alike(index, 1).tolist() == [0, 0, 0, 0]
    assert alike(SoundIndex.of([b"", b""]), 0).tolist() == [0, 0]
    assert len(SoundIndex.of([]).known) == 0
