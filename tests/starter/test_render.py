"""From notes to a sound file, with the real synthesiser."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from starter.encode import encode
from starter.measure import loudness_lufs, read, true_peak_dbtp
from starter.notation import line
from starter.render import SAMPLE_RATE_HZ, SOUNDFONT, RenderError, render
from starter.score import Part, Piece, Score, own_piece

needs_fluidsynth = pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not SOUNDFONT.exists(),
    reason="needs fluidsynth and fluid-soundfont-gm",
)


def _tune() -> Score:
    return Score(parts=(Part("piano", 0, line("C4:1 E4 G4 C5 " * 3, velocity=90)),), tempo_bpm=((0, 120.0),))


@pytest.fixture
def piece() -> Piece:
    return own_piece("tune", "A Tune", _tune)


@needs_fluidsynth
def test_a_piece_comes_out_level_faded_and_always_the_same(piece: Piece, tmp_path: Path) -> None:
    sound = render(piece)
    np.testing.assert_array_equal(sound, render(piece))
    assert 6 < sound.shape[1] / SAMPLE_RATE_HZ < 6 + piece.master.tail_s + 0.1
    assert loudness_lufs(sound, SAMPLE_RATE_HZ) == pytest.approx(-18, abs=0.3)
    assert np.abs(sound[:, -100:]).max() < 0.01

    encode(sound, tmp_path / "tune.mp3", piece)
    decoded = read(tmp_path / "tune.mp3")
    assert decoded.duration_s == pytest.approx(sound.shape[1] / SAMPLE_RATE_HZ, abs=0.02)
    assert loudness_lufs(decoded.samples, decoded.rate_hz) == pytest.approx(-18, abs=0.5)
    assert true_peak_dbtp(decoded.samples) < -1


@needs_fluidsynth
def test_a_missing_soundfont_raises_an_error(piece: Piece, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="does not exist"):
        render(piece, soundfont=tmp_path / "none.sf2")
