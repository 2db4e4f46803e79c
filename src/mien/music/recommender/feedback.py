"""Turns the log of picks, plays and ratings into feedback that taste is learnt from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from mien.music.recommender.taste import Feedback
from mien.types import Mood, Track

_RATING_WEIGHT: Final = 3.0


class Rating(StrEnum):
    """A listener's rating of a track."""

    LIKE = "like"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class RecommendedPlay:
    """The start of a recommended track.

    Attributes:
        track_id: The track.
        at: When it began to play.
        mood: The mood that it was recommended for.
        propensity: The probability of its recommendation, 0..1.
        baseline_propensity: What the propensity would have been without taste.
    """

    track_id: str
    at: datetime
    mood: Mood
    propensity: float
    baseline_propensity: float


@dataclass(frozen=True, slots=True)
class PlayEnd:
    """The end of a play, at ``position_s`` seconds into the track, or None if it was heard to the end."""

    track_id: str
    at: datetime
    position_s: float | None


@dataclass(frozen=True, slots=True)
class PlayOutcome:
    """The outcome of a play: the ``share`` of the track that was heard, 0..1.

    ``recommended`` is the recommendation that led to it, or None if there was none.
    """

    track: Track
    share: float
    recommended: RecommendedPlay | None


def outcomes(
    recommended: Iterable[RecommendedPlay],
    ended: Iterable[PlayEnd],
    tracks: Mapping[str, Track],
    *,
    window_s: float = 86_400,
) -> list[PlayOutcome]:
    """Pair each end of a play with the latest earlier recommendation of the track; each recommendation counts once.

    Args:
        recommended: The recommended plays, in any order.
        ended: The ends of plays, in any order.
        tracks: The tracks by id; ends of other tracks are left out.
        window_s: The age in seconds from which a recommendation no longer counts as the cause of a play.

    Returns:
        One outcome for each end, the earliest first.
    """
    both: list[RecommendedPlay | PlayEnd] = [*recommended, *ended]
    events = sorted(both, key=lambda event: (event.at, isinstance(event, PlayEnd)))
    pending: dict[str, RecommendedPlay] = {}
    found = []
    for event in events:
        if isinstance(event, RecommendedPlay):
            pending[event.track_id] = event
            continue
        cause = pending.pop(event.track_id, None)
        if cause is not None and (event.at - cause.at).total_seconds() > window_s:
            cause = None
        track = tracks.get(event.track_id)
        if track is not None:
            found.append(PlayOutcome(track, share_heard(event.position_s, track.duration_s), cause))
    return found


def share_heard(position_s: float | None, duration_s: float) -> float:
    """The share of a track that was heard, 0..1; 0.5 if it was skipped and its length is unknown."""
    if position_s is None:
        return 1.0
    return min(1.0, max(0.0, position_s / duration_s)) if duration_s > 0 else 0.5


def feedback_from(
    outcomes: Iterable[PlayOutcome], ratings: Mapping[str, Rating], tracks: Mapping[str, Track]
) -> list[Feedback]:
    """Turn outcomes and ratings into feedback; a rating counts as much as three plays.

    Args:
        outcomes: How plays ended.
        ratings: The ratings by track id.
        tracks: The tracks by id; ratings of other tracks are left out.
    """
    from_plays = [
        Feedback(outcome.track, outcome.share, outcome.recommended.mood if outcome.recommended else None)
        for outcome in outcomes
    ]
    from_ratings = [
        Feedback(tracks[track_id], float(rating is Rating.LIKE), weight=_RATING_WEIGHT)
        for track_id, rating in ratings.items()
        if track_id in tracks
    ]
    return from_plays + from_ratings
