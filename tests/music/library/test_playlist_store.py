"""Playlists are stored whole or not at all, and keep entries whose tracks are gone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from mien.errors import PlaylistError
from mien.music.library.playlist_store import PlaylistStore, PlaylistSummary
from mien.music.location import LocalFile, ServerFile
from mien.music.playlists.playlist import Playlist, PlaylistEntry

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PARTY = Playlist(
    "Party",
    (
        PlaylistEntry(LocalFile(Path("/music/caf\udce9.mp3")), "Café", "Ann", "First", 61.4, "folder:1"),
        PlaylistEntry(ServerFile("home", PurePosixPath("a/b.mp3")), track_id="home:7"),
        PlaylistEntry(LocalFile(Path("/music/caf\udce9.mp3"))),
    ),
)


@pytest.fixture
def store(database):
    return PlaylistStore(database)


def test_a_playlist_is_read_back_as_stored_and_can_be_deleted(store):
    assert store.all() == []
    store.put(PARTY, at=AT)
    store.put(replace(PARTY, name="alone", entries=PARTY.entries[:1]), at=AT)
    assert store.load("Party") == PARTY
    assert store.all() == [PlaylistSummary("alone", 1, AT), PlaylistSummary("Party", 3, AT)]
    store.delete("Party")
    assert [stored.name for stored in store.all()] == ["alone"]
    for gone in (store.load, store.delete):
        with pytest.raises(PlaylistError, match="“Party” is not a stored playlist; choose one of alone"):
            gone("Party")


def test_a_playlist_is_replaced_only_on_request(store):
    store.put(PARTY, at=AT)
    other = replace(PARTY, entries=PARTY.entries[1:])
    with pytest.raises(PlaylistError, match="already the name of a playlist; choose another name"):
        store.put(other, at=AT)
    assert store.load("Party") == PARTY
    store.put(other, at=AT, replace=True)
    assert store.load("Party") == other


def test_entries_need_no_tracks(store, library):
    store.put(PARTY, at=AT)
    assert library.locations() == {}
    assert store.load("Party") == PARTY


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "\x1b[31m"])
def test_an_invalid_name_is_refused(store, name):
    with pytest.raises(PlaylistError, match="is not a valid name for a playlist"):
        store.put(replace(PARTY, name=name), at=AT)


def test_an_empty_playlist_is_refused(store):
    with pytest.raises(PlaylistError, match="would be empty"):
        store.put(Playlist("Nothing", ()), at=AT)
    with pytest.raises(PlaylistError, match="import a playlist first"):
        store.load("Nothing")
