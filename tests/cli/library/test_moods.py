"""``mien library mood`` in a library whose estimates are all dark."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from mien.types import AudioFeatures, Track
from tests.stored_tracks import store_tracks

STARTERLESS = {"MIEN_STARTER": "no"}


def dark_tracks(count: int) -> list[Track]:
    """Tracks of rising valence, all below 0."""
    valences = [-0.7 + 0.65 * index / count for index in range(count)]
    heard = [AudioFeatures(100.0, -18.0, valence, -0.1, 0.9, 3) for valence in valences]
    return [
        Track(f"folder:{index:03}", f"Piece {index:03}", f"Artist {index}", "", 180.0, features)
        for index, features in enumerate(heard)
    ]


@pytest.fixture
def dark_library(home: Path, tmp_path: Path):
    """Stores so many dark tracks."""

    def store(count: int) -> Path:
        store_tracks(home / "library.sqlite3", tmp_path / "music", dark_tracks(count))
        return tmp_path / "music"

    return store


def test_a_mood_is_shown_with_its_place_in_the_library(mien, dark_library) -> None:
    folder = dark_library(100)
    (row,) = map(json.loads, mien("library", "mood", "--json", folder / "099.mp3", **STARTERLESS).stdout.splitlines())
    assert row["origin"] == "estimate"
    assert row["valence"] == pytest.approx(-0.0565, abs=1e-3)
    assert row["library_valence"] > 0.4
    (cells,) = csv.DictReader(io.StringIO(mien("library", "mood", "--csv", folder / "099.mp3", **STARTERLESS).stdout))
    assert float(cells["library_valence"]) == row["library_valence"]
    assert "for your library" in mien("library", "mood", folder / "099.mp3", **STARTERLESS).stdout


def test_a_correction_is_absolute(mien, dark_library) -> None:
    folder = dark_library(100)
    mien("library", "correct", folder / "099.mp3", "--valence", "-0.5", "--arousal", "0.5", **STARTERLESS)
    (row,) = map(json.loads, mien("library", "mood", "--json", folder / "099.mp3", **STARTERLESS).stdout.splitlines())
    assert (row["valence"], row["library_valence"], row["origin"]) == (-0.5, -0.5, "person")


def test_recommendations_say_that_a_track_is_bright_for_the_library(mien, dark_library) -> None:
    dark_library(100)
    picks = mien("recommend", "--mood", "happy", "-n", "5", "--json", "--seed", "1", **STARTERLESS).stdout.splitlines()
    assert len(picks) == 5
    for pick in map(json.loads, picks):
        assert pick["reason"].startswith("steady and bright for your library, ")


def test_a_dozen_elegies_are_not_bright(mien, dark_library) -> None:
    dark_library(12)
    picks = mien("recommend", "--mood", "happy", "-n", "5", "--json", "--seed", "1", **STARTERLESS).stdout.splitlines()
    assert len(picks) == 5
    assert not any("bright" in json.loads(pick)["reason"] for pick in picks)
