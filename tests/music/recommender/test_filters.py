"""Filters: the rows that they allow, and the error if no row is allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mien.errors import NoMatchError
from mien.music.names import comparison_words, genres_in
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.index import TrackIndex
from tests.fakes import track


def track_index(*facts):
    return TrackIndex.of(
        [
            replace(track(f"t{i}"), genres=genres_in([genre]), language=language, explicit=explicit)
            for i, (genre, language, explicit) in enumerate(facts)
        ]
    )


INDEX = track_index(
    ("Indie Rock; Folk", "eng", None),
    ("Rock", "deu", True),
    ("Jazz", "", False),
    ("", "eng", False),
    ("Jazz", "", None),
)


def through(track_filter):
    allowed = track_filter.allowed(INDEX)
    return {
        INDEX.tracks[row].id.removeprefix("folder:") for row in range(len(INDEX)) if allowed is None or allowed[row]
    }


@pytest.mark.parametrize(
    ("track_filter", "expected"),
    [
        (TrackFilter(), {"t0", "t1", "t2", "t3", "t4"}),
        (TrackFilter(genre="rock"), {"t0", "t1"}),
        (TrackFilter(genre="Folk / INDIE"), {"t0"}),
        (TrackFilter(language="ENG"), {"t0", "t3"}),
        (TrackFilter(explicit=False), {"t0", "t2", "t3", "t4"}),
        (TrackFilter(genre="rock", explicit=False), {"t0"}),
    ],
    ids=lambda value: " ".join(sorted(value)) if isinstance(value, set) else str(value),  # the same in every process
)
def test_rows_that_a_filter_allows(track_filter, expected):
    assert through(track_filter) == expected


@pytest.mark.parametrize(
    ("track_filter", "sentence"),
    [
        (TrackFilter(genre="polka"), "the genre 'polka'; choose among: Jazz, Indie Rock, Folk, Rock."),
        (TrackFilter(genre="!?"), "choose among"),
        (TrackFilter(language="fra"), "the language 'fra'; choose among: eng, deu."),
        (TrackFilter(genre="jazz", language="deu"), "all of these conditions at once; leave one of them out"),
    ],
    ids=str,
)
def test_a_filter_without_matches_names_the_alternatives(track_filter, sentence):
    with pytest.raises(NoMatchError, match=sentence.replace("?", r"\?")):
        track_filter.allowed(INDEX)


def test_any_of_several_genres_is_found():
    rows = [replace(track("a"), genres=("Soul", "Música Funk")), replace(track("b"), genres=("Hard Bop", "Rock"))]
    track_index = TrackIndex.of(rows)
    for genre, expected in (("funk", "a"), ("MUSICA", "a"), ("soul; funk", "a"), ("rock", "b")):
        (row,) = TrackFilter(genre=genre).allowed(track_index).nonzero()[0]
        assert track_index.tracks[row].id == f"folder:{expected}"
    with pytest.raises(NoMatchError, match="hard rock"):
        TrackFilter(genre="hard rock").allowed(track_index)


def test_missing_tags_are_reported_and_at_most_twelve_names_are_listed():
    with pytest.raises(NoMatchError, match="no track's tags state its genre, so leave it out"):
        TrackFilter(genre="rock").allowed(track_index(("", "", None)))
    with pytest.raises(NoMatchError, match="and 8 more"):
        TrackFilter(genre="rock").allowed(track_index(*((f"genre{i}", "", None) for i in range(20))))


def test_words_are_compared_whole():
    assert comparison_words("Rock'n'Roll/R&B") == {"rock", "n", "roll", "r", "b"}
    assert comparison_words("Größe") == comparison_words("GRÖSSE") != set()
