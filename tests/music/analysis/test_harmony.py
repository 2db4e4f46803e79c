"""Keys, modes and roughness of chords."""

from __future__ import annotations

import numpy as np
import pytest

from mien.music.analysis import harmony
from mien.music.analysis.descriptors import compute_descriptors

MAJOR = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67))
MINOR = ((60, 63, 67), (65, 68, 72), (67, 70, 74), (60, 63, 67))


@pytest.mark.parametrize("low", [-12, -5, 0, 3, 6])
def test_major_chords_sound_more_major_than_minor_ones_in_any_key(sounds, low):
    major, minor = (compute_descriptors(sounds.excerpts(sounds.chords(*chords, low=low))) for chords in (MAJOR, MINOR))
    assert major.mode > 0.05 > -0.05 > minor.mode
    assert min(major.key_strength, minor.key_strength) > 0.6


def test_chroma_identifies_the_pitch(sounds):
    for pitch in (57, 60, 66, 71):
        found = harmony.chroma(peaks_of(sounds.tone(440 * 2 ** ((pitch - 69) / 12), seconds=3)))
        assert np.argmax(found) == pitch % 12
        assert found.sum() == pytest.approx(1)


def test_peaks_lie_between_bins(sounds):
    for hz in (82.4, 441.7, 1002.3):
        peaks = peaks_of(sounds.tone(hz, seconds=3))
        assert peaks.frequencies_hz[0, 0] == pytest.approx(hz, abs=0.3)


def test_all_pitches_at_once_have_no_key():
    assert harmony.find_key(np.full(12, 1 / 12)) is None
    assert harmony.find_key(np.zeros(12)) is None


def test_profile_itself_fits_its_key_perfectly():
    key = harmony.find_key(np.roll(harmony.MAJOR_PROFILE, 5))
    assert key.strength == pytest.approx(1)
    assert key.mode > 0
    assert (key.tonic, key.minor) == (5, False)


@pytest.mark.parametrize("low", [-24, -20, -17])
def test_overtones_of_low_notes_are_not_a_major_third(sounds, low):
    """Sawtooth-like tones in the bass: their fifth partials spell the major third of each note."""
    wave = sum(
        sounds.tone(440 * 2 ** ((pitch + low - 69) / 12) * partial, seconds=4) / partial**0.5
        for pitch in (60, 63, 67)
        for partial in range(1, 9)
    )
    key = harmony.find_key(harmony.chroma(peaks_of(wave)))
    assert (key.tonic, key.minor) == ((60 + low) % 12, True)
    assert key.mode < -0.05


def test_semitone_is_rougher_than_fifth_and_octave(sounds):
    rough = {}
    for interval in (1, 7, 12):
        pair = sounds.tone(440, seconds=3) + sounds.tone(440 * 2 ** (interval / 12), seconds=3)
        rough[interval] = harmony.roughness(peaks_of(pair))
    assert rough[1] > 5 * max(rough[7], rough[12])
    assert 0 <= rough[12] <= rough[7] <= rough[1] <= 1


def test_silence_has_neither_peaks_nor_roughness():
    peaks = peaks_of(np.zeros(30_000, np.float32))
    assert harmony.chroma(peaks).sum() == 0
    assert harmony.roughness(peaks) == 0


def peaks_of(wave):
    frames = np.lib.stride_tricks.sliding_window_view(wave, 8192)[::4096] * np.hanning(8192)
    return harmony.find_peaks(np.abs(np.fft.rfft(frames)).astype(np.float32), bin_hz=22_050 / 8192)
