"""How plays are paired with recommendations, and what feedback that gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mien.music.recommender.feedback import PlayEnd, Rating, RecommendedPlay, feedback_from, outcomes, share_heard
from mien.types import Mood
from tests.fakes import track

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TRACKS = {one.id: one for one in (track("a"), track("b"))}
LOW = Mood(-0.5, -0.5)


def chosen(name, minute, *, propensity=0.5):
    return RecommendedPlay(f"folder:{name}", NOON + timedelta(minutes=minute), LOW, propensity, 0.25)


def ended(name, minute, position_s=None):
    return PlayEnd(f"folder:{name}", NOON + timedelta(minutes=minute), position_s)


def test_each_play_end_is_paired_with_the_latest_pick():
    first, again, other = chosen("a", 0), chosen("a", 5, propensity=0.1), chosen("b", 6)
    ends = [ended("a", 6, 15.0), ended("a", 9), ended("b", 8)]
    found = outcomes([first, again, other], ends, TRACKS)
    assert [(one.track.id, one.share, one.recommended) for one in found] == [
        ("folder:a", 0.25, again),
        ("folder:b", 1.0, other),
        ("folder:a", 1.0, None),
    ]


def test_old_recommendations_and_removed_tracks_do_not_count():
    found = outcomes([chosen("a", -1500)], [ended("a", 0), ended("gone", 1)], TRACKS)
    assert [(one.track.id, one.recommended) for one in found] == [("folder:a", None)]


@pytest.mark.parametrize(
    ("position_s", "duration_s", "share"),
    [(None, 60, 1), (None, 0, 1), (30, 60, 0.5), (90, 60, 1), (-1, 60, 0), (5, 0, 0.5)],
)
def test_share_heard(position_s, duration_s, share):
    assert share_heard(position_s, duration_s) == share


def test_ratings_weigh_more_than_plays_and_moods_come_from_recommendations():
    found = outcomes([chosen("a", 0)], [ended("a", 1, 6.0), ended("b", 2)], TRACKS)
    taught = feedback_from(
        found, {"folder:b": Rating.NEVER, "folder:a": Rating.LIKE, "folder:gone": Rating.LIKE}, TRACKS
    )
    assert [(one.track.id, one.share, one.mood, one.weight) for one in taught] == [
        ("folder:a", 0.1, LOW, 1.0),
        ("folder:b", 1.0, None, 1.0),
        ("folder:b", 0.0, None, 3.0),
        ("folder:a", 1.0, None, 3.0),
    ]
