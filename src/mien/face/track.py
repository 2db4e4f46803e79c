"""Says who is who from frame to frame: faces keep their numbers while they move, hide for a moment and cross.

No pictures here, only points. Each face known is expected where its velocity has taken it; the faces seen are given to
the faces known so that the sum of the costs is least (Bewley et al. 2016, "SORT", arXiv:1602.00763, with points for
boxes). The cost of calling a face seen (points ``p``) a face known (expected at ``q``) is the sum of

- place, 0..1: ``d / (1 + d)``, where ``d`` is the mean distance between corresponding points, in sizes of the face;
- overlap, 0..``OVERLAP_WEIGHT``: 1 less intersection over union of the boxes round ``p`` and ``q``;
- shape, 0..``SHAPE_MOST``: how much the two differ when moved, turned and scaled onto each other, over ``SHAPE_SCALE``.

Places or sizes too far apart make no pair (``REACH``, ``GROWTH``), nor does a cost of ``STRANGER`` and more.
Times are in seconds, never in frames. The choices are argued in ``docs/decisions/0004-tracking.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.assignment import assign
from mien.face.detect import overlap
from mien.types import Box

Points = NDArray[np.float32]
Shape = NDArray[np.complex64]

REMEMBER_S: Final = 2.0
"""A face that is out of sight for longer is forgotten: who comes then is new."""

REMEMBER_FACES: Final = 10
"""Of more faces out of sight than this the longest missed are forgotten."""

COAST_S: Final = 1.0
"""A face out of sight is expected to keep its velocity for so long, and then to stand."""

REACH: Final = 0.6
REACH_PER_S: Final = 1.5
"""How far, in sizes of the face, its middle may lie from where it is expected, at once and for each second unseen."""

GROWTH: Final = 1.5
"""By what factor a face may have grown or shrunk at once; the square of it after a second, and so on."""

STANDSTILL: Final = 0.25
"""Where no frame came for longer than ``REMEMBER_S``, a face is the same if its points moved no farther than this."""

SHORTEST_STEP_S: Final = 0.001
"""Between two frames that are closer than this nothing is learnt about a speed."""

VELOCITY_HALF_LIFE_S: Final = 0.3
"""Long enough that a mesh which slides onto the face in front, before it is let go, does not bend the way much."""

SHAPE_HALF_LIFE_S: Final = 0.5

OVERLAP_WEIGHT: Final = 0.5
SHAPE_SCALE: Final = 0.05
SHAPE_MOST: Final = 1.2
STRANGER: Final = 2.0

DUPLICATE: Final = 0.35
"""Points that lie no farther apart than this, in sizes of the face, lie over one face."""

_NEVER: Final = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class FaceShape:
    """Points of a face, float32 [n, 2 or more] px, and what is often asked of them, worked out once.

    ``box`` round them, their ``middle``, and ``size_px``: the side of a square as large as the box, 1 and more.
    """

    points: Points
    box: Box
    middle: tuple[float, float]
    size_px: float

    def moved(self, x: float, y: float) -> FaceShape:
        """The same, so many pixels further right and further down."""
        points = self.points.copy()
        points[:, :2] += np.array([x, y], dtype=np.float32)
        box = Box(self.box.x + x, self.box.y + y, self.box.width, self.box.height)
        return FaceShape(points, box, (self.middle[0] + x, self.middle[1] + y), self.size_px)


def outline(points: Points) -> FaceShape:
    """The outline of some points; never of size 0, so that it may divide."""
    across, down = np.ascontiguousarray(points[:, :2].T)
    left, top = float(across.min()), float(down.min())
    box = Box(left, top, float(across.max()) - left, float(down.max()) - top)
    return FaceShape(points, box, (float(across.mean()), float(down.mean())), max(1.0, math.sqrt(box.area_px)))


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """A face that is known.

    ``seen`` is its outline when it was last seen, at ``time_s``; ``velocity_px_per_s`` of its middle, x and y;
    ``shape`` complex64 [n]: its points as x + iy, about their middle, of root mean square 1.
    """

    track_id: int
    seen: FaceShape
    time_s: float
    velocity_px_per_s: tuple[float, float]
    shape: Shape

    def expected(self, at_s: float) -> FaceShape:
        """Where it should be at a time; where it was if the clock jumped back."""
        passed_s = _passed_s(self, at_s, at_most_s=COAST_S)
        return self.seen.moved(*(passed_s * speed for speed in self.velocity_px_per_s))


class Tracker:
    """Gives numbers to the faces of one stream: counted from 1, and never given to another face again."""

    def __init__(self) -> None:
        self._in_sight: list[FaceTrack] = []
        self._missed: list[FaceTrack] = []
        self._last_id = 0

    @property
    def in_sight(self) -> tuple[FaceTrack, ...]:
        """The faces of the last update, in the order in which they were given."""
        return tuple(self._in_sight)

    @property
    def missed(self) -> tuple[FaceTrack, ...]:
        """The faces that are remembered, the longest missed first; never more than ``REMEMBER_FACES``."""
        return tuple(self._missed)

    def update(self, seen: Sequence[FaceShape], *, at_s: float) -> list[int]:
        """The number of each face seen, all of them different.

        A clock that jumps back makes it forget the faces that are out of sight, and no other.
        """
        self._missed = [track for track in self._missed if 0 <= at_s - track.time_s <= REMEMBER_S]
        known = self._in_sight + self._missed
        expected = [track.expected(at_s) for track in known]
        shapes = [shape_of(face.points) for face in seen]
        costs = [
            [cost(track, place, face, shape, at_s) for track, place in zip(known, expected, strict=True)]
            + [STRANGER] * len(seen)
            for face, shape in zip(seen, shapes, strict=True)
        ]
        found = [
            _moved(known[column], face, shape, at_s) if column < len(known) else self._new(face, shape, at_s)
            for column, face, shape in zip(assign(costs), seen, shapes, strict=True)
        ]
        ids = [track.track_id for track in found]
        missed = [track for track in known if track.track_id not in ids]
        self._missed = sorted(missed, key=lambda track: track.time_s)[-REMEMBER_FACES:]
        self._in_sight = found
        return ids

    def forget(self) -> None:
        """Know nobody, as before the first update; numbers go on where they were."""
        self._in_sight, self._missed = [], []

    def _new(self, face: FaceShape, shape: Shape, at_s: float) -> FaceTrack:
        self._last_id += 1
        return FaceTrack(self._last_id, face, at_s, (0.0, 0.0), shape)


def cost(track: FaceTrack, expected: FaceShape, face: FaceShape, shape: Shape, at_s: float) -> float:
    """What it costs to call the ``face`` of this ``shape`` by the track's number, 0 and more; see the module."""
    unit_px = math.sqrt(expected.size_px * face.size_px)
    unseen_s = _passed_s(track, at_s)
    # What costs little to ask comes first: in a room full of people most pairs end here.
    apart_px, growth = math.dist(face.middle, expected.middle), abs(math.log(face.size_px / expected.size_px))
    if at_s - track.time_s > REMEMBER_S:
        if apart_px > STANDSTILL * unit_px or (apart := distance(expected, face)) > STANDSTILL:
            return _NEVER
    elif apart_px > (REACH + REACH_PER_S * unseen_s) * unit_px or growth > (1 + unseen_s) * math.log(GROWTH):
        return _NEVER
    else:
        apart = distance(expected, face)
    unlike = shape_distance(track.shape, shape)
    return (
        apart / (1 + apart)
        + OVERLAP_WEIGHT * (1 - overlap(expected.box, face.box))
        + min(SHAPE_MOST, unlike / SHAPE_SCALE)
    )


