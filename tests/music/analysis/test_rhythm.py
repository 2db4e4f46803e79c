"""The beat of clicks and of played patterns."""

from __future__ import annotations

import numpy as np
import pytest

from mien.music.analysis.descriptors import compute_descriptors
from mien.music.analysis.rhythm import estimate_tempo


@pytest.mark.parametrize("bpm", [60, 72, 80, 96, 100, 120, 133, 140, 160])
def test_clicks_give_their_tempo(sounds, bpm):
    described = compute_descriptors(sounds.excerpts(sounds.clicks(bpm)))
    assert described.tempo_bpm == pytest.approx(bpm, rel=0.04)
    assert described.onset_rate_hz == pytest.approx(bpm / 60, rel=0.05)


@pytest.mark.parametrize("bpm", [84, 104, 128])
def test_waltz_gives_the_tempo_of_its_quarters(sounds, bpm):
    beat = 60 / bpm
    events = [
        (0.1 + i * beat, sounds.note(pitch, seconds=beat))
        for i in range(int(19 / beat))
        for pitch in ((40 + 5 * (i // 6 % 2),) if i % 3 == 0 else (64, 67))
    ]
    assert compute_descriptors(sounds.excerpts(sounds.score(events, seconds=20))).tempo_bpm == pytest.approx(
        bpm, rel=0.04
    )


@pytest.mark.parametrize("bpm", [84, 104, 128])
def test_drums_with_eighths_give_the_tempo_of_their_quarters(sounds, bpm):
    beat = 60 / bpm
    hat = np.diff(sounds.noise(seconds=0.03, level=0.1), prepend=np.float32(0))
    snare = sounds.noise(seconds=0.1, level=0.2) * np.linspace(1, 0, int(0.1 * 22_050), dtype=np.float32)
    kick = sounds.note(30, seconds=0.2, level=0.4, decay_s=0.05)
    hats = [(0.1 + i * beat / 2, hat) for i in range(int(38 / beat))]
    drums = [(0.1 + i * beat, snare if i % 2 else kick) for i in range(int(19 / beat))]
    assert compute_descriptors(sounds.excerpts(sounds.score(hats + drums, seconds=20))).tempo_bpm == pytest.approx(
        bpm, rel=0.04
    )


def test_tempo_is_that_of_the_piece_not_of_one_excerpt(sounds):
    """Excerpts begin anywhere in a bar."""
    clicks = sounds.clicks(100, seconds=70)
    parts = tuple(clicks[None, start : start + 20 * 22_050] for start in (0, 511_111, 977_777))
    assert compute_descriptors(type(sounds.excerpts(clicks))(parts, 70.0)).tempo_bpm == pytest.approx(100, rel=0.04)


def test_without_a_beat_there_is_no_tempo(sounds):
    for wave in (sounds.noise(), sounds.tone(seconds=20), np.zeros(20 * 22_050, np.float32)):
        assert compute_descriptors(sounds.excerpts(wave)).tempo_bpm == 0


def test_a_regular_beat_is_clearer_than_a_random_one():
    frames_per_s = 40.0
    regular, at_random = np.zeros(800), np.zeros(800)
    regular[4::20] = 1.0
    at_random[np.random.default_rng(3).choice(800, 40, replace=False)] = 1.0
    clear, unclear = (estimate_tempo([envelope], frames_per_s=frames_per_s) for envelope in (regular, at_random))
    assert clear.tempo_bpm == pytest.approx(120, rel=0.04)
    assert clear.clarity > 0.4
    assert clear.clarity > 2 * unclear.clarity
