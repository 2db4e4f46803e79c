"""Playlists, stations and moods on real servers."""

from pathlib import Path

import pytest

from mien.errors import PlaylistError, SourceError
from mien.music.location import LocalFile
from mien.music.players.mpd import MpdPlayer
from mien.music.playlists.playlist import Playlist, PlaylistEntry, entry_of
from mien.music.servers.mpd import MpdClient
from mien.music.sources.source import SourceItem
from mien.music.sources.subsonic import SubsonicSource
from tests.fakes import track

NIGHT = PlaylistEntry(LocalFile(Path("/elsewhere/night.flac")), "Ночь", "ГРУППА")
MISSING = PlaylistEntry(LocalFile(Path("/elsewhere/none.mp3")), "Nothing", "Nobody")


@pytest.fixture
def home(subsonic_server):
    return SubsonicSource(
        subsonic_server.address, user=subsonic_server.user, password=subsonic_server.password, name="home"
    )


def stored_titles(source, name):
    (kept,) = [one for one in source.client.ask("getPlaylists")["playlists"]["playlist"] if one["name"] == name]
    whole = source.client.ask("getPlaylist", id=kept["id"])["playlist"]
    return [song["title"] for song in whole.get("entry", [])]


def test_a_playlist_is_stored_on_subsonic_and_replaced(home):
    own = [entry_of(home.read(item), item.location) for item in home.items() if isinstance(item, SourceItem)]
    titles = [entry.title for entry in own]
    assert home.store_playlist(Playlist("Mood", tuple(own * 40))) == []
    assert stored_titles(home, "Mood") == titles * 40
    assert home.store_playlist(Playlist("Mood", (NIGHT, MISSING))) == [MISSING]
    assert stored_titles(home, "Mood") == ["Ночь"]
    with pytest.raises(PlaylistError, match="has none of these"):
        home.store_playlist(Playlist("Mood", (MISSING,)))


def test_a_playlist_is_stored_on_mpd_and_replaced(mpd_server):
    player = MpdPlayer(mpd_server.address)
    for _ in range(2):
        song = PlaylistEntry(LocalFile(Path("/elsewhere/a.mp3")), "Song", "Ann Example")
        assert player.store_playlist(Playlist("Mood", (song, MISSING))) == [MISSING]
    assert MpdClient(mpd_server.address).ask("listplaylist", "Mood") == [("file", "Ann/01 Song.mp3")]
    with pytest.raises(PlaylistError, match="has none of these"):
        player.store_playlist(Playlist("Mood", (MISSING,)))
    with pytest.raises(SourceError):
        player.store_playlist(Playlist("../evil", (song,)))


def test_by_its_socket_mpd_plays_files_outside_its_folder(mpd_server, subsonic_server):
    player = MpdPlayer(str(mpd_server.socket))
    try:
        assert player.play([PlaylistEntry(LocalFile(subsonic_server.music / "Ann" / "01 Song.mp3"))]) == []
    finally:
        MpdClient(mpd_server.address).ask("stop")


def test_moods_are_written_as_stickers_only_when_asked(mpd_server):
    player = MpdPlayer(str(mpd_server.socket))
    song = PlaylistEntry(LocalFile(mpd_server.music / "Ann" / "01 Song.mp3"))
    heard = track("song", valence=0.25, arousal=-0.5)
    assert player.store_moods([(song, heard), (MISSING, heard)]) == 1
    stickers = {value for _, value in MpdClient(mpd_server.address).ask("sticker", "list", "song", "Ann/01 Song.mp3")}
    assert {"mood_valence=0.250", "mood_arousal=-0.500", "mood_tempo_bpm=96.000"} <= stickers
