"""How long something has lasted, on a clock that may stand still, jump ahead or jump back."""

from __future__ import annotations


class ElapsedTime:
    """The seconds between one call and the next."""

    def __init__(self) -> None:
        self._at_s: float | None = None

    def until(self, at_s: float) -> float:
        """Seconds since the last call: 0 for the first, and where the clock jumped back, from where it goes on."""
        elapsed_s = 0.0 if self._at_s is None else max(0.0, at_s - self._at_s)
        self._at_s = at_s
        return elapsed_s


class DwellTimer:
    """For how many seconds a condition has held without a break."""

    def __init__(self) -> None:
        self._elapsed = ElapsedTime()
        self._held = False
        self._held_s = 0.0

    def held_s(self, condition: bool, *, at_s: float) -> float:
        """Seconds since the condition came true, 0 while it is false.

        Time counts from the first call at which it held: what happened before is not known.
        """
        elapsed_s = self._elapsed.until(at_s)
        self._held_s = self._held_s + elapsed_s if condition and self._held else 0.0
        self._held = condition
        return self._held_s

    def reset(self) -> None:
        """Begin again: whatever held has just come to an end."""
        self._held = False
        self._held_s = 0.0