def distance(one: FaceShape, other: FaceShape) -> float:
    """The mean distance between corresponding points of two faces, in sizes of the face (their geometric mean)."""
    apart_px = np.hypot(*(one.points[:, :2] - other.points[:, :2]).T).mean()
    return float(apart_px) / math.sqrt(one.size_px * other.size_px)


def is_over(one: FaceShape, other: FaceShape) -> bool:
    """Whether both lie over one face: their points are no farther apart than ``DUPLICATE``.

    The middles of two sets of points are never farther apart than the points are in the mean.
    """
    reach_px = DUPLICATE * math.sqrt(one.size_px * other.size_px)
    return math.dist(one.middle, other.middle) <= reach_px and distance(one, other) <= DUPLICATE


def shape_of(points: Points) -> Shape:
    """The points as x + iy, moved so that their middle is 0, scaled so that their root mean square is 1."""
    complex_points = (points[:, 0] + 1j * points[:, 1]).astype(np.complex64)
    centred = complex_points - complex_points.mean()
    scale = math.sqrt(float(np.square(np.abs(centred)).mean()))
    return np.asarray(centred / max(scale, 1e-6), dtype=np.complex64)


def shape_distance(one: Shape, other: Shape) -> float:
    """The mean distance between corresponding points of two shapes, one turned so as to lie best on the other.

    Of one face in neighbouring frames 0.00 to 0.015, of two people mostly 0.045 to 0.10 (decision 0004).
    """
    return float(np.abs(_turned_onto(one, other) - other).mean())


def _moved(track: FaceTrack, face: FaceShape, shape: Shape, at_s: float) -> FaceTrack:
    """The track, seen again at a later time, or at an earlier one where the clock jumped."""
    passed_s = at_s - track.time_s
    (x, y), (before_x, before_y) = track.velocity_px_per_s, track.seen.middle
    if passed_s >= SHORTEST_STEP_S:
        share = 1 - 0.5 ** (passed_s / VELOCITY_HALF_LIFE_S)
        x += share * ((face.middle[0] - before_x) / passed_s - x)
        y += share * ((face.middle[1] - before_y) / passed_s - y)
    share = 1 - 0.5 ** (max(0.0, passed_s) / SHAPE_HALF_LIFE_S)
    learnt = shape + (1 - share) * (_turned_onto(track.shape, shape) - shape)
    return FaceTrack(track.track_id, face, at_s, (x, y), learnt.astype(np.complex64))


def _turned_onto(one: Shape, other: Shape) -> Shape:
    turn = np.vdot(one, other)
    return np.asarray(one * (turn / max(float(np.abs(turn)), 1e-6)), dtype=np.complex64)


def _passed_s(track: FaceTrack, at_s: float, *, at_most_s: float = REMEMBER_S) -> float:
    return min(at_most_s, max(0.0, at_s - track.time_s))
