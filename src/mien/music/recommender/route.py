"""The route from one mood to another: stay at the start for a while, then go straight to the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from mien.types import Mood

HOLD: Final = 0.2
"""The share of a list that stays at its first mood (the iso principle of music therapy: match, then lead).

The evidence is mixed; it serves as a way to order songs, and no effect is claimed.
"""


@dataclass(frozen=True, slots=True)
class Route:
    """A route over the plane: at ``start`` for the share ``HOLD``, then straight to ``end`` at a constant speed."""

    start: Mood
    end: Mood

    def led(self, progress: float) -> float:
        """The share of the distance covered, 0..1, at ``progress`` (0..1) of the list."""
        return min(1.0, max(0.0, (progress - HOLD) / (1 - HOLD)))

    def at(self, progress: float) -> Mood:
        """The mood to play for at ``progress`` (0..1) of the list."""
        led = self.led(progress)
        return replace(
            self.start,
            valence=_between(self.start.valence, self.end.valence, led),
            arousal=_between(self.start.arousal, self.end.arousal, led),
        )


def _between(start: float, end: float, led: float) -> float:
    """Interpolate; exactly ``start`` at 0, exactly ``end`` at 1, and never beyond, despite rounding."""
    value = start + led * (end - start)
    return min(max(value, min(start, end)), max(start, end)) if led < 1 else end
