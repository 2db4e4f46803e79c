"""What the sources do beyond their common contract."""

from __future__ import annotations

import json
import os

import pytest

from mien.errors import Remedy
from mien.music.sources.folder import FolderSource, key_of
from mien.music.sources.source import BrokenFile, SourceItem
from mien.music.sources.starter import StarterSource

ENTRY = {
    "key": "maple-leaf-rag",
    "file": "maple-leaf-rag.m4a",
    "title": "Maple Leaf Rag",
    "composer": "Scott Joplin",
    "year": 1899,
    "source": "a corpus",
    "licence": "Public domain",
    "rendering": "Synthesised with FluidSynth",
    "duration_s": 60.0,
    "tempo_bpm": 97.0,
    "loudness_lufs": -18.0,
    "valence": 0.6,
    "arousal": 0.4,
    "confidence": 0.8,
    "analyser_version": 1,
}


@pytest.fixture
def starter(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"version": 1, "tracks": [ENTRY]}), encoding="utf-8")
    (tmp_path / ENTRY["file"]).write_bytes(b"sound")
    return StarterSource(tmp_path)


def test_starter_pieces_come_from_the_manifest(starter):
    (item,) = starter.items()
    track = starter.read(item)
    assert (track.id, track.title, track.artist) == ("starter:maple-leaf-rag", "Maple Leaf Rag", "Scott Joplin")
    assert (track.album, track.year, track.duration_s) == ("mien starter library", 1899, 60.0)
    assert track.credit == "Public domain. Synthesised with FluidSynth"
    assert (track.features.valence, track.features.arousal, track.features.tempo_bpm) == (0.6, 0.4, 97.0)


def test_starter_without_a_manifest_gives_nothing(tmp_path):
    assert list(StarterSource(tmp_path / "absent").items()) == []


def test_starter_piece_without_its_file_is_broken(starter, tmp_path):
    (tmp_path / ENTRY["file"]).unlink()
    (found,) = starter.items()
    assert isinstance(found, BrokenFile)
    assert found.remedy is Remedy.REINSTALL


def test_folder_lists_audio_in_the_order_of_names(tmp_path):
    for name in ("b/2.mp3", "b/1.OGG", "a/x.flac", "z.wav", "a/notes.txt", ".git/y.mp3", "a/.y.mp3", "mp3"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    listed = [item.location.path.relative_to(tmp_path).as_posix() for item in FolderSource(tmp_path).items()]
    assert listed == ["z.wav", "a/x.flac", "b/1.OGG", "b/2.mp3"]


def test_folder_that_is_linked_twice_is_listed_once(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x.mp3").touch()
    (tmp_path / "again").symlink_to(tmp_path / "real")
    items = [item for item in FolderSource(tmp_path).items() if isinstance(item, SourceItem)]
    assert len(items) == 1


def test_a_file_is_listed_once_under_its_own_name_however_many_links_lead_to_it(tmp_path):
    real = tmp_path / "z" / "song.mp3"
    real.parent.mkdir()
    real.touch()
    (tmp_path / "a.mp3").symlink_to(real)
    (tmp_path / "z" / "b.mp3").symlink_to(real)
    (tmp_path / "top").symlink_to(tmp_path)
    (tmp_path / "z" / "up").symlink_to(tmp_path)
    (tmp_path / "folder").symlink_to(real.parent)
    assert [item.location.path for item in FolderSource(tmp_path).items()] == [real]
    hard = tmp_path / "z" / "hard.mp3"
    os.link(real, hard)
    assert [item.location.path for item in FolderSource(tmp_path).items()] == [hard]


def test_links_to_places_outside_are_followed(tmp_path):
    outside = tmp_path / "outside"
    (outside / "album").mkdir(parents=True)
    (outside / "album" / "song.mp3").touch()
    music = tmp_path / "music"
    music.mkdir()
    (music / "linked").symlink_to(outside)
    (music / "again.mp3").symlink_to(outside / "album" / "song.mp3")
    assert len(list(FolderSource(music).items())) == 1


def test_key_depends_on_the_path_only(tmp_path):
    assert key_of(tmp_path / "x.mp3") == key_of(tmp_path / "x.mp3")
    assert key_of(tmp_path / "x.mp3") != key_of(tmp_path / "y.mp3")
