"""The time budget of a training run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Clock:
    """A time budget.

    Attributes:
        start_s: When the budget started, in seconds of ``now``.
        length_s: The length of the budget in seconds.
        now: A monotonic clock, in seconds.
    """

    start_s: float
    length_s: float
    now: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, length_s: float, now: Callable[[], float] = time.monotonic) -> Clock:
        """A clock that starts now and runs for ``length_s`` seconds."""
        return cls(now(), length_s, now)

    def share(self) -> float:
        """The elapsed fraction of the budget: 0 at the start, 1 or more at the end."""
        return (self.now() - self.start_s) / self.length_s if self.length_s > 0 else 1.0

    def left_s(self) -> float:
        """The remaining time in seconds; 0 when the budget is used up."""
        return max(0.0, self.start_s + self.length_s - self.now())

    def part(self, share: float) -> Clock:
        """A clock that starts now and lasts for the fraction ``share`` (0..1) of the remaining time."""
        return replace(self, start_s=self.now(), length_s=share * self.left_s())
