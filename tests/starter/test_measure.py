"""Measurements of sound."""

from __future__ import annotations

import numpy as np
import pytest

from starter.measure import longest_silence_s, loudness_lufs, true_peak_dbtp

RATE_HZ = 32_000


def _tone(*, frequency_hz: float, amplitude: float, length_s: float = 3.0) -> np.ndarray:
    time_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    wave = amplitude * np.sin(2 * np.pi * frequency_hz * time_s + np.pi / 4)
    return np.stack([wave, wave]).astype(np.float32)


def test_a_tone_has_the_loudness_of_the_standard() -> None:
    # BS.1770: 997 Hz at full scale in one channel is -3.01 LUFS, in both 0.
    assert loudness_lufs(_tone(frequency_hz=997, amplitude=0.1), RATE_HZ) == pytest.approx(-20, abs=0.1)


def test_finds_the_peak_between_the_samples() -> None:
    # At a quarter of the rate, with this phase, every sample lies 3 dB under the wave's peak.
    tone = _tone(frequency_hz=RATE_HZ / 4, amplitude=0.5)
    assert np.abs(tone).max() < 0.36
    assert true_peak_dbtp(tone) == pytest.approx(-6.02, abs=0.15)


def test_finds_the_longest_silence() -> None:
    tone = _tone(frequency_hz=440, amplitude=0.5)
    tone[:, RATE_HZ : RATE_HZ + RATE_HZ // 2] = 0
    assert longest_silence_s(tone, RATE_HZ) == pytest.approx(0.5, abs=0.01)
    assert longest_silence_s(np.zeros_like(tone), RATE_HZ) == pytest.approx(3, abs=0.01)
