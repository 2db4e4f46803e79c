"""Plans when and where the face detector runs in live video.

The plan depends on times and counts only, not on images. While faces are tracked, the whole frame is searched every
``WHOLE_FRAME_EVERY_S``, and every ``WHOLE_FRAME_EVERY_WHEN_MISSING_S`` while a tracked face is missing. If no face is
tracked, the whole frame is searched in every frame. Every ``FALLBACK_EVERY_S`` one further search covers what the
detector misses in a whole frame: small faces in one tile of a large frame, or faint faces, which the verifier confirms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from mien.face.detect import FAINT_MARGINS, LIVE_TILED_FROM_PX, Tile, tiles

WHOLE_FRAME_EVERY_S: Final = 0.5
"""Interval between searches of the whole frame while all known faces are tracked."""

WHOLE_FRAME_EVERY_WHEN_MISSING_S: Final = 0.1
"""Interval between searches of the whole frame while one face is missing and another is tracked."""

FALLBACK_EVERY_S: Final = 0.5
"""Interval between searches of a tile, and between searches for faint faces."""


@dataclass(frozen=True, slots=True)
class WholeFrame:
    """Search the whole frame for clear faces."""


@dataclass(frozen=True, slots=True)
class FaintFaces:
    """Search the whole frame for faint faces, with a black border of ``margin`` (see ``FAINT_MARGINS``)."""

    margin: float


Search = WholeFrame | Tile | FaintFaces
"""One run of the detector; a ``Tile`` means that part of the frame."""


@dataclass(frozen=True, slots=True)
class FaceCounts:
    """How many faces were ``in_sight`` in the previous frame, and how many are remembered but ``missing``."""

    in_sight: int
    missing: int


class IntervalTimer:
    """Tells whether an interval has passed since the last reset; due at first, and after a clock jumped back."""

    def __init__(self) -> None:
        self._reset_s: float | None = None

    def is_due(self, at_s: float, *, interval_s: float) -> bool:
        """Whether the timer was never reset, or ``interval_s`` or more before ``at_s``."""
        return self._reset_s is None or not 0 <= at_s - self._reset_s < interval_s

    def reset(self, at_s: float) -> None:
        """Start a new interval at ``at_s``."""
        self._reset_s = at_s


class DetectionPlan:
    """Decides which search, if any, each frame of one video stream gets.

    Args:
        max_faces: With this many faces in sight, no tile is searched.
    """

    def __init__(self, *, max_faces: int) -> None:
        self._max_faces = max_faces
        self._tiles: Sequence[Tile] = ()
        self._next_tile = 0
        self._margins = cycle(FAINT_MARGINS)
        self._whole_frame, self._tile, self._faint = IntervalTimer(), IntervalTimer(), IntervalTimer()

    def start(self, *, width_px: int, height_px: int) -> None:
        """Begin with frames of a new size; the whole frame is due at once."""
        large = max(width_px, height_px) > LIVE_TILED_FROM_PX
        self._tiles = tiles(width_px, height_px, until_px=LIVE_TILED_FROM_PX) if large else ()
        self._whole_frame = IntervalTimer()

    def is_due(self, at_s: float, counts: FaceCounts) -> bool:
        """Whether a search is due even if nothing moved and no face was lost."""
        return self._is_whole_frame_due(at_s, counts) or self._is_tile_due(at_s, counts)

    def first_search(self, at_s: float, counts: FaceCounts, *, urgent: bool) -> WholeFrame | Tile | None:
        """Choose the search for a frame; None if none is due.

        Args:
            at_s: The time of the frame, in seconds.
            counts: The faces as of the previous frame.
            urgent: Search the whole frame whether or not it is due: no face is tracked, or one was just lost.
        """
        if urgent or self._is_whole_frame_due(at_s, counts):
            self._whole_frame.reset(at_s)
            return WholeFrame()
        return self._tile_search(at_s) if self._is_tile_due(at_s, counts) else None

    def fallback_search(self, at_s: float, counts: FaceCounts) -> FaintFaces | Tile | None:
        """Choose a further search for a frame in which the whole frame showed no face; None if none is due.

        Args:
            at_s: The time of the frame, in seconds.
            counts: The faces as of the previous frame.
        """
        if self._faint.is_due(at_s, interval_s=FALLBACK_EVERY_S):
            self._faint.reset(at_s)
            return FaintFaces(next(self._margins))
        return self._tile_search(at_s) if self._is_tile_due(at_s, counts) else None

    def _is_whole_frame_due(self, at_s: float, counts: FaceCounts) -> bool:
        one_is_missing = counts.missing > 0 and counts.in_sight > 0
        interval_s = WHOLE_FRAME_EVERY_WHEN_MISSING_S if one_is_missing else WHOLE_FRAME_EVERY_S
        return self._whole_frame.is_due(at_s, interval_s=interval_s)

    def _is_tile_due(self, at_s: float, counts: FaceCounts) -> bool:
        has_room = counts.in_sight < self._max_faces
        return bool(self._tiles) and has_room and self._tile.is_due(at_s, interval_s=FALLBACK_EVERY_S)

    def _tile_search(self, at_s: float) -> Tile:
        """The next tile in turn: one per frame, since all tiles in one frame would make that frame slow."""
        self._tile.reset(at_s)
        tile = self._tiles[self._next_tile % len(self._tiles)]
        self._next_tile += 1
        return tile
