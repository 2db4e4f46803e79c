"""Chooses which of several faces are analysed in a frame: all of them take turns (round-robin)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

READ_OTHERS_EVERY_S: Final = 0.06
"""Interval at which each face is analysed: about every second frame at 30 frames/s, every frame at 15 frames/s."""


class RoundRobin:
    """Spreads the analysis of faces evenly over faces and frames."""

    def __init__(self) -> None:
        self._queue: list[int] = []
        self._credit = 0.0

    def take(self, faces: Collection[int], *, elapsed_s: float) -> set[int]:
        """Choose the faces to analyse in this frame: those that have waited longest.

        Args:
            faces: The track ids of all faces that take turns.
            elapsed_s: Seconds since the previous frame. If the clock stood still or jumped back, every face is chosen.

        Returns:
            The track ids of the chosen faces.
        """
        self._queue = [face for face in self._queue if face in faces]
        self._queue += [face for face in faces if face not in self._queue]
        share = min(1.0, elapsed_s / READ_OTHERS_EVERY_S) if elapsed_s > 0 else 1.0
        self._credit = min(float(len(faces)), self._credit % 1 + share * len(faces))
        count = int(self._credit)
        self._credit -= count
        chosen, waiting = self._queue[:count], self._queue[count:]
        self._queue = waiting + chosen
        return set(chosen)
