"""Makes sense of a log of picks and plays: which of them ended how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from mien.music.recommender.taste import Feedback
from mien.types import Mood, Track

_WORD_WEIGHT: Final = 3.0


class Rating(StrEnum):
    """What a person says of a track."""

    LIKE = "like"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class RecommendedPlay:
    """That a track was recommended and began to play: for which mood, and how likely it was with and without taste."""

    track_id: str
    at: datetime
    mood: Mood
    propensity: float
    baseline_propensity: float


@dataclass(frozen=True, slots=True)
class PlayEnd:
    """That a track ended: ``position_s`` seconds from its start, or None when it was heard to the end."""

    track_id: str
    at: datetime
    position_s: float | None


@dataclass(frozen=True, slots=True)
class PlayOutcome:
    """How a play of a track ended: which ``share`` of it, 0..1, was heard; ``chosen`` is None if nobody chose it."""

    track: Track
    share: float
    chosen: RecommendedPlay | None


def outcomes(
    chosen: Iterable[RecommendedPlay],
    ended: Iterable[PlayEnd],
    tracks: Mapping[str, Track],
    *,
    window_s: float = 86_400,
) -> list[PlayOutcome]:
    """Pair each end of a play with the choice of that track that came last before it, each choice once.

    A choice more than ``window_s`` seconds old is no cause any more; ends of tracks that are gone are left out.
    """
    both: list[RecommendedPlay | PlayEnd] = [*chosen, *ended]
    events = sorted(both, key=lambda event: (event.at, isinstance(event, PlayEnd)))
    open_choices: dict[str, RecommendedPlay] = {}
    found = []
    for event in events:
        if isinstance(event, RecommendedPlay):
            open_choices[event.track_id] = event
            continue
        cause = open_choices.pop(event.track_id, None)
        if cause is not None and (event.at - cause.at).total_seconds() > window_s:
            cause = None
        track = tracks.get(event.track_id)
        if track is not None:
            found.append(PlayOutcome(track, share_heard(event.position_s, track.duration_s), cause))
    return found


def share_heard(position_s: float | None, duration_s: float) -> float:
    """Which share of a track was heard, 0..1; half, when it was skipped and nobody knows how long it is."""
    if position_s is None:
        return 1.0
    return min(1.0, max(0.0, position_s / duration_s)) if duration_s > 0 else 0.5


def feedback_from(
    ended: Iterable[PlayOutcome], verdicts: Mapping[str, Rating], tracks: Mapping[str, Track]
) -> list[Feedback]:
    """What outcomes and verdicts teach; a word counts as much as three plays."""
    heard = [Feedback(one.track, one.share, one.chosen.mood if one.chosen else None) for one in ended]
    said = [
        Feedback(tracks[name], float(verdict is Rating.LIKE), weight=_WORD_WEIGHT)
        for name, verdict in verdicts.items()
        if name in tracks
    ]
    return heard + said
