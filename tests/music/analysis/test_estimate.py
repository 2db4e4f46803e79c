"""Estimates for files and sounds: order of valence and arousal, tempo, loudness, confidence."""

from __future__ import annotations

import math
import shutil
import subprocess

import numpy as np
import pytest

from mien.errors import AudioError
from mien.music.analysis.decode import read_excerpts
from mien.music.analysis.descriptors import Descriptors
from mien.music.analysis.estimate import (
    ANALYSER_VERSION,
    AROUSAL,
    ORDINARY,
    ORDINARY_TAGS,
    VALENCE,
    estimate,
    hear,
)
from mien.music.analysis.musicnn import MSD_TAGS, MTT_TAGS
from mien.types import SPEECH, AudioFeatures, MoodOrigin
from tests.calls import count_calls

MAJOR = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67))
MINOR = ((60, 63, 67), (65, 68, 72), (67, 70, 74), (60, 63, 67))


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "opus", "mp3", "m4a"])
def test_estimates_agree_across_formats(sounds, tmp_path, suffix):
    music = sounds.chords(*MAJOR, seconds=30)
    heard = hear(sounds.write(tmp_path / f"music.{suffix}", music, music))
    plain = estimate(sounds.excerpts(music, count=1))
    assert heard == hear(str(tmp_path / f"music.{suffix}"))
    assert heard.tempo_bpm == pytest.approx(120, rel=0.04)
    assert heard.loudness_lufs == pytest.approx(plain.loudness_lufs + 10 * math.log10(2), abs=0.5)
    assert heard.valence == pytest.approx(plain.valence, abs=0.15)
    assert heard.arousal == pytest.approx(plain.arousal, abs=0.15)
    assert heard.analyser_version == ANALYSER_VERSION


@pytest.mark.parametrize("low", [-7, 0, 5])
def test_major_is_more_pleasant_than_minor(sounds, low):
    major, minor = (estimate(sounds.excerpts(sounds.chords(*chords, low=low))) for chords in (MAJOR, MINOR))
    assert major.valence > minor.valence + 0.2
    assert major.arousal == pytest.approx(minor.arousal, abs=0.2)


def test_fast_and_dense_is_more_stirring_than_slow_and_sparse(sounds):
    slow, fast = (estimate(sounds.excerpts(sounds.chords(*MINOR, every_s=every))) for every in (1.5, 0.15))
    assert fast.arousal > slow.arousal + 0.5


def test_confidence_needs_enough_music(sounds):
    music = sounds.chords(*MAJOR, (57, 60, 64), every_s=0.25)
    confident = estimate(sounds.excerpts(music)).arousal_confidence
    assert confident > 0.5
    assert estimate(sounds.excerpts(music[: 2 * 22_050], count=1)).arousal_confidence < confident / 2
    for unlike_music in (sounds.noise(), sounds.tone(seconds=20), np.zeros(441_000, np.float32)):
        assert estimate(sounds.excerpts(unlike_music)).arousal_confidence < confident


def test_silence_click_noise_and_sine_give_sensible_values(sounds):
    silence = np.zeros(441_000, np.float32)
    click = silence.copy()
    click[1000] = 1
    heard = {
        name: estimate(sounds.excerpts(wave))
        for name, wave in {
            "silence": silence,
            "click": click,
            "noise": sounds.noise(),
            "sine": sounds.tone(seconds=20),
        }.items()
    }
    for features in heard.values():
        assert -1 <= features.valence <= 1
        assert -1 <= features.arousal <= 1
        assert 0 <= features.valence_confidence < 0.5
        assert 0 <= features.arousal_confidence < 0.5
        assert features.tempo_bpm == 0
        assert features.loudness_lufs >= -70
    assert max(heard[name].arousal for name in ("silence", "sine")) < -0.5
    assert heard["click"].arousal == pytest.approx(0, abs=0.01), "a click alone says nothing"
    assert heard["noise"].arousal > 0 > heard["noise"].valence, "loud hiss stirs and does not please"
    assert heard["silence"].arousal_confidence == 0


def test_values_are_plain_numbers(sounds):
    heard = estimate(sounds.excerpts(sounds.chords(*MAJOR)))
    for name in set(AudioFeatures.__dataclass_fields__) - {"absolute"}:
        assert type(getattr(heard, name)) in (float, int, bool, bytes, tuple, MoodOrigin), name
    assert {type(word) for word in heard.tags} <= {str}


def test_models_name_existing_descriptors_and_tags():
    known = set(Descriptors.__dataclass_fields__)
    assert set(ORDINARY) <= known
    assert set(VALENCE.weights) | set(AROUSAL.weights) <= set(ORDINARY)
    words = {f"msd:{word}" for word in MSD_TAGS} | {f"mtt:{word}" for word in MTT_TAGS}
    assert {*VALENCE.tags_for, *VALENCE.tags_against, *AROUSAL.tags_for, *AROUSAL.tags_against} == set(ORDINARY_TAGS)
    assert set(ORDINARY_TAGS) <= words


