"""``mien taste`` on a real library of music made in the test."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mien.music.library.library import Library
from mien.music.library.play_log import PlayEvent
from mien.types import Mood, Pick

STARTERLESS = {"MIEN_STARTER": "no"}


@pytest.fixture(scope="module")
def heard(mien_of, write_song, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three songs, and the home of somebody who has heard them."""
    folder = tmp_path_factory.mktemp("heard")
    for name in ("Ann - Moss", "Bob - Undertow", "Cem - Undertow"):
        write_song(folder / "music" / f"{name}.flac")
    assert mien_of(folder / "home")("library", "add", folder / "music").exit_code == 0
    return folder


@pytest.fixture
def songs(mien, heard: Path, home: Path) -> list:
    """Three heard songs of this test's own library."""
    shutil.copytree(heard / "home", home)
    with open_library(mien) as library:
        return library.tracks()


def open_library(mien) -> Library:
    return Library.open(json.loads(mien("config", "--json").stdout)["library_path"]["value"], starter=False)


def listened(mien, songs, rng: np.random.Generator, count: int) -> None:
    """Picks of songs with a taste for Moss that were heard out or skipped."""
    at = datetime(2026, 5, 1, tzinfo=UTC)
    with open_library(mien) as library:
        for _ in range(count):
            song = songs[0] if rng.random() < 0.8 else songs[1]
            moss = song.title == "Moss"
            propensity, baseline = (0.8, 0.5) if moss else (0.2, 0.5)
            at += timedelta(minutes=5)
            library.record_pick(Pick(song, 0.9, propensity, baseline_propensity=baseline), Mood(0, 0), at=at)
            event = PlayEvent.FINISHED if moss else PlayEvent.SKIPPED
            library.record_play(song.id, event, position_s=0.0, at=at + timedelta(minutes=1))


def test_a_rating_is_stored_and_removed(mien, songs) -> None:
    assert "More like Moss" in mien("taste", "like", "moss", **STARTERLESS).stderr
    assert "will not be chosen again" in mien("taste", "never", "Bob - Undertow", **STARTERLESS).stderr
    picks = mien("recommend", "--mood", "happy", "--json", **STARTERLESS).stdout
    assert [json.loads(line)["artist"] for line in picks.splitlines() if "Bob" in line] == []
    assert len(picks.splitlines()) == 2
    assert "is removed" in mien("taste", "forget", "Bob - Undertow", **STARTERLESS).stderr
    assert "has no rating" in mien("taste", "forget", "Bob - Undertow", **STARTERLESS).stderr
    assert "that you like Moss" in mien("taste", "undo", **STARTERLESS).stderr
    assert "nothing to undo" in mien("taste", "undo", **STARTERLESS).stderr


def test_an_unknown_or_ambiguous_track_is_refused(mien, songs) -> None:
    missing = mien("taste", "like", "Mos", **STARTERLESS)
    assert missing.exit_code == 1
    assert "did you mean 'Moss'?" in missing.stderr
    several = mien("taste", "like", "undertow", **STARTERLESS)
    assert several.exit_code == 1
    assert "stands for 2 tracks; name one by its id" in several.stderr
    empty = mien("taste", "like", "", **STARTERLESS)
    assert empty.exit_code == 1


def test_a_track_may_be_named_by_id_or_file(mien, songs, heard: Path) -> None:
    moss = next(song for song in songs if song.title == "Moss")
    for name in (moss.id, str(heard / "music" / "Ann - Moss.flac")):
        assert "More like Moss" in mien("taste", "like", name, **STARTERLESS).stderr


def test_the_report_evaluates_taste(mien, songs) -> None:
    assert "No pick was heard" in mien("taste", "report", **STARTERLESS).stderr
    listened(mien, [song for song in songs if song.artist in ("Ann", "Bob")], np.random.default_rng(1), 200)
    result = mien("taste", "report", "--json", **STARTERLESS)
    rows = {(row["policy"], row["method"]): row for row in map(json.loads, result.stdout.splitlines())}
    chosen = rows["as chosen", "mean"]
    assert chosen["value"] == pytest.approx(0.8, abs=0.1)
    for method in ("IPS", "SNIPS"):
        assert rows["without taste", method]["low"] < 0.5 < rows["without taste", method]["high"]
    assert rows["gain of taste", "IPS"]["low"] > 0
    table = mien("taste", "report", **STARTERLESS)
    assert "200 picks and 200 of feedback; effective sample size without taste: " in table.stderr
    assert "95 % interval" in table.stdout
    (first, *_) = csv.DictReader(io.StringIO(mien("taste", "report", "--csv", **STARTERLESS).stdout))
    assert list(first) == ["policy", "method", "value", "low", "high"]


def test_the_report_says_if_there_are_too_few_picks(mien, songs) -> None:
    listened(mien, songs[:2], np.random.default_rng(0), 1)
    result = mien("taste", "report", "--json", **STARTERLESS)
    assert "too little for a conclusion" in result.stderr
    assert json.loads(result.stdout.splitlines()[0])["low"] is None


def test_export_prints_everything_and_reset_asks_first(mien, songs) -> None:
    listened(mien, songs[:2], np.random.default_rng(0), 3)
    mien("taste", "like", "Moss", **STARTERLESS)
    told = [json.loads(line) for line in mien("taste", "export", **STARTERLESS).stdout.splitlines()]
    assert [one["kind"] for one in told] == ["rating", *["pick"] * 3, *["play"] * 3]
    refused = mien("taste", "reset", **STARTERLESS)
    assert refused.exit_code == 1
    assert len(mien("taste", "export", **STARTERLESS).stdout.splitlines()) == 7
    assert "7 entries deleted" in mien("taste", "reset", "--yes", **STARTERLESS).stderr
    assert mien("taste", "export", **STARTERLESS).stdout == ""
