"""Playlists are kept whole or not at all, and outlive what they name."""

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


def test_a_playlist_comes_back_as_it_was_and_goes(store):
    assert store.all() == []
    store.put(PARTY, at=AT)
    store.put(replace(PARTY, name="alone", entries=PARTY.entries[:1]), at=AT)
    assert store.load("Party") == PARTY
    assert store.all() == [PlaylistSummary("alone", 1, AT), PlaylistSummary("Party", 3, AT)]
    store.delete("Party")
    assert [kept.name for kept in store.all()] == ["alone"]
    for gone in (store.load, store.delete):
        with pytest.raises(PlaylistError, match="“Party” is not a stored playlist; choose one of alone"):
            gone("Party")


def test_none_takes_the_place_of_another_unasked(store):
    store.put(PARTY, at=AT)
    other = replace(PARTY, entries=PARTY.entries[1:])
    with pytest.raises(PlaylistError, match="already the name of a playlist; choose another name"):
        store.put(other, at=AT)
    assert store.load("Party") == PARTY
    store.put(other, at=AT, replace=True)
    assert store.load("Party") == other


def test_playlists_outlive_their_tracks(store, library):
    store.put(PARTY, at=AT)
    assert library.locations() == {}
    assert store.load("Party") == PARTY


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "\x1b[31m"])
def test_a_name_that_is_none(store, name):
    with pytest.raises(PlaylistError, match="is not a valid name for a playlist"):
        store.put(replace(PARTY, name=name), at=AT)


def test_an_empty_one_is_not_kept(store):
    with pytest.raises(PlaylistError, match="would be empty"):
        store.put(Playlist("Nothing", ()), at=AT)
    with pytest.raises(PlaylistError, match="import a playlist first"):
        store.load("Nothing")
