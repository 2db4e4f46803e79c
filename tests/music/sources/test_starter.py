"""The starter library: every piece is there, sounds as its manifest says, and the plane is covered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.music.analysis.estimate import ANALYSER_VERSION, hear
from starter.measure import Decoded, longest_silence_s, loudness_lufs, read, true_peak_dbtp

FOLDER = Path(__file__).resolve().parents[3] / "src" / "mien" / "music" / "starter"
MANIFEST: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
TRACKS: list[dict[str, Any]] = MANIFEST["tracks"]
CLEAR = 0.15
RERUN = "run `python -m starter.make --measure-only --plot`"


@pytest.fixture(scope="module", params=TRACKS, ids=[track["key"] for track in TRACKS])
def track(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.fixture(scope="module")
def sound(track: dict[str, Any]) -> Decoded:
    return read(FOLDER / track["file"])


def test_every_entry_has_its_file_and_every_file_its_entry() -> None:
    assert MANIFEST["version"] == 1
    found = {path.name for path in FOLDER.iterdir() if path.name != "manifest.json"}
    assert found == {track["file"] for track in TRACKS}
    assert len({track["key"] for track in TRACKS}) == len(TRACKS) >= 24


def test_every_entry_is_described(track: dict[str, Any]) -> None:
    for field in ("title", "composer", "source", "licence", "rendering"):
        assert track[field].strip()
    assert 1000 < track["year"] <= 2026
    assert "FluidSynth" in track["rendering"]
    assert "FluidR3" in track["rendering"]
    assert "CC0" in track["licence"] or "Public domain" in track["licence"]


def test_decodes_to_its_length(track: dict[str, Any], sound: Decoded) -> None:
    assert sound.duration_s == pytest.approx(track["duration_s"], abs=0.1)
    assert 40 <= sound.duration_s <= 90


def test_is_as_loud_as_the_others(track: dict[str, Any], sound: Decoded) -> None:
    measured = loudness_lufs(sound.samples, sound.rate_hz)
    assert measured == pytest.approx(-18, abs=0.7)
    assert measured == pytest.approx(track["loudness_lufs"], abs=0.1)


def test_is_not_clipped(sound: Decoded) -> None:
    assert true_peak_dbtp(sound.samples) < -1


def test_sounds_from_its_beginning_to_its_end(sound: Decoded) -> None:
    assert longest_silence_s(sound.samples, sound.rate_hz) < 1
    tenth = sound.rate_hz // 10
    assert np.abs(sound.samples[:, : 5 * tenth]).max() > 0.02
    assert np.abs(sound.samples[:, -tenth:]).max() < 0.02, "it ends in the middle of a sound"


def test_is_audible_in_mono(sound: Decoded) -> None:
    left, right = sound.samples
    middle, side = left + right, left - right
    assert np.mean(middle**2) > np.mean(side**2), "left and right cancel each other"


def test_features_match_the_current_analyser(track: dict[str, Any]) -> None:
    assert track["analyser_version"] == ANALYSER_VERSION, RERUN
    heard = hear(FOLDER / track["file"])
    assert heard.valence == pytest.approx(track["valence"], abs=0.02), RERUN
    assert heard.arousal == pytest.approx(track["arousal"], abs=0.02), RERUN
    assert heard.tempo_bpm == pytest.approx(track["tempo_bpm"], abs=0.5), RERUN
    assert heard.arousal_confidence == pytest.approx(track["confidence"], abs=0.02), RERUN


@pytest.mark.parametrize(
    ("mood", "pleasant", "stirring"),
    [("bright", 1, 1), ("tense", -1, 1), ("low", -1, -1), ("calm", 1, -1)],
)
def test_covers_the_plane(mood: str, pleasant: int, stirring: int) -> None:
    inside = [
        track["key"]
        for track in TRACKS
        if track["valence"] * pleasant >= CLEAR and track["arousal"] * stirring >= CLEAR
    ]
    assert len(inside) >= 5, f"only {inside} are clearly {mood}"


def test_is_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 10_000_000
