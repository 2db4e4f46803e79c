"""Says whose turn it is to be read: of several faces one is read in every frame, the others by turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

READ_OTHERS_EVERY_S: Final = 0.06
"""Each of the others is read so often and no oftener: in every second of 30 frames a second, in every one of 15."""


def whose_turn(read_s: Mapping[int, float], *, at_s: float, since_s: float) -> set[int]:
    """Which of the others are read now, given when each was last.

    Those who waited longest come first, and no more of them than their share of ``since_s``, the time since the frame
    before: otherwise all would be read in the same frame, and none in the next. A clock that jumped back makes it
    everyone's turn.
    """
    if since_s <= 0:
        return set(read_s)
    due = [number for number, last_s in read_s.items() if not 0 <= at_s - last_s < READ_OTHERS_EVERY_S]
    room = max(1, round(len(read_s) * min(1.0, since_s / READ_OTHERS_EVERY_S)))
    return set(sorted(due, key=lambda number: read_s[number])[:room])
