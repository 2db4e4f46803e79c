"""Which region of the plane a mood lives in, without flicker at the borders."""

from __future__ import annotations

from mien.mood.circumplex import depth_in, region_of
from mien.mood.dwell import DwellTimer
from mien.mood.smooth import Steadiness
from mien.types import Mood, Region

MARGIN = 0.05
"""How far beyond its region's border a mood must go before it counts as outside, on the plane's scale."""


class RegionHysteresis:
    """Changes the region only after the mood has left it, by a margin, for a dwell time (hysteresis)."""

    def __init__(self, steadiness: Steadiness) -> None:
        self.steadiness = steadiness
        self._region: Region | None = None
        self._outside = DwellTimer()

    def update(self, mood: Mood | None, *, at_s: float) -> Region | None:
        """The region as it now stands; None as soon as there is no mood, and any region from there at once."""
        if mood is None:
            self._region = None
            self._outside.reset()
            return None
        if self._region is None:
            self._region = region_of(mood)
        outside = depth_in(self._region, mood) < -MARGIN
        if self._outside.held_s(outside, at_s=at_s) >= self.steadiness.dwell_s and outside:
            self._region = region_of(mood)
            self._outside.reset()
        return self._region
