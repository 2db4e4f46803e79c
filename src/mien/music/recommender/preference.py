"""What picks should have besides the mood: conditions that are required, and others that count towards the utility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.errors import NoMatchError
from mien.music.recommender.conditions import TrackCondition
from mien.music.recommender.index import TrackIndex
from mien.types import Mood

_MET: Final = 0.5
_TYPICAL: Final = 25


@dataclass(frozen=True, slots=True, eq=False)
class PreferenceScores:
    """A preference applied to the n tracks of an index.

    Attributes:
        utilities: What each track loses by the conditions that it does not meet: float64 [n], at most 0.
        allowed: Which tracks meet all required conditions: bool [n].
        fits: How well each track meets each condition, 0..1: float64 [conditions, n].
        labels: The words of each condition.
        unmet: The words of the required conditions that no track meets, which are left out.
    """

    utilities: NDArray[np.float64]
    allowed: NDArray[np.bool_]
    fits: NDArray[np.float64]
    labels: tuple[str, ...]
    unmet: tuple[str, ...]

    def best(self, count: int) -> NDArray[np.intp]:
        """The allowed rows with the greatest utilities, at most ``count``: int [m]."""
        rows = np.flatnonzero(self.allowed)
        if len(rows) <= count:
            return rows
        best: NDArray[np.intp] = rows[np.argpartition(-self.utilities[rows], count)[:count]]
        return best

    def met(self, row: int) -> tuple[str, ...]:
        """The words of the conditions that a track meets, each once."""
        met = [label for label, fit in zip(self.labels, self.fits[:, row], strict=True) if fit >= _MET]
        return tuple(dict.fromkeys(met))

    def typical_mood(self, track_index: TrackIndex) -> Mood:
        """The mean mood of the tracks that fit best, for a request that names no mood."""
        rows = self.best(_TYPICAL)
        if not rows.size:
            return Mood(0.0, 0.0)
        valence, arousal = track_index.points[rows].mean(axis=0).tolist()
        return Mood(valence, arousal)


@dataclass(frozen=True, slots=True)
class TrackPreference:
    """Conditions on the picks besides the mood."""

    conditions: tuple[TrackCondition, ...] = ()

    def weigh(self, track_index: TrackIndex) -> PreferenceScores:
        """Apply the conditions to the tracks of an index.

        A required condition that no track meets is left out, and named in ``unmet``.

        Raises:
            NoMatchError: No track meets all required conditions, although some track meets each.
        """
        count = len(track_index)
        fits = np.array([condition.fit(track_index) for condition in self.conditions]).reshape(
            len(self.conditions), count
        )
        required = [fit >= _MET for condition, fit in zip(self.conditions, fits, strict=True) if condition.required]
        labels = [condition.label for condition in self.conditions if condition.required]
        kept = [mask for mask in required if mask.any()]
        unmet = tuple(label for label, mask in zip(labels, required, strict=True) if not mask.any())
        allowed = np.logical_and.reduce(kept) if kept else np.ones(count, np.bool_)
        if count and not allowed.any():
            named = [label for label in labels if label not in unmet]
            raise NoMatchError(f"No music is all of these: {', '.join(named)}", "leave one of them out")
        weights = np.array([condition.weight for condition in self.conditions])
        utilities: NDArray[np.float64] = -(weights[:, None] * (1 - fits)).sum(axis=0)
        return PreferenceScores(utilities, allowed, fits, tuple(one.label for one in self.conditions), unmet)
