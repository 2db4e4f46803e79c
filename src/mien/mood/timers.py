"""Measures elapsed time on a clock that may stand still, jump ahead or jump back."""

from __future__ import annotations


class DeltaTimer:
    """Measures the seconds between one update and the next."""

    def __init__(self) -> None:
        self._at_s: float | None = None

    def update(self, at_s: float) -> float:
        """Seconds since the previous update; 0 for the first one and if the clock jumped back."""
        elapsed_s = 0.0 if self._at_s is None else max(0.0, at_s - self._at_s)
        self._at_s = at_s
        return elapsed_s


class DwellTimer:
    """Measures how long a condition has held without a break."""

    def __init__(self) -> None:
        self._delta = DeltaTimer()
        self._held = False
        self._held_s = 0.0

    def update(self, condition: bool, *, at_s: float) -> float:
        """Measure how long the condition has held.

        Args:
            condition: Whether it holds now.
            at_s: The time, in seconds.

        Returns:
            Seconds since the first update at which it held; 0 if it does not hold.
        """
        elapsed_s = self._delta.update(at_s)
        self._held_s = self._held_s + elapsed_s if condition and self._held else 0.0
        self._held = condition
        return self._held_s

    def reset(self) -> None:
        """Start again from 0."""
        self._held = False
        self._held_s = 0.0
