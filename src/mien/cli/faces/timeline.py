"""Collects the expressions in a video for plotting, in constant memory however long it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.types import Emotion

BINS: Final = 2048
"""An even number; at least half of them are in use after the first minute."""

MAX_TRACKS: Final = 32
"""Of more faces, the ones seen most are kept."""

_FIRST_BIN_S: Final = 0.02
_VALUES: Final = len(Emotion) + 2


@dataclass(frozen=True, slots=True, eq=False)
class FaceTimeline:
    """One face over time.

    Attributes:
        track: The face's track id.
        share: The share of the pictures that show the face, 0..1.
        edges_s: The edges of the bins, float64 [n + 1].
        probabilities: Means per bin in the order of ``Emotion``, float64 [n, 7]; NaN where the face was not seen.
        valence: Means per bin, -1..1, float64 [n]; NaN where the face was not seen.
        arousal: As ``valence``.
    """

    track: int
    share: float
    edges_s: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    valence: NDArray[np.float64]
    arousal: NDArray[np.float64]


class Timeline:
    """Means of each face's expressions in bins of equal length, which doubles when the video outgrows them."""

    def __init__(self) -> None:
        self._bin_s = _FIRST_BIN_S
        self._pictures = np.zeros(BINS, np.int64)
        self._tracks: dict[int, tuple[NDArray[np.float64], NDArray[np.int64]]] = {}
        self._first_s: float | None = None
        self._last_s = 0.0
        self.count = 0
        """How many faces there were, kept here or not."""

    def add(self, time_s: float, faces: Sequence[Mapping[str, Any]]) -> None:
        """Add the picture at ``time_s`` with its faces, which are as in the JSON of ``mien faces``."""
        if self._first_s is None:
            self._first_s = time_s
        self._last_s = max(self._last_s, time_s)
        while time_s - self._first_s >= BINS * self._bin_s:
            self._double()
        index = max(0, int((time_s - self._first_s) / self._bin_s))
        self._pictures[index] += 1
        for face in faces:
            self.count = max(self.count, face["track"])
            sums, counts = self._track(face["track"], in_sight=[other["track"] for other in faces])
            sums[index] += [*(face["probabilities"][str(e)] for e in Emotion), face["valence"], face["arousal"]]
            counts[index] += 1

    def lanes(self, *, at_most: int) -> list[FaceTimeline]:
        """The faces that were seen most, in order of appearance."""
        most = sorted(self._tracks, key=lambda track: -self._tracks[track][1].sum())[:at_most]
        return [self._lane(track) for track in sorted(most)]

    def _lane(self, track: int) -> FaceTimeline:
        sums, counts = self._tracks[track]
        bins = np.flatnonzero(self._pictures)
        means = np.full((len(bins), _VALUES), np.nan)
        np.divide(sums[bins], counts[bins, None], out=means, where=counts[bins, None] > 0)
        # A picture stands for the time until the next one.
        total = int(self._pictures.sum())
        first_s = self._first_s or 0.0
        step_s = (self._last_s - first_s) / (total - 1) if total > 1 else _FIRST_BIN_S
        starts_s = first_s + bins * self._bin_s
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
        """Double the length of the bins."""
        self._bin_s *= 2
        self._pictures = _in_pairs(self._pictures)
        self._tracks = {track: (_in_pairs(sums), _in_pairs(counts)) for track, (sums, counts) in self._tracks.items()}


def _in_pairs(bins: NDArray[Any]) -> NDArray[Any]:
    """The sums of neighbouring bins in the first half, zeros in the second."""
    halved: NDArray[Any] = np.zeros_like(bins)
    halved[: BINS // 2] = bins[0::2] + bins[1::2]
    return halved
