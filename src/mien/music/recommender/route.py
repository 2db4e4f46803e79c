"""The route from one mood to another: stay at the start for a while, then go straight to the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from mien.types import Mood

HOLD_SHARE: Final = 0.2
"""The share of a list that stays at its first mood (the iso principle of music therapy: match, then lead).

The evidence is mixed; it serves as a way to order songs, and no effect is claimed.
"""


@dataclass(frozen=True, slots=True)
class Route:
    """A route over the plane: ``start`` for the share ``hold_share``, then straight to ``end`` at a constant speed."""

    start: Mood
    end: Mood
    hold_share: float = HOLD_SHARE

    def progress(self, list_progress: float) -> float:
        """The share of the distance covered, 0..1, at ``list_progress`` (0..1) of the list."""
        return min(1.0, max(0.0, (list_progress - self.hold_share) / (1 - self.hold_share)))

    def at(self, list_progress: float) -> Mood:
        """The mood to play for at ``list_progress`` (0..1) of the list."""
        covered = self.progress(list_progress)
        return replace(
            self.start,
            valence=_between(self.start.valence, self.end.valence, covered),
            arousal=_between(self.start.arousal, self.end.arousal, covered),
        )


def _between(start: float, end: float, covered: float) -> float:
    """Interpolate; exactly ``start`` at 0, exactly ``end`` at 1, and never beyond, despite rounding."""
    value = start + covered * (end - start)
    return min(max(value, min(start, end)), max(start, end)) if covered < 1 else end
