"""Filters: the rows that they allow, and the error if no row is allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mien.errors import NoMatchError
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.index import TrackIndex, words_of
from tests.fakes import track


def track_index(*facts):
    return TrackIndex.of(
        [
            replace(track(f"t{i}"), genre=genre, language=language, explicit=explicit)
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
        (TrackFilter(genre="polka"), "the genre 'polka'; choose among: jazz, indie rock; folk, rock."),
        (TrackFilter(genre="!?"), "choose among"),
        (TrackFilter(language="fra"), "the language 'fra'; choose among: eng, deu."),
        (TrackFilter(genre="jazz", language="deu"), "all of these conditions at once; leave one of them out"),
    ],
    ids=str,
)
def test_a_filter_without_matches_names_the_alternatives(track_filter, sentence):
    with pytest.raises(NoMatchError, match=sentence.replace("?", r"\?")):
        track_filter.allowed(INDEX)


def test_missing_tags_are_reported_and_at_most_twelve_names_are_listed():
    with pytest.raises(NoMatchError, match="no track's tags state its genre, so leave it out"):
        TrackFilter(genre="rock").allowed(track_index(("", "", None)))
    with pytest.raises(NoMatchError, match="and 8 more"):
        TrackFilter(genre="rock").allowed(track_index(*((f"genre{i}", "", None) for i in range(20))))


def test_words_are_compared_whole():
    assert words_of("Rock'n'Roll/R&B") == {"rock", "n", "roll", "r", "b"}
    assert words_of("Größe") == words_of("GRÖSSE") != set()
