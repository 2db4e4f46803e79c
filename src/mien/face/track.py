"""Assigns track ids: faces keep theirs from frame to frame while they move, hide for a moment and cross.

Works on mesh points only, not on pixels. Each known face is predicted at its last position plus its velocity, and the
faces of the frame are matched to the known ones at the least total cost (Bewley et al. 2016, "SORT", arXiv:1602.00763,
with points instead of boxes). The cost of matching a face (points ``p``) to a track (predicted points ``q``) is the sum
of

- position, 0..1: ``d / (1 + d)``, where ``d`` is the mean distance between corresponding points, in face sizes;
- overlap, 0..``OVERLAP_WEIGHT``: 1 minus the intersection over union of the boxes round ``p`` and ``q``;
- shape, 0..``MAX_SHAPE_COST``: the Procrustes distance of the two over ``SHAPE_SCALE``.

Pairs whose positions or sizes differ too much (``MAX_OFFSET``, ``MAX_SIZE_RATIO``) never match, nor do pairs that cost
more than ``MAX_COST``. All times are in seconds, not in frames. See ``docs/decisions/0004-tracking.md`` and
``0009-tracking-library.md``.
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
"""A face that is out of sight for longer is forgotten; when it comes back, it gets a new id."""

REMEMBER_FACES: Final = 10
"""At most this many faces out of sight are remembered; the longest missed are forgotten first."""

COAST_S: Final = 1.0
"""A face out of sight is predicted to keep its velocity for this long, and then to stand still."""

MAX_OFFSET: Final = 0.6
MAX_OFFSET_PER_S: Final = 1.5
"""How far a face may be from its predicted position, in face sizes: at once, and more for each second out of sight."""

MAX_SIZE_RATIO: Final = 1.5
"""The largest factor by which a face may have grown or shrunk: at once, and squared after one second out of sight."""

MAX_OFFSET_AFTER_GAP: Final = 0.25
"""After a gap of more than ``REMEMBER_S`` between frames, a face matches only if its points moved no farther than this.

