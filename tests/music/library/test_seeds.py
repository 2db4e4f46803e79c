"""Finding the tracks of an artist."""

from dataclasses import replace

import pytest

from mien.music.library.seeds import tracks_of_artist
from tests.fakes import track

CREDITS = {"a": "Ann", "b": "Ann; Ben", "c": "Ben feat. Ann", "d": "ÁNN", "e": "Annabel"}


@pytest.mark.parametrize(
    ("name", "found"), [("Ann", "abcd"), ("ann; Ben", "abcd"), ("Ben", "bc"), ("Annabel", "e"), ("Nobody", "")]
)
def test_an_artist_has_the_tracks_credited_to_it_alone_or_with_others(name: str, found: str) -> None:
    tracks = [replace(track(key), id=key, artist=artist) for key, artist in CREDITS.items()]
    assert "".join(one.id for one in tracks_of_artist(name, tracks)) == found
