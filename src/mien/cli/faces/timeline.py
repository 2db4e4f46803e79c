"""Keeps the expressions of a video for drawing: in a fixed amount of memory, however long it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion

BINS: Final = 2048
"""Even; at least half of them are in use once there is more than a minute."""

MAX_TRACKS: Final = 32
"""Of more faces, those that were seen most are kept."""

_FIRST_BIN_S: Final = 0.02
_VALUES: Final = len(Emotion) + 2


@dataclass(frozen=True, slots=True, eq=False)
class FaceTimeline:
    """One face over time.

    ``edges_s`` float [n + 1] of the bins; ``probabilities`` [n, 7] in the order of ``Emotion``, ``valence`` and
    ``arousal`` [n], -1..1, are means over a bin, NaN where the face was not seen; ``share`` 0..1 of the looks saw it.
    """

    track: int
    share: float
    edges_s: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]


class Timeline:
    """Means of what was seen of each face, in bins of equal length; they double when the video outgrows them."""

    def __init__(self) -> None:
        self._bin_s = _FIRST_BIN_S
        self._looked = np.zeros(BINS, np.int64)
        self._tracks: dict[int, tuple[NDArray[np.float64], NDArray[np.int64]]] = {}
        self._first_s: float | None = None
        self._last_s = 0.0
        self.count = 0
        """How many faces there were, kept or not."""

    def add(self, time_s: float, faces: Sequence[Mapping[str, Any]]) -> None:
        """Add what a look at ``time_s`` saw: faces as in the JSON of ``mien faces``."""
        if self._first_s is None:
            self._first_s = time_s
        self._last_s = max(self._last_s, time_s)
        while time_s - self._first_s >= BINS * self._bin_s:
            self._double()
        place = max(0, int((time_s - self._first_s) / self._bin_s))
        self._looked[place] += 1
        for face in faces:
            self.count = max(self.count, face["track"])
            sums, counts = self._track(face["track"], in_sight=[other["track"] for other in faces])
            sums[place] += [*(face["probabilities"][str(e)] for e in Emotion), face["valence"], face["arousal"]]
            counts[place] += 1

    def lanes(self, *, at_most: int) -> list[FaceTimeline]:
        """The faces that were seen most, in the order in which they appeared."""
        most = sorted(self._tracks, key=lambda track: -self._tracks[track][1].sum())[:at_most]
        return [self._lane(track) for track in sorted(most)]

    def _lane(self, track: int) -> FaceTimeline:
        sums, counts = self._tracks[track]
        looks = np.flatnonzero(self._looked)
        means = np.full((len(looks), _VALUES), np.nan)
        np.divide(sums[looks], counts[looks, None], out=means, where=counts[looks, None] > 0)
        # A look stands for the time until the next one.
        total = int(self._looked.sum())
        first_s = self._first_s or 0.0
        step_s = (self._last_s - first_s) / (total - 1) if total > 1 else _FIRST_BIN_S
        starts_s = first_s + looks * self._bin_s
        edges_s = np.append(starts_s, max(self._last_s, starts_s[-1]) + max(step_s, 1e-3))
        share = float(counts.sum() / total)
        return FaceTimeline(track, share, edges_s, means[:, :-2], means[:, -2], means[:, -1])

    def _track(self, track: int, *, in_sight: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        if track not in self._tracks:
            if len(self._tracks) >= MAX_TRACKS:
                gone = self._tracks.keys() - set(in_sight)
                del self._tracks[min(gone, key=lambda other: self._tracks[other][1].sum())]
            self._tracks[track] = (np.zeros((BINS, _VALUES)), np.zeros(BINS, np.int64))
        return self._tracks[track]

    def _double(self) -> None:
        """Make each bin twice as long."""
        self._bin_s *= 2
        self._looked = _in_pairs(self._looked)
        self._tracks = {track: (_in_pairs(sums), _in_pairs(counts)) for track, (sums, counts) in self._tracks.items()}


def _in_pairs(bins: NDArray[Any]) -> NDArray[Any]:
    """The sums of neighbours in the first half, zeros in the second."""
    halved: NDArray[Any] = np.zeros_like(bins)
    halved[: BINS // 2] = bins[0::2] + bins[1::2]
    return halved
