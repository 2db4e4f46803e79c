"""Tracks which region of the valence-arousal plane a mood is in, without flicker at the borders."""

from __future__ import annotations

from mien.mood.circumplex import depth_in, region_of
from mien.mood.timers import DwellTimer
from mien.types import Mood, Region

MARGIN = 0.05
"""How far a mood must be beyond the border of its region to count as outside, on the plane's scale."""


class RegionHysteresis:
    """Changes the region only after the mood has been outside it, by a margin, for a dwell time."""

    def __init__(self) -> None:
        self._region: Region | None = None
        self._outside = DwellTimer()

    def update(self, mood: Mood | None, *, at_s: float, dwell_s: float) -> Region | None:
        """Update the region with the next mood.

        Args:
            mood: The mood; None resets the region, and the next mood then sets it at once.
            at_s: The time, in seconds.
            dwell_s: How long a mood must be outside the region before the region changes, in seconds.

        Returns:
            The region; None if there is no mood.
        """
        if mood is None:
            self._region = None
            self._outside.reset()
            return None
        if self._region is None:
            self._region = region_of(mood)
        outside = depth_in(self._region, mood) < -MARGIN
        if self._outside.update(outside, at_s=at_s) >= dwell_s and outside:
            self._region = region_of(mood)
            self._outside.reset()
        return self._region
