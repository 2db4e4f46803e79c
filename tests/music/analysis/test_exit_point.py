"""Where a track can be left: at a quiet place, else on a beat, else nowhere in particular."""

import io

import numpy as np
import pytest
import soundfile

from mien.errors import AudioError
from mien.music.analysis.decode import SAMPLE_RATE_HZ, read_span
from mien.music.analysis.exit_point import ExitPoint, find_exit_point


def tone(seconds, level=0.3):
    times_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (level * np.sin(2 * np.pi * 220 * times_s)).astype(np.float32)


def joined(*parts):
    return np.concatenate(parts)[None]


@pytest.mark.parametrize("gain", [1, 0.01])
def test_the_first_quiet_place_is_found_at_any_level(gain):
    found = find_exit_point(gain * joined(tone(2), tone(0.5, 0.05), tone(1.5), tone(1, 0.01), tone(1)), from_s=30)
    assert found.kind == "quiet"
    assert 31.9 <= found.position_s <= 32.4


def test_without_a_quiet_place_it_is_the_first_strong_beat():
    found = find_exit_point(joined(tone(1.3, 0.2), tone(1, 0.35), tone(1.2, 0.2), tone(1, 0.35)), from_s=10)
    assert found.kind == "beat"
    assert found.position_s == pytest.approx(11.3, abs=0.06)


def test_a_steady_sound_and_a_short_part_have_no_exit():
    assert find_exit_point(joined(tone(4)), from_s=0) == ExitPoint(None, None)
    assert find_exit_point(joined(tone(0.1)), from_s=0) == ExitPoint(None, None)
    assert find_exit_point(np.zeros((1, 0), np.float32), from_s=0) == ExitPoint(None, None)


def test_silence_is_left_at_once():
    assert find_exit_point(np.zeros((2, 3 * SAMPLE_RATE_HZ), np.float32), from_s=5) == ExitPoint(5, "quiet")


@pytest.mark.parametrize("file_format", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_part_of_a_file_is_decoded_where_it_is(file_format):
    """A file of seven seconds that is quiet between the fourth and the fifth."""
    file = io.BytesIO()
    soundfile.write(file, joined(tone(4), tone(1, 0.01), tone(2))[0], SAMPLE_RATE_HZ, format=file_format)
    file.seek(0)
    part = read_span(file, 2, 6)
    assert part.shape[1] == pytest.approx(4 * SAMPLE_RATE_HZ, rel=0.03)
    found = find_exit_point(part, from_s=2)
    assert found.kind == "quiet"
    assert 3.8 <= found.position_s <= 5


def test_a_part_beyond_the_end_is_empty_and_a_damaged_file_an_error():
    file = io.BytesIO()
    soundfile.write(file, tone(2), SAMPLE_RATE_HZ, format="WAV")
    file.seek(0)
    assert read_span(file, 10, 12).shape[1] == 0
    with pytest.raises(AudioError, match="cannot be decoded"):
        read_span(io.BytesIO(b"no sound"), 0, 1)
