"""Entries find their tracks if files move, links lead to them, or names are spelled differently."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from mien.music.location import LocalFile, ServerFile
from mien.music.playlists.match import MatchProblem, TrackMatcher
from mien.music.playlists.playlist import PlaylistEntry
from tests.fakes import track


def named(name, title, artist, *, duration_s=180.0):
    return replace(track(name), title=title, artist=artist, duration_s=duration_s)


SONG = named("song", "Song", "Ann")
LIVE = named("live", "Song", "Ann", duration_s=400.0)
NIGHT = named("night", "Ночь", "Группа")
MOSS = replace(track("moss"), title="Moss", artist="", id="home:9")


@pytest.fixture
def locations(tmp_path):
    return {
        SONG.id: LocalFile(tmp_path / "Ann" / "01 Song.mp3"),
        LIVE.id: LocalFile(tmp_path / "Live" / "01 Song.mp3"),
        NIGHT.id: LocalFile(tmp_path / "Группа" / "Ночь.flac"),
        MOSS.id: ServerFile("home", PurePosixPath("Moss", "one & two.ogg")),
    }


@pytest.fixture
def match(locations):
    return TrackMatcher([SONG, LIVE, NIGHT, MOSS], locations).match


def test_entry_matches_by_path_through_symlink(match, locations, tmp_path):
    assert match(PlaylistEntry(locations[LIVE.id], "Other", "Words")).track == LIVE
    assert match(PlaylistEntry(locations[MOSS.id])).track == MOSS
    (tmp_path / "Ann").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "Ann")
    found = match(PlaylistEntry(LocalFile(tmp_path / "link" / "01 Song.mp3")))
    assert (found.track, found.entry.location) == (SONG, LocalFile(tmp_path / "link" / "01 Song.mp3"))


def test_entry_matches_by_artist_title_and_length(match, locations):
    gone = LocalFile(Path("/gone/x.mp3"))
    assert match(PlaylistEntry(gone, "НОЧЬ", " группа ")).entry == replace(
        match(PlaylistEntry(locations[NIGHT.id])).entry, location=locations[NIGHT.id]
    )
    assert match(PlaylistEntry(gone, "Song", "Ann", duration_s=399)).track == LIVE
    assert match(PlaylistEntry(gone, "Song", "Ann", duration_s=178)).track == SONG
    assert match(PlaylistEntry(gone, "Song", "Ann")).track == SONG


def test_entry_matches_by_file_and_folder_name(match):
    assert match(PlaylistEntry(LocalFile(Path("/C:/Music/ann/01 song.MP3")))).track == SONG
    assert match(PlaylistEntry(LocalFile(Path("/elsewhere/Moss/one%20%26%20two.ogg")))).track == MOSS
    assert match(PlaylistEntry(LocalFile(Path("/elsewhere/01 Song.mp3")))).track is None


def test_entry_matches_by_track_id(match, locations):
    found = match(PlaylistEntry(LocalFile(Path("/gone/x.mp3")), track_id=NIGHT.id))
    assert (found.track, found.entry.location) == (NIGHT, locations[NIGHT.id])


def test_the_problem_says_why_there_is_no_track(match, tmp_path):
    (tmp_path / "new.mp3").touch()
    for location, problem in [
        (LocalFile(tmp_path / "new.mp3"), MatchProblem.FILE_NOT_SCANNED),
        (LocalFile(tmp_path / "gone.mp3"), MatchProblem.NOT_FOUND),
        (ServerFile("attic", PurePosixPath("a.mp3")), MatchProblem.SERVER_NOT_SCANNED),
    ]:
        found = match(PlaylistEntry(location, track_id="folder:gone"))
        assert found.problem is problem
        assert (found.track, found.entry) == (None, PlaylistEntry(location))


def test_other_spellings_of_a_name_match_and_so_does_the_leading_artist(tmp_path):
    guest = named("guest", "Süß", "Noël feat. Ben")
    match = TrackMatcher([guest], {guest.id: LocalFile(tmp_path / "a.mp3")}).match
    gone = LocalFile(Path("/gone/x.mp3"))
    for artist in ("NOE\u0308L", "Ｎoël", "Noel ft. Cem"):
        assert match(PlaylistEntry(gone, "su\u0308ß", artist)).track == guest
