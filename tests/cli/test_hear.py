"""``mien hear`` on synthesised music."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest


def test_a_table_for_people(mien, song: Path) -> None:
    result = mien("hear", song)
    assert result.exit_code == 0
    header, _, row = result.stdout.splitlines()
    assert header.split() == ["File", "Valence", "Arousal", "Tempo", "Key", "Loudness", "Sounds"]
    assert str(song) in row
    assert "120 bpm" in row
    assert "LUFS" in row


def test_json_and_csv_agree(mien, song: Path) -> None:
    heard = json.loads(mien("hear", "--json", song).stdout)
    assert list(heard) == [
        "path",
        "valence",
        "arousal",
        "valence_confidence",
        "confidence",
        "tempo_bpm",
        "key",
        "loudness_lufs",
        "tags",
    ]
    assert heard["tempo_bpm"] == pytest.approx(120, abs=3)
    assert -1 <= heard["valence"] <= 1
    assert -1 <= heard["arousal"] <= 1
    (row,) = csv.DictReader(io.StringIO(mien("hear", "--csv", song).stdout))
    heard["tags"] = "; ".join(heard["tags"])
    assert {name: str(value) for name, value in heard.items()} == row


def test_a_slower_beat_has_a_lower_tempo(mien, tmp_path: Path, write_song) -> None:
    slow = write_song(tmp_path / "slow.wav", beats_per_s=1.25)
    result = mien("hear", "--json", slow)
    assert json.loads(result.stdout)["tempo_bpm"] == pytest.approx(75, abs=3)


def test_folders_are_searched_and_unusable_files_reported(mien, tmp_path: Path, write_song) -> None:
    album = tmp_path / "album"
    write_song(album / "one.flac")
    write_song(album / "side b" / "two.ogg")
    (album / "cover.jpg").write_bytes(b"no music")
    (album / "empty.mp3").touch()
    (album / "letter.mp3").write_text("Dear all")
    result = mien("hear", "--json", album, tmp_path / "missing.wav")
    assert result.exit_code == 1
    heard = [json.loads(line)["path"] for line in result.stdout.splitlines()]
    assert heard == [str(album / "one.flac"), str(album / "side b" / "two.ogg")]
    complaints = result.stderr.splitlines()
    assert [complaint.split()[0] for complaint in complaints] == [
        str(album / "empty.mp3"),
        str(album / "letter.mp3"),
        str(tmp_path / "missing.wav"),
    ]


def test_a_cue_sheet_stands_for_its_tracks_and_locked_files_say_so(mien, tmp_path: Path, write_song) -> None:
    album = write_song(tmp_path / "Noël" / "album.flac").parent
    index = "  TRACK 0{0} AUDIO\n    INDEX 01 00:0{1}:00\n"
    sheet = 'FILE "album.wav" WAVE\n' + index.format(1, 0) + index.format(2, 4)
    (album / "album.cue").write_text(sheet)
    (album / "bought.m4p").write_bytes(b"locked")
    (album / "score.mid").write_bytes(b"MThd")
    result = mien("hear", "--json", tmp_path / "NOEL")
    heard = [json.loads(line)["path"] for line in result.stdout.splitlines()]
    assert heard == [str(album / "album.cue" / f"track000{number}") for number in (1, 2)]
    assert result.exit_code == 1
    locked, notes = result.stderr.splitlines()
    assert "bought.m4p is locked by Apple's copy protection (DRM)" in locked
    assert "score.mid has notes and no sound (MIDI)" in notes
