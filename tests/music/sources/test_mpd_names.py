"""Names of a real MPD that are not plain, and the tracks of its CUE sheets: listed, heard and played."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from mien.music.analysis.decode import read_excerpts
from mien.music.location import ServerFile
from mien.music.players.mpd import MpdPlayer
from mien.music.playlists.playlist import entry_of
from mien.music.servers.mpd import MpdClient
from mien.music.sources.folder import FolderSource
from mien.music.sources.mpd import MpdSource
from mien.music.sources.source import SourceItem
from tests.servers import running_mpd, write_sound

SHEET = """PERFORMER "Ann"
TITLE "The Album"
FILE "album.flac" WAVE
  TRACK 01 AUDIO
    TITLE "One"
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Two"
    PERFORMER "Ben"
    INDEX 01 00:03:00
  TRACK 03 AUDIO
    TITLE "Three"
    INDEX 01 00:07:00
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    music = tmp_path_factory.mktemp("odd-music")
    plain = write_sound(music / "B" / "back\\slash.mp3", title="Back", artist="Ann")
    try:
        shutil.copy(plain, os.fsencode(music / "B") + b"/caf\xe9.mp3")
    except OSError:
        pytest.skip("this file system takes no names that are not UTF-8")
    write_sound(music / "A" / "album.flac", codec="flac", seconds=9)
    (music / "A" / "album.cue").write_text(SHEET)
    with (
        tempfile.TemporaryDirectory(dir="/tmp", prefix="mien-") as short,
        running_mpd(tmp_path_factory.mktemp("mpd"), music, Path(short)) as running,
    ):
        yield running


def source_of(server):
    return MpdSource(f"127.0.0.1:{server.port}", folder=server.music)


def nameless(entries):
    """Entries that only their location can find."""
    return [replace(entry, title="", artist="", track_id="") for entry in entries]


def test_every_song_is_listed_heard_and_played_under_mpds_own_name(server):
    source, player = source_of(server), MpdPlayer(f"127.0.0.1:{server.port}")
    items = [item for item in source.items() if isinstance(item, SourceItem)]
    uris = [source.uri(item) for item in items]
    assert [str(item.location.path) for item in items] == uris
    assert {"B/back\\slash.mp3", "B/caf\udce9.mp3", "A/album.cue/track0002"} <= set(uris)
    for item in items:
        with source.open(item) as file:
            assert read_excerpts(file).duration_s > 1
    entries = nameless(entry_of(source.read(item), item.location) for item in items)
    assert player.playable(entries) == [True] * 5
    assert player.play(entries) == []
    assert [
        value for name, value in MpdClient(f"127.0.0.1:{server.port}").ask("playlistinfo") if name == "file"
    ] == uris


def test_a_song_is_found_again_by_a_source_that_has_listed_nothing(server):
    items = [item for item in source_of(server).items() if isinstance(item, SourceItem)]
    for item in items:
        assert source_of(server).uri(item) == str(item.location.path)
    old = replace(items[3], location=ServerFile("mpd", items[3].location.path.parent / "back" / "slash.mp3"))
    assert source_of(server).uri(old) == "B/back\\slash.mp3"


def test_tracks_of_a_sheet_have_their_place_in_the_file(server):
    source = source_of(server)
    lengths = {}
    for item in source.items():
        if "album.cue" in str(item.location):
            with source.open(item) as file:
                lengths[source.read(item).title] = read_excerpts(file).duration_s
    assert lengths == pytest.approx({"One": 3.0, "Two": 4.0, "Three": 2.0}, abs=0.05)


def test_tracks_of_a_folders_sheet_are_mpds_tracks(server):
    folder = FolderSource(server.music / "A")
    player = MpdPlayer(f"127.0.0.1:{server.port}", folder=server.music)
    entries = nameless(entry_of(folder.read(item), item.location) for item in folder.items())
    assert player.playable(entries) == [True, True, True]
