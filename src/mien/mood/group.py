"""Combines the moods of several people into the mood of the group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mien.types import Mood


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One face of a group: its smoothed mood, and the height of its box in pixels."""

    mood: Mood
    height_px: float


def group_mood(members: Iterable[GroupMember], *, time_s: float) -> Mood | None:
    """Average the moods of a group, weighted by size times confidence, so that a fading mood leaves the mean gradually.

    Size is the height of a face, not its area: someone twice as near counts twice, not four times.

    Args:
        members: The members of the group.
        time_s: The time of the mood, in seconds.

    Returns:
        The mean mood, with the mean confidence, weighted by size; None if the confidence of all members is 0.
    """
    members = list(members)
    weight = sum(member.height_px * member.mood.confidence for member in members)
    if weight <= 0:
        return None
    # Divided before the sum, because products of tiny confidences would underflow.
    shares = [(m.height_px * m.mood.confidence / weight, m.mood) for m in members]
    valence = sum(share * mood.valence for share, mood in shares)
    arousal = sum(share * mood.arousal for share, mood in shares)
    # Rounding may move a mean of equal moods slightly beyond the edge of the plane.
    valence, arousal = (min(1.0, max(-1.0, value)) for value in (valence, arousal))
    confidence = min(1.0, weight / sum(member.height_px for member in members))
    return Mood(valence, arousal, confidence, time_s)
