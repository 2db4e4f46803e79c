"""The folder that moved, and the old collection of a Mac, whose names are decomposed."""

from __future__ import annotations

import unicodedata

import pytest


def test_the_folder_that_moved(household, album, mien):
    music = album("Ann/one.wav", "Ann/two.wav", "Bob/three.wav")
    assert mien("library", "add", music).exit_code == 0
    for title in ("one", "two", "three"):
        household.speak(title)
    before = household.words()
    moved = music.rename(music.with_name("records"))
    (moved / "Ann").rename(moved / "Ann and Bob")
    (moved / "Bob" / "three.wav").rename(moved / "Ann and Bob" / "three.wav")
    assert mien("library", "add", moved).stderr == f"{moved}: 3 added.\n"
    assert household.words() == before
    assert "your correction" in mien("library", "mood", moved / "Ann and Bob" / "three.wav").stdout
    assert household.unheard() == []
    # Under its old name it may be on a disk that is not there, and this a copy: a person who knows better says so.
    assert [folder.track_count for folder in household.library.away()] == [3]
    assert mien("library", "forget", "--missing").exit_code == 0
    assert household.words() == before
    assert household.library.away() == []


@pytest.mark.parametrize(("first", "second"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_the_old_collection_of_a_mac(household, album, mien, first, second):
    names = ["Björk – Jóga.wav", "Noël/Café del Mar.wav", "Sigur Rós/Ágætis.wav", "가을/노래.wav"]
    music = album(*(unicodedata.normalize(first, name) for name in names))
    mien("library", "add", music)
    titles = [track.title for track in household.library.tracks()]
    for title in titles:
        household.speak(title)
    before = sorted(household.words().values())
    asked = unicodedata.normalize(second, str(music / "Noël" / "Café del Mar.wav"))
    assert "your correction" in mien("library", "mood", asked).stdout
    # A copy on another computer has the names in the other form.
    for path in sorted(music.rglob("*"), reverse=True):
        path.rename(path.with_name(unicodedata.normalize(second, path.name)))
    added = mien("library", "add", music)
    assert (added.exit_code, added.stderr) == (0, f"{music}: 4 moved, 4 unchanged.\n")
    assert sorted(household.words().values()) == before