@pytest.mark.parametrize("low", [-5, 0, 4])
def test_key_is_named(sounds, low):
    for chords, minor in ((MAJOR, False), (MINOR, True)):
        heard = estimate(sounds.excerpts(sounds.chords(*chords, low=low)))
        assert (heard.tonic, heard.minor) == ((60 + low) % 12, minor)
    nothing = estimate(sounds.excerpts(np.zeros(441_000, np.float32)))
    assert (nothing.tonic, nothing.minor) == (None, None)


def test_volume_polarity_and_silence_do_not_matter(sounds, tmp_path):
    music = sounds.chords(*MAJOR, every_s=0.4, seconds=30)
    pause = np.zeros(5 * 22_050, np.float32)
    plain = hear(sounds.write(tmp_path / "plain.wav", music, music))
    for name, channels in {
        "quiet": (music * 0.02, music * 0.02),
        "inverted": (music, -music),
        "pause": (np.concatenate([pause, music, pause]),) * 2,
        "center": (pause[:1].repeat(music.size),) * 2 + (music,) + (pause[:1].repeat(music.size),) * 3,
    }.items():
        heard = hear(sounds.write(tmp_path / f"{name}.wav", *channels))
        assert heard.valence == pytest.approx(plain.valence, abs=0.05), name
        assert heard.arousal == pytest.approx(plain.arousal, abs=0.05), name
        assert (heard.tonic, heard.minor) == (plain.tonic, plain.minor), name


@pytest.mark.parametrize("cents", [-50, 100 * 12 * math.log2(432 / 440)])
@pytest.mark.parametrize("chords", [MAJOR, MINOR])
def test_music_tuned_below_440_hz_has_the_same_key_and_valence(sounds, chords, cents):
    plain, flat = (estimate(sounds.excerpts(sounds.chords(*chords, low=low))) for low in (0, cents / 100))
    assert (flat.tonic, flat.minor) == (plain.tonic, plain.minor)
    assert flat.valence == pytest.approx(plain.valence, abs=0.13)


def test_an_undecodable_file_raises_an_audio_error(tmp_path):
    (tmp_path / "empty.mp3").touch()
    with pytest.raises(AudioError, match=r"empty\.mp3 is empty"):
        hear(tmp_path / "empty.mp3")


def test_a_long_track_takes_no_more_calls_than_a_short_one(sounds, tmp_path):
    chords = sounds.chords(*MAJOR)
    short, long = (sounds.write(tmp_path / f"{times}.ogg", np.tile(chords, times)) for times in (4, 20))
    hear(short)
    assert count_calls(lambda: hear(long)) < 1.5 * count_calls(lambda: hear(short))


def test_drums_and_a_beating_bass_stir_more_than_the_same_chords_alone(sounds):
    chords = sounds.chords(*MINOR, every_s=1.0)
    beats = [(0.1 + 0.4 * i, sounds.note(28, seconds=0.3, level=0.5, decay_s=0.08)) for i in range(48)]
    hiss = sounds.noise(seconds=0.06, level=0.3)
    drums = sounds.score(beats + [(0.3 + 0.4 * i, hiss) for i in range(48)], seconds=chords.size / 22_050)
    plain, beaten = (estimate(sounds.excerpts(wave)) for wave in (chords, chords + drums[: chords.size]))
    assert beaten.arousal > plain.arousal + 0.3


def test_the_middle_of_an_axis_is_less_certain_than_its_ends(sounds):
    slow, fast = (estimate(sounds.excerpts(sounds.chords(*MAJOR, every_s=every))) for every in (2.0, 0.5))
    assert abs(slow.arousal) > abs(fast.arousal) + 0.3
    assert slow.arousal_confidence > fast.arousal_confidence


@pytest.mark.parametrize("voice", ["en-gb", "de+f2", "fr+f4"])
def test_speech_is_known_and_speech_over_quiet_music_is_music(sounds, tmp_path, voice):
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng, which speaks the text, is not installed")
    path = tmp_path / "speech.wav"
    text = "The harbour opens at six in the morning. Chapter four. It had rained for three days when the letter came. "
    subprocess.run(["espeak-ng", "-v", voice, "-s", "155", "-w", str(path), text * 6], check=True, capture_output=True)
    heard = hear(path)
    assert heard.is_speech
    assert heard.tags == (SPEECH,)
    assert heard.arousal_confidence == heard.valence_confidence == 0
    spoken = read_excerpts(path).parts[0][0]
    music = np.tile(sounds.chords(*MAJOR, every_s=0.5), 4)[: spoken.size]
    quieter = 10 ** (-10 / 20) * np.sqrt(np.mean(spoken**2) / np.mean(music**2))
    assert not estimate(sounds.excerpts(spoken + quieter * music, count=1)).is_speech


def test_music_is_not_speech(sounds):
    for wave in (sounds.chords(*MAJOR), sounds.clicks(120), sounds.noise(), np.zeros(441_000, np.float32)):
        assert not estimate(sounds.excerpts(wave)).is_speech
