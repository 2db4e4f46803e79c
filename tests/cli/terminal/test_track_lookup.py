"""Finding the track that a person names."""

from dataclasses import replace

import pytest

from mien.cli.terminal.track_lookup import find_track
from mien.errors import LibraryError
from tests.fakes import FakeLibrary, track

MOSS = replace(track("moss"), title="Moss", artist="Ann", duration_s=54.2)


def test_of_copies_of_one_song_it_is_one_that_can_be_played() -> None:
    library = FakeLibrary([MOSS, replace(MOSS, id="copy", title="moss", duration_s=54.4)])
    assert find_track(library, "Moss").id == MOSS.id
    library.away_ids.add(MOSS.id)
    assert find_track(library, "Ann - Moss").id == "copy"


@pytest.mark.parametrize("other", [replace(MOSS, artist="Bob"), replace(MOSS, duration_s=61.0)])
def test_another_song_of_the_same_title_is_not_taken_for_it(other) -> None:
    with pytest.raises(LibraryError, match="stands for 2 tracks"):
        find_track(FakeLibrary([MOSS, replace(other, id="other")]), "Moss")
