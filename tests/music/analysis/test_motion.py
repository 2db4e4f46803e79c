"""The motion of bands: drums under sustained sound, the bass, pauses, and what does not depend on brightness."""

from __future__ import annotations

import numpy as np
import pytest

from mien.music.analysis.motion import measure_motion, percussive_share

CENTERS_HZ = np.geomspace(60, 10_000, 40)
FRAMES_PER_S = 40.0


def chord(frames=800):
    """A sustained chord: some bands, always the same."""
    powers = np.full((frames, 40), 1e-3, np.float32)
    powers[:, 5:30:6] = 1.0
    return powers


def with_drums(powers, *, every=20, level=3.0):
    struck = powers.copy()
    struck[::every] += level
    struck[1::every] += level / 4
    return struck


def measure(powers):
    return measure_motion([powers], centers_hz=CENTERS_HZ, frames_per_s=FRAMES_PER_S)


def test_drums_are_percussive_and_a_chord_is_not():
    assert percussive_share(with_drums(chord())) > percussive_share(chord()) + 0.1
    assert percussive_share(np.zeros((800, 40), np.float32)) == 0
    assert percussive_share(chord(frames=3)) == 0, "too short to tell"


def test_drums_under_a_chord_are_heard_as_motion():
    still, beaten = measure(chord()), measure(with_drums(chord()))
    assert still.flux_db == pytest.approx(0, abs=1e-6)
    assert beaten.flux_db > still.flux_db + 0.1
    assert beaten.low_onset_rate_hz == pytest.approx(2, abs=0.3)
    assert still.low_onset_rate_hz == 0


def test_a_bass_that_cannot_be_heard_does_not_beat():
    powers = with_drums(chord())
    powers[:, CENTERS_HZ < 200] *= 1e-6
    assert measure(powers).low_onset_rate_hz == 0


def test_a_darker_recording_of_the_same_notes_moves_alike():
    bright = with_drums(chord())
    dark = (bright * (CENTERS_HZ / 1000) ** -1.0).astype(np.float32)
    one, other = measure(bright), measure(dark)
    assert other.percussive_share == pytest.approx(one.percussive_share, rel=0.15)
    assert other.flux_db == pytest.approx(one.flux_db, rel=0.35)


def test_pauses_are_frames_far_below_the_second_around_them():
    assert measure(chord()).low_energy_share == 0
    broken = chord()
    broken.reshape(-1, 20, 40)[:, :8] *= 1e-3
    assert measure(broken).low_energy_share == pytest.approx(0.4, abs=0.02)
    assert measure(chord(frames=10)).low_energy_share == 0
