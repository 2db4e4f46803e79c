"""Says when something is due that should happen now and then, in seconds of the frames' own clock."""

from __future__ import annotations


class Schedule:
    """Something that is due at once, and again a while after it was done; a clock that jumps back makes it due."""

    def __init__(self) -> None:
        self._done_s: float | None = None

    def due(self, at_s: float, *, every_s: float) -> bool:
        """Whether it was never done, or not for ``every_s``."""
        return self._done_s is None or not 0 <= at_s - self._done_s < every_s

    def done(self, at_s: float) -> None:
        """It was done just now."""
        self._done_s = at_s
