"""Chooses the hint to show: what would improve the reading most, shown and hidden only after a moment."""

from __future__ import annotations

from typing import Final

from mien.face.quality import is_covered
from mien.mood.timers import DwellTimer
from mien.types import Hint, Image, Reading

HINT_DWELL_S: Final = 1.0
"""A hint appears, changes or disappears only after its cause has lasted this long."""


class HintDebouncer:
    """Shows a hint only after it was wanted for ``HINT_DWELL_S``, and hides it only after it was not."""

    def __init__(self) -> None:
        self._shown: Hint | None = None
        self._differs = DwellTimer()

    def update(self, wanted: Hint | None, *, at_s: float) -> Hint | None:
        """Choose the hint to show.

        Args:
            wanted: The hint of this frame alone.
            at_s: The time of the frame, in seconds.

        Returns:
            The hint to show; None if there is none.
        """
        if self._differs.update(wanted is not self._shown, at_s=at_s) >= HINT_DWELL_S:
            self._shown = wanted
            self._differs.reset()
        return self._shown


def wanted_hint(image: Image, mine: Reading | None, *, anybody: bool) -> Hint | None:
    """The hint of one frame alone.

    Args:
        image: uint8 [height, width, 3] RGB.
        mine: The reading of the primary face; None if it is not in sight.
        anybody: Whether any face is in sight.

    Returns:
        What would improve the reading most; None if nothing would.
    """
    if mine is not None:
        return mine.features.quality.hint if mine.features.quality is not None else None
    if anybody:
        return None
    return Hint.COVERED if is_covered(image) else Hint.NO_FACE
