"""One comparison form for every look-up, and the names that one text joins."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.music.names import artist_forms, comparison_form, credited_artists, credited_text, genres_in, leading_artist


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Noël", unicodedata.normalize("NFD", "Noël")),
        ("Noël", "noel"),
        ("Ｎｏël", "NOËL"),
        ("Straße", "STRASSE"),
        ("ﬁn", "FIN"),
        ("Ænima", "aenima"),
        ("Røyksopp", "Royksopp"),
        ("Łódź", "lodz"),
        ("Don’t  Stop", "don't stop"),
        ("Jay–Z", "JAY-Z"),
        ("ΆΛΦΑ", "αλφα"),
        ("Co\u00adop", "coop"),
    ],
)
def test_spellings_of_one_name_have_one_form(one, other):
    assert comparison_form(one) == comparison_form(other) != ""


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("й", "и"), ("Ann", "Anna"), ("日本", "本日"), ("1", "2")])
def test_different_names_stay_different(one, other):
    assert comparison_form(one) != comparison_form(other)


@given(st.text(max_size=30))
def test_the_form_is_stable_and_the_same_for_every_normalisation(text):
    form = comparison_form(text)
    assert comparison_form(form) == form
    for kind in ("NFC", "NFD", "NFKC", "NFKD"):
        assert comparison_form(unicodedata.normalize(kind, text)) == form


@pytest.mark.parametrize(
    ("written", "leading", "others"),
    [
        ("Ann", "Ann", []),
        ("Ann feat. Ben", "Ann", ["ben"]),
        ("Ann ft Ben", "Ann", ["ben"]),
        ("Ann (featuring Ben)", "Ann", ["ben"]),
        ("Ann & Ben", "Ann", ["ben"]),
        ("Ann; Ben; Cem", "Ann", ["ben", "cem"]),
        ("Ann/Ben", "Ann", ["ben"]),
        ("Ann, Ben & Cem", "Ann", ["ben", "cem"]),
        ("Ann x Ben", "Ann", ["ben"]),
        ("Ann vs. Ben", "Ann", ["ben"]),
        ("Featherstone", "Featherstone", []),
        ("Alexandra", "Alexandra", []),
        ("& Sons", "& Sons", []),
    ],
)
def test_artists_joined_in_one_text(written, leading, others):
    assert leading_artist(written) == leading
    assert {comparison_form(written), comparison_form(leading), *others} <= artist_forms(written)


def test_a_band_with_a_joining_word_is_found_by_its_whole_name_and_not_torn():
    assert "simon & garfunkel" in artist_forms("Simon & Garfunkel")
    assert credited_artists("Simon & Garfunkel") == ("Simon & Garfunkel",)
    assert credited_artists("Ann & Ben feat. Cem; Dee") == ("Ann & Ben", "Cem", "Dee")


def test_several_values_become_one_text_that_names_each_once():
    assert credited_text(["Ann", "Ben", "ANN", ""]) == "Ann; Ben"
    assert credited_text(["Ann & Ben", "Ann", "Ben"]) == "Ann & Ben"
    assert credited_text([]) == ""


def test_genres_of_one_value_or_several():
    assert genres_in(["Funk; Soul", "funk", "R&B"]) == ("Funk", "Soul", "R&B")
    assert genres_in(["Folk, World, & Country"]) == ("Folk", "World", "Country")
    assert genres_in(["Rock/Pop", "Drum & Bass", ""]) == ("Rock", "Pop", "Drum & Bass")
