"""The words for the reasons of a pick."""

from __future__ import annotations

import pytest

from mien.cli.terminal.reason_words import reason_clauses, reason_words
from mien.music.recommender.goals import Goal
from mien.types import Reason, ReasonKind


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ((), ""),
        ((Reason(ReasonKind.AROUSAL, -0.6), Reason(ReasonKind.VALENCE, 0.5)), "calm and bright"),
        (
            (Reason(ReasonKind.AROUSAL, 0.0), Reason(ReasonKind.VALENCE, 0.0), Reason(ReasonKind.TEMPO, 71.6)),
            "steady, 72 bpm",
        ),
        ((Reason(ReasonKind.SAME_TEMPO), Reason(ReasonKind.SAME_KEY)), "same tempo and key as the previous track"),
        (
            (Reason(ReasonKind.SAME_KEY), Reason(ReasonKind.MOOD_FIT, 0.1)),
            "same key as the previous track, very close to your mood",
        ),
        (
            (Reason(ReasonKind.ROUTE_FIT, 0.2), Reason(ReasonKind.PROGRESS, 0.4), Reason(ReasonKind.GOAL, "lift")),
            "close to the route, 40% of the way to a brighter mood",
        ),
        ((Reason(ReasonKind.GOAL_FIT, 0.9), Reason(ReasonKind.GOAL, "calm")), "far from calm"),
        (
            (Reason(ReasonKind.SIMILAR, 0.1), Reason(ReasonKind.RECENTLY_PLAYED, 2)),
            "much like what you asked for, played not long ago",
        ),
        ((Reason(ReasonKind.ARTIST_TASTE, 0.2),), "an artist you like"),
        ((Reason(ReasonKind.MOOD_TASTE, -0.2),), "although you often skip such moods"),
    ],
)
def test_reasons_are_joined_into_one_line(reasons, words):
    assert reason_words(reasons) == words


def test_clauses_make_sense_by_themselves():
    reasons = (Reason(ReasonKind.TEMPO, 96.0), Reason(ReasonKind.ROUTE_FIT, 0.1), Reason(ReasonKind.PROGRESS, 0.5))
    assert reason_clauses((*reasons, Reason(ReasonKind.GOAL, "focus"))) == [
        "96 bpm",
        "very close to the route",
        "50% of the way to focus",
    ]


def test_every_goal_is_worded_differently():
    assert len(
        {reason_words([Reason(ReasonKind.GOAL_FIT, 0.0), Reason(ReasonKind.GOAL, goal)]) for goal in Goal}
    ) == len(Goal)


def test_every_kind_of_reason_is_worded_or_part_of_another():
    alone = {kind for kind in ReasonKind if reason_words([Reason(kind, "lift" if kind is ReasonKind.GOAL else 0.5)])}
    assert set(ReasonKind) - alone == {ReasonKind.GOAL}
