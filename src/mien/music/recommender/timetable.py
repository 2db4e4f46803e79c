"""Keeps a list to a number of tracks, a number of minutes, or both: how far it is at each place, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

_LAST_PLACES: Final = 3


class TimetableSlot(NamedTuple):
    """A place of a list: the ``progress`` 0..1 at it, and near the end, what time and how many places are left.

    ``left_places`` is 0 far from the end, where a track may be as long as it likes.
    """

    progress: float
    left_s: float = 0.0
    left_places: int = 0


@dataclass(frozen=True, slots=True)
class Timetable:
    """At most ``most`` tracks that last about ``length_s`` (None for any time), if each lasts about ``usual_s``."""

    most: int
    length_s: float | None
    usual_s: float

    @property
    def expected(self) -> int:
        """About how many tracks there will be."""
        return self.most if self.length_s is None else max(1, min(self.most, round(self.length_s / self.usual_s)))

    def stop(self, index: int, elapsed_s: float) -> TimetableSlot | None:
        """What holds at place ``index``, from 0 on, after so many seconds of music; None when the list is over.

        Progress is 0 at the first place and 1 at the last.
        """
        if index >= self.most:
            return None
        counted = index / max(self.most - 1, 1)
        if self.length_s is None:
            return TimetableSlot(counted)
        left_s = max(0.0, self.length_s - elapsed_s)
        places = round(left_s / self.usual_s)
        if index and not places:
            return None
        places = max(places, 1)
        before_last_s = elapsed_s + left_s * (places - 1) / places
        timed = elapsed_s / before_last_s if before_last_s else 0.0
        near_end = places <= _LAST_PLACES
        return TimetableSlot(max(counted, timed), left_s if near_end else 0.0, places if near_end else 0)
