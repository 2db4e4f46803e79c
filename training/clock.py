"""How much of the time that a training may take has passed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Clock:
    """A span of time.

    ``start_s`` is when it began and ``length_s`` how long it is, in seconds of ``now``, which only moves forward.
    """

    start_s: float
    length_s: float
    now: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, length_s: float, now: Callable[[], float] = time.monotonic) -> Clock:
        """A clock that starts now and runs for ``length_s`` seconds."""
        return cls(now(), length_s, now)

    def share(self) -> float:
        """The share of the span that has passed: 0 at its start, 1 or more when it is over."""
        return (self.now() - self.start_s) / self.length_s if self.length_s > 0 else 1.0

    def left_s(self) -> float:
        """How many seconds are left; 0 when it is over."""
        return max(0.0, self.start_s + self.length_s - self.now())

    def part(self, share: float) -> Clock:
        """A clock that starts now and takes ``share`` (0..1) of what is left."""
        return replace(self, start_s=self.now(), length_s=share * self.left_s())
