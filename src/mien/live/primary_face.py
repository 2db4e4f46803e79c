"""Selects the primary face, "me": the most prominent one, without switching back and forth, or one chosen by hand."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from mien.mood.timers import DwellTimer
from mien.types import Box

LEAD = 1.3
"""How much more prominent another face must be to take over."""

LEAD_S = 1.5
"""How long it must be that prominent."""

ABSENT_S = 2.0
"""Another face takes over after the primary face has been out of sight this long."""

_CENTRE_WEIGHT = 0.5


def prominence(box: Box, *, width_px: int, height_px: int) -> float:
    """Measure how prominent a face is: its size, reduced by up to half for its distance from the centre.

    Args:
        box: The box of the face.
        width_px: The width of the image.
        height_px: The height of the image.

    Returns:
        The square root of the box's share of the image's area, times 1 (centre) to 0.5 (corner).
    """
    size = math.sqrt(max(0.0, box.area_px) / (width_px * height_px))
    across = (box.x + box.width / 2 - width_px / 2) / (width_px / 2)
    down = (box.y + box.height / 2 - height_px / 2) / (height_px / 2)
    off_centre = min(1.0, math.hypot(across, down) / math.sqrt(2))
    return size * (1 - _CENTRE_WEIGHT * off_centre)


class PrimaryFaceSelector:
    """Selects one of several faces as "me", frame by frame."""

    def __init__(self) -> None:
        self._me: int | None = None
        self._selected: int | None = None
        self._lead_timer = DwellTimer()
        self._absence_timer = DwellTimer()

    def update(
        self,
        prominences: Mapping[int, float],
        *,
        remembered: Collection[int],
        at_s: float,
        selected: int | None = None,
    ) -> int | None:
        """Select a face in the next frame.

        Args:
            prominences: The prominence of each face in sight, by track id.
            remembered: The tracks, in sight or not, whose mood is still known. A face that is out of sight and not
                among them is forgotten.
            at_s: The time of the frame, in seconds.
            selected: The face chosen by hand: it stays "me" until it is forgotten, even while out of sight. None, or a
                face that is unknown, leaves the choice to prominence.

        Returns:
            The track id of "me"; None if no face was seen yet.
        """
        known = prominences.keys() | set(remembered)
        if selected not in known:
            selected = None
        deselected = selected is None and self._selected is not None
        self._selected = selected
        if deselected or self._me not in known:
            self._me = None
        me = self._me
        best = max(prominences, key=prominences.__getitem__, default=None)
        leads = me is not None and best is not None and prominences[best] >= LEAD * prominences.get(me, math.inf)
        led_s = self._lead_timer.update(leads, at_s=at_s)
        absent_s = self._absence_timer.update(me is not None and me not in prominences, at_s=at_s)
        if selected is not None:
            self._me = selected
        elif best is not None and (me is None or led_s >= LEAD_S or absent_s >= ABSENT_S):
            self._me = best
        if self._me != me:
            self._lead_timer.reset()
            self._absence_timer.reset()
        return self._me
