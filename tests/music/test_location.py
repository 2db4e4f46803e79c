"""Local files and files on servers are told apart by type, and by their text form."""

from pathlib import Path, PurePosixPath

import pytest

from mien.music.location import LocalFile, ServerFile, parse_location

SONG = ServerFile("home", PurePosixPath("Ann/01 Song.mp3"))


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (LocalFile(Path("/music/a b.mp3")), "/music/a b.mp3"),
        (LocalFile(Path("/music/home:/a.mp3")), "/music/home:/a.mp3"),
        (LocalFile(Path("/music/caf\udce9.mp3")), "/music/caf\udce9.mp3"),
        (LocalFile(Path("a.mp3")), "a.mp3"),
        (SONG, "home:/Ann/01 Song.mp3"),
        (ServerFile("home"), "home:"),
    ],
)
def test_the_text_form_is_read_back(location, text):
    assert str(location) == text
    assert parse_location(text) == location


def test_parts_of_the_name():
    for location in (SONG, LocalFile(Path("/music/01 Song.mp3"))):
        assert (location.name, location.stem, location.suffix) == ("01 Song.mp3", "01 Song", ".mp3")


@pytest.mark.parametrize("path", ["Ann/01 Song.mp3", "/Ann/01 Song.mp3/", "Ann\\01 Song.mp3", "Ann//01 Song.mp3"])
def test_server_path_is_normalised(path):
    assert ServerFile.parse("home", path) == SONG


@pytest.mark.parametrize("path", ["", "/", "../a.mp3", "a/../../b.mp3", "a\n.mp3", "a\x1b[31m.mp3", "x" * 2001])
def test_invalid_server_path_parses_to_none(path):
    assert ServerFile.parse("home", path) is None


def test_is_within_folder():
    assert SONG.is_within(ServerFile("home"))
    assert SONG.is_within(ServerFile("home", PurePosixPath("Ann")))
    assert SONG.is_within(SONG)
    assert not SONG.is_within(ServerFile("home", PurePosixPath("An")))
    assert not SONG.is_within(ServerFile("hifi"))
    assert not SONG.is_within(LocalFile(Path("/")))
    assert LocalFile(Path("/music/a.mp3")).is_within(LocalFile(Path("/music")))
    assert not LocalFile(Path("/music/a.mp3")).is_within(ServerFile("music"))
