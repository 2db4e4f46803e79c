"""Keeps a list to a number of tracks, a number of minutes, or both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

_ENDING_SLOTS: Final = 3


class TimetableSlot(NamedTuple):
    """A position of a list.

    Attributes:
        progress: 0 at the first position, 1 at the last.
        left_s: The seconds left, near the end of a list with a length; otherwise 0.
        left_slots: The positions left, likewise.
    """

    progress: float
    left_s: float = 0.0
    left_slots: int = 0


@dataclass(frozen=True, slots=True)
class Timetable:
    """A list of at most ``max_tracks`` of ``typical_s`` each that lasts about ``length_s`` (None for any length)."""

    max_tracks: int
    length_s: float | None
    typical_s: float

    @property
    def expected(self) -> int:
        """The expected number of tracks."""
        return (
            self.max_tracks
            if self.length_s is None
            else max(1, min(self.max_tracks, round(self.length_s / self.typical_s)))
        )

    def slot(self, index: int, elapsed_s: float) -> TimetableSlot | None:
        """The slot at position ``index``, counted from 0, after ``elapsed_s`` of music; None if the list is over."""
        if index >= self.max_tracks:
            return None
        counted = index / max(self.max_tracks - 1, 1)
        if self.length_s is None:
            return TimetableSlot(counted)
        left_s = max(0.0, self.length_s - elapsed_s)
        slots = round(left_s / self.typical_s)
        if index and not slots:
            return None
        slots = max(slots, 1)
        before_last_s = elapsed_s + left_s * (slots - 1) / slots
        timed = elapsed_s / before_last_s if before_last_s else 0.0
        near_end = slots <= _ENDING_SLOTS
        return TimetableSlot(max(counted, timed), left_s if near_end else 0.0, slots if near_end else 0)
