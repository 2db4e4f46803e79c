"""Which of several faces is "me": the largest and most central, without flapping, or the one that was chosen."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from mien.mood.dwell import DwellTimer
from mien.types import Box

LEAD = 1.3
"""How much more prominent another face must be to take over."""

LEAD_S = 1.5
"""For how long it must lead."""

ABSENT_S = 2.0
"""When I am out of sight for so long, another face that is there takes over."""

_CENTRE_WEIGHT = 0.5


def prominence(box: Box, *, width_px: int, height_px: int) -> float:
    """How much a face is the subject of a picture: its size, up to halved for its distance from the middle.

    Size is the root of its share of the picture's area; the distance is that of its centre, 1 at a corner.
    """
    size = math.sqrt(max(0.0, box.area_px) / (width_px * height_px))
    across = (box.x + box.width / 2 - width_px / 2) / (width_px / 2)
    down = (box.y + box.height / 2 - height_px / 2) / (height_px / 2)
    off_centre = min(1.0, math.hypot(across, down) / math.sqrt(2))
    return size * (1 - _CENTRE_WEIGHT * off_centre)


class PrimaryFaceSelector:
    """Says which face is "me"; ``choose`` pins one."""

    def __init__(self) -> None:
        self._me: int | None = None
        self._chosen: int | None = None
        self._led = DwellTimer()
        self._absent = DwellTimer()

    def choose(self, track_id: int | None) -> None:
        """This face is me for as long as it is remembered; None leaves the choice to size and place again, at once."""
        if track_id is None and self._chosen is not None:
            self._me = None
        self._chosen = track_id

    def update(self, prominences: Mapping[int, float], *, remembered: Collection[int], at_s: float) -> int | None:
        """Who is me, by track, among the faces in sight with their prominence; None where there was nobody yet.

        ``remembered`` are the tracks, in sight or not, of which a mood is still known: one that is out of sight and
        not among them is forgotten. A chosen face that is only out of sight is waited for.
        """
        known = prominences.keys() | set(remembered)
        if self._chosen not in known:
            self._chosen = None
        if self._me not in known:
            self._me = None
        me, chosen = self._me, self._chosen
        best = max(prominences, key=prominences.__getitem__, default=None)
        leads = me is not None and best is not None and prominences[best] >= LEAD * prominences.get(me, math.inf)
        led_s = self._led.held_s(leads, at_s=at_s)
        absent_s = self._absent.held_s(me is not None and me not in prominences, at_s=at_s)
        if chosen is not None:
            self._me = chosen
        elif best is not None and (me is None or led_s >= LEAD_S or absent_s >= ABSENT_S):
            self._me = best
        if self._me != me:
            self._led.reset()
            self._absent.reset()
        return self._me
