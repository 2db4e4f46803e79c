"""One mood of several people in front of one camera."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mien.types import Mood


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One face of a group: its steady mood, and the height of its box in pixels."""

    mood: Mood
    height_px: float


def group_mood(members: Iterable[GroupMember], *, time_s: float) -> Mood | None:
    """The mean of the members' moods, each weighted by its size times its confidence; None where nobody is sure.

    Size is the height of a face, not its area: somebody twice as near counts twice, not four times. The confidence is
    the members' own, weighted by size. A member whose mood fades leaves the mean as gently.
    """
    members = list(members)
    weight = sum(member.height_px * member.mood.confidence for member in members)
    if weight <= 0:
        return None
    # Divided before they are summed: products of the tiniest confidences would be rounded to nothing.
    shares = [(m.height_px * m.mood.confidence / weight, m.mood) for m in members]
    valence = sum(share * mood.valence for share, mood in shares)
    arousal = sum(share * mood.arousal for share, mood in shares)
    # Rounding may carry a mean of equal moods a hair beyond the plane's edge.
    valence, arousal = (min(1.0, max(-1.0, value)) for value in (valence, arousal))
    confidence = min(1.0, weight / sum(member.height_px for member in members))
    return Mood(valence, arousal, confidence, time_s)
