"""What requests in words choose from libraries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from mien.errors import NoMatchError
from mien.music.recommender.filters import TrackFilter
from mien.music.recommender.index import TrackIndex
from mien.music.recommender.listening import ListeningHistory
from mien.music.recommender.recommend import recommend
from mien.music.requests.apply import apply_request
from mien.music.requests.understand import understand
from mien.types import AudioFeatures, ReasonKind, Track

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def track(
    key: str,
    mood: tuple[float, float] = (0.0, 0.0),
    *,
    tags: tuple[str, ...] = (),
    tempo: float = 100.0,
    genre: str = "",
    year: int | None = None,
    artist: str = "",
    minor: bool = False,
    duration_s: float = 200.0,
    language: str = "",
) -> Track:
    features = AudioFeatures(tempo, -18.0, *mood, 1.0, 1, 0, minor, 1.0, tags)
    return Track(
        f"test:{key}",
        key,
        artist or key,
        "",
        duration_s,
        features,
        year=year,
        genres=(genre,) if genre else (),
        language=language,
    )


LIBRARY = [
    track("elegy", (-0.6, -0.5), tags=("piano", "classical"), tempo=66, genre="Classical", year=1985, minor=True),
    track("lament", (-0.6, -0.4), tags=("piano", "female vocalists"), tempo=70, genre="Pop", year=1994, minor=True),
    track("dirge", (-0.6, -0.5), tags=("guitar", "slow"), tempo=64, genre="Folk", year=2004, minor=True),
    track("storm", (-0.6, 0.7), tags=("rock", "guitar", "drums"), tempo=168, genre="Hard Rock", year=1984),
    track("party", (0.7, 0.8), tags=("rock", "vocals", "drums"), tempo=150, genre="Rock", year=1988),
    track("dance", (0.8, 0.7), tags=("dance", "female vocalists"), tempo=128, genre="Eurodance", year=1995),
    track("rhymes", (0.2, 0.5), tags=("hip-hop", "vocals"), tempo=92, genre="Hip-Hop", year=2005, language="ger"),
    track("spa", (0.4, -0.8), tags=("ambient",), tempo=0, genre="Ambient", year=2015, duration_s=600),
    track("sonata", (0.6, 0.2), tags=("piano", "fast"), tempo=140, genre="Classical", year=1999),
    track("ballad", (-0.3, -0.3), tags=("vocals", "piano"), tempo=72, genre="Rock", year=1977, artist="Queen"),
]


def chosen(text: str, tracks=LIBRARY, *, history: ListeningHistory | None = None, count: int = 3) -> list[str]:
    """The titles that a request chooses, the best first."""
    request = understand(text, today=date(2026, 11, 29), artists={one.artist for one in tracks})
    applied = apply_request(request, tracks, history=history or ListeningHistory(), now=NOW)
    track_index = TrackIndex.of(tracks)
    preference = applied.preference.weigh(track_index)
    mood = applied.mood or preference.typical_mood(track_index)
    station = recommend(
        mood, track_index, count=count, preference=preference, track_filter=TrackFilter(like=applied.like)
    )
    return [pick.track.title for pick in station.picks]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("sad piano in the rain, slow, no vocals", "elegy"),
        ("traurige Klaviermusik mit Frauenstimme", "lament"),
        ("sad guitar", "dirge"),
        ("happy fast piano", "sonata"),
        ("wütender Rock", "storm"),
        ("dance with female vocals", "dance"),
        ("sehr entspannt, Ambient", "spa"),
        ("slow rock", "ballad"),
    ],
)
def test_the_best_match_comes_first(text: str, first: str) -> None:
    assert chosen(text)[0] == first


def test_sad_slow_piano_is_ranked_before_happy_fast_rock_in_a_large_library() -> None:
    rng = np.random.default_rng(1)
    sounds = [("piano", "slow"), ("piano", "fast"), ("rock", "drums", "vocals"), ("guitar", "vocals"), ("synth",)]
    many = [
        track(
            f"{number}",
            (float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
            tags=sounds[number % len(sounds)],
            tempo=float(rng.uniform(50, 180)),
        )
        for number in range(3000)
    ]
    by_title = {one.title: one for one in many}
    for title in chosen("sad piano, slow, no vocals", many, count=20):
        features = by_title[title].features
        assert "piano" in features.tags
        assert features.valence < -0.2
        assert features.tempo_bpm < 105


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("80s", {"elegy", "storm", "party"}),
        ("80s rock", {"storm", "party"}),
        ("80s, no rock", {"elegy"}),
        ("by Queen", {"ballad"}),
        ("german", {"rhymes"}),
        ("since 2004", {"dirge", "rhymes", "spa"}),
        ("songs longer than 6 minutes", {"spa"}),
        ("classical", {"elegy", "sonata"}),
    ],
)
def test_what_is_required_is_met_by_every_pick(text: str, titles: set[str]) -> None:
    assert set(chosen(text, count=10)) == titles


def test_history_can_be_asked_for() -> None:
    history = ListeningHistory(
        frozenset({"test:spa", "test:party"}),
        {"test:party": NOW - timedelta(days=1), "test:spa": NOW - timedelta(days=100)},
    )
    assert set(chosen("my favourites", history=history, count=10)) == {"spa", "party"}
    assert set(chosen("meine Lieblingslieder, ruhig", history=history, count=1)) == {"spa"}
    assert "party" not in chosen("was ich lange nicht gehört habe", history=history, count=10)
    assert chosen("was ich lange nicht gehört habe", history=history, count=1) == ["spa"]
    assert not {"spa", "party"} & set(chosen("something new", history=history, count=10))


def test_a_condition_that_nothing_meets_is_left_out_and_named() -> None:
    request = understand("sad reggae", today=date(2026, 11, 29))
    applied = apply_request(request, LIBRARY, history=ListeningHistory(), now=NOW)
    scores = applied.preference.weigh(TrackIndex.of(LIBRARY))
    assert scores.unmet == ("reggae",)
    assert scores.allowed.all()


def test_conditions_that_no_track_meets_together_are_named() -> None:
    with pytest.raises(NoMatchError, match="classical, 1970 to 1979"):
        chosen("classical from the 70s")


def test_a_pick_says_what_it_meets() -> None:
    request = understand("80s rock, no vocals", today=date(2026, 11, 29))
    applied = apply_request(request, LIBRARY, history=ListeningHistory(), now=NOW)
    track_index = TrackIndex.of(LIBRARY)
    preference = applied.preference.weigh(track_index)
    (pick,) = recommend(preference.typical_mood(track_index), track_index, count=1, preference=preference).picks
    assert pick.track.title == "storm"
    (reason,) = [reason for reason in pick.reasons if reason.kind is ReasonKind.REQUESTED]
    assert reason.value == "1980 to 1989, rock, no vocals"


def test_an_empty_library_has_nothing_to_offer() -> None:
    assert chosen("sad piano", []) == []
