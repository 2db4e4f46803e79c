"""Loudness against the standard's own examples and against FFmpeg's meter."""

from __future__ import annotations

import av
import numpy as np
import pytest

from mien.music.analysis.decode import SAMPLE_RATE_HZ, read_excerpts
from mien.music.analysis.loudness import SILENCE_LUFS, measure_loudness


def test_full_scale_sine_of_1_khz_in_one_channel_is_minus_3_lufs(sounds):
    """BS.1770-5, annex 1: 0 dB FS at 997 Hz reads -3.01 LKFS."""
    measured = measure_loudness([sounds.tone(997, seconds=20, level=1.0)[None]])
    assert measured == pytest.approx(-3.01, abs=0.05)


def test_second_channel_adds_its_power(sounds):
    tone = sounds.tone(997, level=0.1)
    one, two = (measure_loudness([np.stack([tone] * channels)]) for channels in (1, 2))
    assert two - one == pytest.approx(10 * np.log10(2), abs=0.01)


@pytest.mark.parametrize("change_db", [-20, -6, 6])
def test_gain_adds_to_the_loudness(sounds, change_db):
    noise = sounds.noise(level=0.05)
    change = measure_loudness([(noise * 10 ** (change_db / 20))[None]])
    assert change - measure_loudness([noise[None]]) == pytest.approx(change_db, abs=0.01)


def test_bass_counts_less_and_treble_more(sounds):
    levels = {hz: measure_loudness([sounds.tone(hz)[None]]) for hz in (40, 1000, 4000)}
    assert levels[40] < levels[1000] - 4
    assert levels[4000] == pytest.approx(levels[1000] + 3.3, abs=0.5)


def test_pauses_do_not_count(sounds):
    tone = sounds.tone(997, seconds=10)
    pause = np.zeros_like(tone)
    gated = measure_loudness([np.concatenate([tone, pause, pause])[None]])
    assert gated == pytest.approx(measure_loudness([tone[None]]), abs=0.15)


def test_silence_and_the_shortest_sound_are_measured():
    assert measure_loudness([np.zeros((2, SAMPLE_RATE_HZ), np.float32)]) == SILENCE_LUFS
    assert -15 < measure_loudness([np.full((1, 1), 0.5, np.float32)]) < 0


def test_ffmpeg_agrees(sounds, tmp_path):
    """On stereo music with a melody, a bass, noise and a pause, FFmpeg's ebur128 reads the same within 0.3 LU."""
    music = sounds.chords((60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62), seconds=30, every_s=0.4)
    music[10 * SAMPLE_RATE_HZ : 14 * SAMPLE_RATE_HZ] *= 0.05
    path = sounds.write(tmp_path / "music.wav", music, music * 0.5 + sounds.noise(seconds=30, level=0.01))
    assert measure_loudness(read_excerpts(path).parts) == pytest.approx(ffmpeg_lufs(path), abs=0.3)


def ffmpeg_lufs(path):
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        source, meter = graph.add_abuffer(template=stream), graph.add("ebur128", "metadata=1")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        for frame in container.decode(stream):
            graph.push(frame)
        graph.push(None)
        levels = []
        while True:
            try:
                levels.append(float(graph.pull().metadata["lavfi.r128.I"]))
            except (av.error.EOFError, av.error.BlockingIOError):
                return levels[-1]
