"""Entries find their tracks though files move, links lead there, and other programs write names otherwise."""

from dataclasses import replace
from pathlib import Path

import pytest

from mien.music.playlists.match import TrackMatcher
from mien.music.playlists.playlist import PlaylistEntry
from tests.fakes import track


def named(name, title, artist, *, duration_s=180.0):
    return replace(track(name), title=title, artist=artist, duration_s=duration_s)


SONG = named("song", "Song", "Ann")
LIVE = named("live", "Song", "Ann", duration_s=400.0)
NIGHT = named("night", "Ночь", "Группа")
MOSS = replace(track("moss"), title="Moss", artist="", id="home:9")


@pytest.fixture
def places(tmp_path):
    return {
        SONG.id: tmp_path / "Ann" / "01 Song.mp3",
        LIVE.id: tmp_path / "Live" / "01 Song.mp3",
        NIGHT.id: tmp_path / "Группа" / "Ночь.flac",
        MOSS.id: Path("home:", "Moss", "one & two.ogg"),
    }


@pytest.fixture
def match(places):
    return TrackMatcher([SONG, LIVE, NIGHT, MOSS], places).match


def test_by_file_also_through_a_link(match, places, tmp_path):
    assert match(PlaylistEntry(places[LIVE.id], "Other", "Words")).track == LIVE
    assert match(PlaylistEntry(places[MOSS.id])).track == MOSS
    (tmp_path / "Ann").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "Ann")
    found = match(PlaylistEntry(tmp_path / "link" / "01 Song.mp3"))
    assert (found.track, found.entry.path) == (SONG, tmp_path / "link" / "01 Song.mp3")


def test_by_artist_and_title_and_length(match, places):
    gone = Path("/gone/x.mp3")
    assert match(PlaylistEntry(gone, "НОЧЬ", " группа ")).entry == replace(
        match(PlaylistEntry(places[NIGHT.id])).entry, path=places[NIGHT.id]
    )
    assert match(PlaylistEntry(gone, "Song", "Ann", duration_s=399)).track == LIVE
    assert match(PlaylistEntry(gone, "Song", "Ann", duration_s=178)).track == SONG
    assert match(PlaylistEntry(gone, "Song", "Ann")).track == SONG


def test_by_the_names_of_file_and_folder(match):
    assert match(PlaylistEntry(Path("/C:/Music/ann/01 song.MP3"))).track == SONG
    assert match(PlaylistEntry(Path("/elsewhere/Moss/one%20%26%20two.ogg"))).track == MOSS
    assert match(PlaylistEntry(Path("/elsewhere/01 Song.mp3"))).track is None


def test_by_the_id_that_it_had(match, places):
    found = match(PlaylistEntry(Path("/gone/x.mp3"), track_id=NIGHT.id))
    assert (found.track, found.entry.path) == (NIGHT, places[NIGHT.id])


def test_why_there_is_none(match, tmp_path):
    (tmp_path / "new.mp3").touch()
    for path, words in [
        (tmp_path / "new.mp3", "never heard"),
        (tmp_path / "gone.mp3", "no such file"),
        (Path("attic:", "a.mp3"), "mien source hear attic"),
    ]:
        found = match(PlaylistEntry(path, track_id="folder:gone"))
        assert words in found.problem
        assert (found.track, found.entry) == (None, PlaylistEntry(path))
