"""Says whose turn it is to be read: of several faces one is read in every frame, the others by turns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

READ_OTHERS_EVERY_S: Final = 0.06
"""So often each of the others is read: in about every second of 30 frames a second, in every one of 15."""


class Turns:
    """Deals out turns, evenly over faces and frames: not all faces in one frame and none in the next."""

    def __init__(self) -> None:
        self._queue: list[int] = []
        self._owed = 0.0

    def take(self, faces: Collection[int], *, since_s: float) -> set[int]:
        """Which of the faces are read now, ``since_s`` after the frame before: those who waited longest.

        A clock that stood still or jumped back makes it everyone's turn.
        """
        self._queue = [face for face in self._queue if face in faces]
        self._queue += [face for face in faces if face not in self._queue]
        share = min(1.0, since_s / READ_OTHERS_EVERY_S) if since_s > 0 else 1.0
        self._owed = min(float(len(faces)), self._owed % 1 + share * len(faces))
        count = int(self._owed)
        self._owed -= count
        turn, waiting = self._queue[:count], self._queue[count:]
        self._queue = waiting + turn
        return set(turn)
