"""The descriptors: their ranges on any sound and their values on known ones."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mien.music.analysis.decode import SAMPLE_RATE_HZ, Excerpts
from mien.music.analysis.descriptors import Descriptors, compute_descriptors

RANGES = {
    "loudness_lufs": (-70, 30),
    "spread_octaves": (0, 10.1),
    "flatness": (0, 1),
    "low_share": (0, 1),
    "flux_db": (0, 60),
    "onset_rate_hz": (0, 20),
    "attack_db": (0, 60),
    "percussive_share": (0, 1),
    "low_onset_rate_hz": (0, 20),
    "low_energy_share": (0, 1),
    "tempo_bpm": (0, 220),
    "mode": (-1, 1),
    "key_strength": (0, 1),
    "roughness": (0, 1),
}


def check_ranges(described):
    for name, (low, high) in RANGES.items():
        value = getattr(described, name)
        assert type(value) is float, name
        assert math.isfinite(value), name
        assert low - 1e-6 <= value <= high + 1e-6, (name, value)


def test_each_descriptor_has_a_range():
    assert [field.name for field in dataclasses.fields(Descriptors)] == [*RANGES, "tonic", "minor"]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["silence", "click", "noise", "sine", "constant", "alternating", "loud", "faint"]),
    length=st.sampled_from([1, 2, 100, 1023, 2048, 5000, 22_050, 70_001]),
    count=st.integers(1, 3),
    channels=st.integers(1, 2),
)
def test_any_sound_gives_finite_values_in_range(kind, length, count, channels):
    time = np.arange(length)
    noise = np.random.default_rng(length).normal(size=length)
    waves = {
        "silence": 0 * time,
        "click": time == length // 2,
        "noise": 0.1 * noise,
        "sine": np.sin(2 * np.pi * 440 * time / SAMPLE_RATE_HZ),
        "constant": np.full(length, 0.5),
        "alternating": 0.5 - (time % 2),
        "loud": np.sign(noise) * 8,
        "faint": 1e-9 * noise,
    }
    wave = waves[kind].astype(np.float32)
    check_ranges(compute_descriptors(Excerpts((np.stack([wave] * channels),) * count, 1.0)))


def test_sine_is_described_as_one(sounds):
    described = compute_descriptors(sounds.excerpts(sounds.tone(440, seconds=20)))
    assert described.spread_octaves < 0.1
    assert described.flatness < 1e-4
    assert described.flux_db < 0.01
    assert described.roughness == pytest.approx(0, abs=1e-3)


def test_noise_is_flat_wide_and_without_key(sounds):
    described = compute_descriptors(sounds.excerpts(sounds.noise()))
    assert described.flatness > 0.5
    assert described.low_share == pytest.approx(200 / 11_025, abs=0.01)
    assert described.key_strength < 0.6


def test_all_but_loudness_is_the_same_at_any_volume(sounds):
    music = sounds.chords((60, 64, 67), (57, 60, 64))
    loud, faint = (dataclasses.asdict(compute_descriptors(sounds.excerpts(music * level))) for level in (1, 0.01))
    assert loud.pop("loudness_lufs") - faint.pop("loudness_lufs") == pytest.approx(40, abs=0.1)
    assert faint == pytest.approx(loud, rel=2e-3, abs=1e-3)


def test_denser_is_denser_and_darker_is_darker(sounds):
    slow, fast = (
        compute_descriptors(sounds.excerpts(sounds.chords((60, 64, 67), every_s=every))) for every in (1.0, 0.2)
    )
    assert fast.onset_rate_hz > 3 * slow.onset_rate_hz
    assert fast.flux_db > 1.5 * slow.flux_db
    low, high = (compute_descriptors(sounds.excerpts(sounds.chords((60, 64, 67), low=low))) for low in (-24, 12))
    assert low.low_share > high.low_share
