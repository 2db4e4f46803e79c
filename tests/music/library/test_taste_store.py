"""Ratings and plays are stored, can be undone, and become taste."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mien.music.library.play_log import PlayEvent
from mien.music.library.taste_store import TasteStore
from mien.music.recommender.feedback import Rating
from mien.types import Mood, Pick
from tests.fakes import track

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TRACKS = [track("a"), track("b"), track("c")]
A, B, C = (one.id for one in TRACKS)


def minute(number):
    return NOON + timedelta(minutes=number)


@pytest.fixture
def store(database):
    return TasteStore(database)


def test_rating_replaces_the_earlier_one_and_can_be_withdrawn(store):
    assert not store.rate(A, Rating.LIKE, at=NOON)
    assert store.rate(A, Rating.NEVER, at=minute(1))
    assert not store.rate(B, Rating.LIKE, at=minute(2))
    assert store.ratings() == {A: Rating.NEVER, B: Rating.LIKE}
    assert store.never() == {A}
    assert store.rate(A, None, at=minute(3))
    assert not store.rate(A, None, at=minute(3))
    assert store.never() == frozenset()


def test_only_the_skip_that_came_with_never_is_deleted_with_it(store, library):
    def plays():
        return [told["position_s"] for told in store.export() if told["kind"] == "play"]

    library.record_play(A, PlayEvent.SKIPPED, position_s=1.0, at=minute(-1))
    store.rate(A, Rating.NEVER, at=NOON)
    library.record_play(A, PlayEvent.STARTED, position_s=2.0, at=NOON + timedelta(seconds=1))
    library.record_play(A, PlayEvent.SKIPPED, position_s=3.0, at=NOON + timedelta(seconds=1))
    library.record_play(B, PlayEvent.SKIPPED, position_s=4.0, at=NOON + timedelta(seconds=1))
    library.record_play(A, PlayEvent.SKIPPED, position_s=5.0, at=minute(5))
    store.rate(A, Rating.NEVER, at=NOON)
    assert plays() == [1, 2, 3, 4, 5]
    store.rate(A, Rating.LIKE, at=minute(6))
    assert plays() == [1, 2, 4, 5]
    store.rate(A, None, at=minute(7))
    assert plays() == [1, 2, 4, 5]


def test_picks_and_plays_become_outcomes_with_true_propensities(store, library):
    mood = Mood(-0.4, 0.3, 0.8)
    library.record_pick(Pick(TRACKS[0], 0.9, 0.25, baseline_propensity=0.125), mood, at=NOON)
    library.record_pick(Pick(TRACKS[1], 0.9, 0.5), mood, at=minute(1))
    library.record_play(A, PlayEvent.SKIPPED, position_s=15.0, at=minute(2))
    library.record_play(B, PlayEvent.FINISHED, position_s=60.0, at=minute(3))
    library.record_play(C, PlayEvent.FINISHED, position_s=60.0, at=minute(4))
    first, second, own = store.outcomes({one.id: one for one in TRACKS})
    assert (
        first.share,
        first.recommended.propensity,
        first.recommended.baseline_propensity,
        first.recommended.mood,
    ) == (
        0.25,
        0.25,
        0.125,
        mood,
    )
    assert (second.share, second.recommended.baseline_propensity) == (1.0, 0.5)
    assert own.recommended is None


def test_played_since_returns_tracks_that_began(store, library):
    library.record_play(A, PlayEvent.STARTED, position_s=0.0, at=minute(-90))
    library.record_play(B, PlayEvent.STARTED, position_s=0.0, at=minute(-30))
    library.record_play(C, PlayEvent.SKIPPED, position_s=0.0, at=minute(-10))
    elsewhere = minute(-60).astimezone(timezone(timedelta(hours=9)))
    assert store.played_since(elsewhere) == {B}


def test_taste_follows_all_feedback_and_is_not_computed_twice(store, library):
    asked = []

    def tracks():
        asked.append(1)
        return TRACKS

    assert store.taste(tracks) is None
    library.record_play(A, PlayEvent.FINISHED, position_s=60.0, at=NOON)
    assert store.taste(tracks).feedback_count == 1
    assert store.taste(tracks) is store.taste(tracks)
    store.rate(B, Rating.NEVER, at=minute(1))
    assert store.taste(tracks).feedback_count == 2
    store.undo()
    assert store.taste(tracks).feedback_count == 1
    assert len(asked) == 4


def test_undo_deletes_the_latest_feedback_first(store, library):
    library.record_play(A, PlayEvent.STARTED, position_s=0.0, at=NOON)
    library.record_play(A, PlayEvent.SKIPPED, position_s=6.0, at=minute(1))
    store.rate(B, Rating.LIKE, at=minute(2))
    library.record_play(C, PlayEvent.FINISHED, position_s=60.0, at=minute(3))
    undone = [store.undo() for _ in range(4)]
    assert [(one.track_id, one.what, one.at) if one else None for one in undone] == [
        (C, "finished", minute(3)),
        (B, "like", minute(2)),
        (A, "skipped", minute(1)),
        None,
    ]
    assert store.played_since(minute(-1)) == {A}


def test_export_returns_everything_and_reset_leaves_nothing(store, library):
    library.record_pick(Pick(TRACKS[0], 0.9, 0.25, baseline_propensity=0.125), Mood(0.1, 0.2), at=NOON)
    library.record_play(A, PlayEvent.SKIPPED, position_s=6.0, at=minute(1))
    store.rate(B, Rating.LIKE, at=minute(2))
    rating, pick, play = store.export()
    assert rating == {"kind": "rating", "track_id": B, "rating": "like", "at": "2026-05-01T12:02:00+00:00"}
    assert (pick["kind"], pick["propensity"], pick["baseline_propensity"]) == ("pick", 0.25, 0.125)
    assert (play["kind"], play["event"], play["position_s"]) == ("play", "skipped", 6.0)
    assert store.reset() == 3
    assert list(store.export()) == []
    assert store.taste(lambda: TRACKS) is None