In face sizes.
"""

MIN_STEP_S: Final = 0.001
"""Velocity is not updated from frames closer together than this."""

VELOCITY_HALF_LIFE_S: Final = 0.3
"""Long enough that a mesh which slides onto the face in front, before it is dropped, hardly changes the velocity."""

SHAPE_HALF_LIFE_S: Final = 0.5

OVERLAP_WEIGHT: Final = 0.5
SHAPE_SCALE: Final = 0.05
MAX_SHAPE_COST: Final = 1.2
MAX_COST: Final = 2.0

SAME_FACE_DISTANCE: Final = 0.35
"""Two meshes whose points are no farther apart than this, in face sizes, are over the same face."""

_IMPOSSIBLE: Final = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class FaceGeometry:
    """The points of a face with derived values that are needed often.

    Attributes:
        points: float32 [n, 2 or more], px.
        box: The upright rectangle round the points.
        center: The mean of the points, x and y in px.
        size_px: The side of a square with the area of the box; at least 1.
    """

    points: Points
    box: Box
    center: tuple[float, float]
    size_px: float

    @classmethod
    def of(cls, points: Points) -> FaceGeometry:
        """Derive the values from points, float32 [n, 2 or more] px."""
        xs, ys = np.ascontiguousarray(points[:, :2].T)
        left, top = float(xs.min()), float(ys.min())
        box = Box(left, top, float(xs.max()) - left, float(ys.max()) - top)
        return cls(points, box, (float(xs.mean()), float(ys.mean())), max(1.0, math.sqrt(box.area_px)))

    def moved(self, x: float, y: float) -> FaceGeometry:
        """The same face, moved by ``x`` px to the right and ``y`` px down."""
        points = self.points.copy()
        points[:, :2] += np.array([x, y], dtype=np.float32)
        box = Box(self.box.x + x, self.box.y + y, self.box.width, self.box.height)
        return FaceGeometry(points, box, (self.center[0] + x, self.center[1] + y), self.size_px)


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """A known face.

    Attributes:
        track_id: Counted from 1.
        last: The face when it was last in sight.
        time_s: When that was.
        velocity_px_per_s: The velocity of its center, x and y.
        shape: Its normalized points, as from ``normalized_shape``, averaged over time.
    """

    track_id: int
    last: FaceGeometry
    time_s: float
    velocity_px_per_s: tuple[float, float]
    shape: Shape

    def predicted(self, at_s: float) -> FaceGeometry:
        """Where the face should be at a time; its last position if the clock jumped back."""
        unseen_s = _unseen_s(self, at_s, at_most_s=COAST_S)
        return self.last.moved(*(unseen_s * speed for speed in self.velocity_px_per_s))


class Tracker:
    """Assigns track ids to the faces of one stream: counted from 1, and never reused."""

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
        """The faces out of sight, the longest missed first; never more than ``REMEMBER_FACES``."""
        return tuple(self._missed)

    def update(self, faces: Sequence[FaceGeometry], *, at_s: float) -> list[int]:
        """Assign a track id to each face of a frame.

        If the clock jumped back, the faces out of sight are forgotten, but not those in sight.

        Args:
            faces: All faces of the frame.
            at_s: The time of the frame, in seconds.

        Returns:
            The id of each face, all of them different.
        """
        self._missed = [track for track in self._missed if 0 <= at_s - track.time_s <= REMEMBER_S]
        known = self._in_sight + self._missed
        predicted = [track.predicted(at_s) for track in known]
        shapes = [normalized_shape(face.points) for face in faces]
        costs = np.array(
            [
                [
                    match_cost(track, position, face, shape, at_s)
                    for track, position in zip(known, predicted, strict=True)
                ]
                for face, shape in zip(faces, shapes, strict=True)
            ],
            dtype=np.float64,
        )
        in_sight = [
            self._new_track(face, shape, at_s) if column is None else _updated(known[column], face, shape, at_s)
            for column, face, shape in zip(assign(costs, max_cost=MAX_COST), faces, shapes, strict=True)
        ]
        ids = [track.track_id for track in in_sight]
        missed = [track for track in known if track.track_id not in ids]
        self._missed = sorted(missed, key=lambda track: track.time_s)[-REMEMBER_FACES:]
        self._in_sight = in_sight
        return ids

    def forget(self) -> None:
        """Forget all faces; ids go on counting."""
        self._in_sight, self._missed = [], []

    def _new_track(self, face: FaceGeometry, shape: Shape, at_s: float) -> FaceTrack:
        self._last_id += 1
        return FaceTrack(self._last_id, face, at_s, (0.0, 0.0), shape)


def match_cost(track: FaceTrack, predicted: FaceGeometry, face: FaceGeometry, shape: Shape, at_s: float) -> float:
    """Compute what it costs to match a face to a track; see the module.

    Args:
        track: The known face.
        predicted: Where it should be at ``at_s``.
        face: The face of the frame.
        shape: Its normalized shape.
        at_s: The time of the frame, in seconds.

    Returns:
        The cost, 0 or more.
    """
    unit_px = math.sqrt(predicted.size_px * face.size_px)
    unseen_s = _unseen_s(track, at_s)
    # The cheap tests come first: with many people in the room they rule out most pairs.
    center_px = math.dist(face.center, predicted.center)
    size_ratio = max(face.size_px, predicted.size_px) / min(face.size_px, predicted.size_px)
    if at_s - track.time_s > REMEMBER_S:
        if center_px > MAX_OFFSET_AFTER_GAP * unit_px or (apart := distance(predicted, face)) > MAX_OFFSET_AFTER_GAP:
            return _IMPOSSIBLE
    elif center_px > (MAX_OFFSET + MAX_OFFSET_PER_S * unseen_s) * unit_px or size_ratio > MAX_SIZE_RATIO ** (
        1 + unseen_s
    ):
        return _IMPOSSIBLE
    else:
        apart = distance(predicted, face)
    return (
        apart / (1 + apart)
        + OVERLAP_WEIGHT * (1 - overlap(predicted.box, face.box))
        + min(MAX_SHAPE_COST, procrustes_distance(track.shape, shape) / SHAPE_SCALE)
    )


def distance(one: FaceGeometry, other: FaceGeometry) -> float:
    """The mean distance between corresponding points of two faces, in face sizes (the geometric mean of both)."""
    apart_px = np.hypot(*(one.points[:, :2] - other.points[:, :2]).T).mean()
    return float(apart_px) / math.sqrt(one.size_px * other.size_px)


def is_over(one: FaceGeometry, other: FaceGeometry) -> bool:
    """Whether two meshes are over the same face: their points are no farther apart than ``SAME_FACE_DISTANCE``.

    The centers are compared first: they are never farther apart than the points are on average.
    """
    reach_px = SAME_FACE_DISTANCE * math.sqrt(one.size_px * other.size_px)
    return math.dist(one.center, other.center) <= reach_px and distance(one, other) <= SAME_FACE_DISTANCE


def normalized_shape(points: Points) -> Shape:
    """The points as x + iy, complex64 [n], with mean 0 and a root mean square of 1."""
    complex_points = (points[:, 0] + 1j * points[:, 1]).astype(np.complex64)
    centered = complex_points - complex_points.mean()
    scale = math.sqrt(float(np.square(np.abs(centered)).mean()))
    return np.asarray(centered / max(scale, 1e-6), dtype=np.complex64)


def procrustes_distance(one: Shape, other: Shape) -> float:
    """The mean distance between corresponding points of two normalized shapes, after the best rotation.

    0.00 to 0.015 for one face in neighbouring frames, mostly 0.045 to 0.10 for two people (decision 0004).
    """
    return float(np.abs(_rotated_onto(one, other) - other).mean())


def _updated(track: FaceTrack, face: FaceGeometry, shape: Shape, at_s: float) -> FaceTrack:
    """The track after a new sighting, at a later time, or at an earlier one if the clock jumped."""
    elapsed_s = at_s - track.time_s
    (x, y), (last_x, last_y) = track.velocity_px_per_s, track.last.center
    if elapsed_s >= MIN_STEP_S:
        share = 1 - 0.5 ** (elapsed_s / VELOCITY_HALF_LIFE_S)
        x += share * ((face.center[0] - last_x) / elapsed_s - x)
        y += share * ((face.center[1] - last_y) / elapsed_s - y)
    share = 1 - 0.5 ** (max(0.0, elapsed_s) / SHAPE_HALF_LIFE_S)
    averaged = shape + (1 - share) * (_rotated_onto(track.shape, shape) - shape)
    return FaceTrack(track.track_id, face, at_s, (x, y), averaged.astype(np.complex64))


def _rotated_onto(one: Shape, other: Shape) -> Shape:
    rotation = np.vdot(one, other)
    return np.asarray(one * (rotation / max(float(np.abs(rotation)), 1e-6)), dtype=np.complex64)


def _unseen_s(track: FaceTrack, at_s: float, *, at_most_s: float = REMEMBER_S) -> float:
    return min(at_most_s, max(0.0, at_s - track.time_s))
