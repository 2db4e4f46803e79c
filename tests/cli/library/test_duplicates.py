"""``mien library duplicates`` with one recording in three formats, analysed for real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

STARTERLESS = {"MIEN_STARTER": "no"}


@pytest.fixture
def music(tmp_path: Path, write_song) -> Path:
    """A song as FLAC, as Ogg and as a quieter WAV under another name; and two other songs, one of them as long."""
    folder = tmp_path / "music"
    original = write_song(folder / "Ann - Song.flac", duration_s=30.0)
    samples, rate_hz = soundfile.read(original)
    soundfile.write(folder / "Track 01.ogg", samples, rate_hz)
    soundfile.write(folder / "unknown.wav", 0.5 * samples, rate_hz)
    write_song(folder / "Bob - Fast.flac", duration_s=30.0, pitch_hz=440.0, beats_per_s=5.0)
    write_song(folder / "Cid - Short.flac", duration_s=24.0)
    return folder


def test_the_same_recording_is_listed_and_chosen_once(mien, music: Path) -> None:
    assert mien("library", "add", music).exit_code == 0
    result = mien("library", "duplicates", "--json", **STARTERLESS)
    files = [json.loads(line) for line in result.stdout.splitlines()]
    assert {Path(file["path"]).name for file in files} == {"Ann - Song.flac", "Track 01.ogg", "unknown.wav"}
    assert {file["group"] for file in files} == {1}
    assert "1 recording in 3 files." in result.stderr
    picks = mien("recommend", "--mood", "happy", "--json", **STARTERLESS).stdout.splitlines()
    assert len(picks) == 3


def test_a_library_without_any_says_so(mien) -> None:
    result = mien("library", "duplicates")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No recording is in the library twice.\n"
