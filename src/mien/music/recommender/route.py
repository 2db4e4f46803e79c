"""Leads from one mood to another: stay with the person for a while, then go straight to the goal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from mien.types import Mood

HOLD: Final = 0.2
"""The share of a list that stays at the mood where it begins (the iso principle of music therapy: meet, then lead).

The evidence for it is mixed, so it is offered as a way to order songs, and nothing is claimed for it.
"""


@dataclass(frozen=True, slots=True)
class Route:
    """A way over the plane from ``start`` to ``end``: held at the start for ``HOLD`` of it, then straight and even."""

    start: Mood
    end: Mood

    def led(self, progress: float) -> float:
        """How much of the distance lies behind, 0..1, when ``progress`` (0..1) of the list does."""
        return min(1.0, max(0.0, (progress - HOLD) / (1 - HOLD)))

    def at(self, progress: float) -> Mood:
        """The mood to play for when ``progress`` (0..1) of the list is over."""
        led = self.led(progress)
        return replace(
            self.start,
            valence=_between(self.start.valence, self.end.valence, led),
            arousal=_between(self.start.arousal, self.end.arousal, led),
        )


def _between(start: float, end: float, led: float) -> float:
    """Exactly ``start`` where there is no way to go, and never beyond ``end``, whatever rounding does."""
    there = start + led * (end - start)
    return min(max(there, min(start, end)), max(start, end)) if led < 1 else end
