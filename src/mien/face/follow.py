"""Reads faces in live video: knows each face again, sees how it moves, and does no work where nothing does.

The mesh of a face says where to look for it in the next frame, so the detector runs only now and then, and when a
face was lost. (The scheme is that of Kartynnik et al. 2019, arXiv:1907.06724.) Who is who says ``mien.face.track``.
Where every face is, is known in every frame; what it does and how it looks is read in every frame of one face, "me" or
else the biggest, and by turns of the others (``mien.face.turns``): 16 times a second of each is plenty for a mood.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.activity import ActivityReader
from mien.face.detect import (
    FAINT_MARGINS,
    LIVE_TILED_FROM_PX,
    OVERLAP_THRESHOLD,
    Detection,
    Tile,
    overlap,
    tiles,
)
from mien.face.features import motion
from mien.face.mesh import Mesh
from mien.face.pipeline import Pipeline
from mien.face.quality import measure_quality
from mien.face.schedule import Schedule
from mien.face.still import is_still, shrunk
from mien.face.track import FaceShape, Tracker, is_over, outline
from mien.face.turns import Turns
from mien.types import Face, Features, Frame, Image, Motion, Reading

DETECT_EVERY_S: Final = 0.5
"""The detector looks over the whole frame so often while faces are followed, and so often a still frame is read."""

SEARCH_EVERY_S: Final = 0.1
"""It looks so often while a face is missed and others are there. Where nobody is there, it looks at every frame."""

CLOSER_EVERY_S: Final = 0.5
"""So often one more look is taken for what the detector misses: at a tile, for small faces, or for faint ones."""

MUCH_BIGGER: Final = 1.5
"""Where there is no room for another face, one with so many times its area takes the place of the smallest."""

_AT_REST: Final = Motion(0.0, 0.0, 0.0, 0.0)

_MeshOf = Callable[[Image, Detection], Mesh | None]


@dataclass(slots=True)
class _Person:
    """What is remembered of a face: its ``blendshapes`` [52] when it was read, and until when it stood still."""

    activity: ActivityReader
    blendshapes: NDArray[np.float32]
    read_s: float
    stood_until_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A mesh and its outline, and whose it is if it was followed here."""

    mesh: Mesh
    outline: FaceShape
    track_id: int | None = None

    @property
    def area_px(self) -> float:
        return self.outline.box.area_px


class FaceFollower:
    """Reads one stream of frames; made by ``FaceReader.follow``. One thread at a time may use it.

    ``frames`` counts those that it was given, ``skipped`` those of them that were answered with the readings before,
    because nothing had moved since then and no search was due. It is due every ``DETECT_EVERY_S``, so that slow change
    is seen as well. ``me`` may be set to the ``track_id`` of the face that is read in every frame; without it, and
    while that face is out of sight, it is the biggest.
    """

    def __init__(self, pipeline: Pipeline, *, max_faces: int) -> None:
        if max_faces < 1:
            raise ValueError(f"a follower needs room for at least one face, not {max_faces}")
        self.frames = 0
        self.skipped = 0
        self.me: int | None = None
        self._pipeline = pipeline
        self._max_faces = max_faces
        self._tracker = Tracker()
        self._people: dict[int | None, _Person] = {}  # by track_id, which is never None here
        self._last: dict[int | None, Reading] = {}  # what was read of each when it was its turn
        self._turns = Turns()
        self._readings: list[Reading] = []
        self._size: tuple[int, ...] = ()
        self._tiles: list[Tile] = []
        self._next_tile = 0
        self._small: NDArray[np.uint8] | None = None
        self._time_s = -math.inf
        self._search, self._faint_search, self._tile_search = Schedule(), Schedule(), Schedule()
        self._faint_margins = cycle(FAINT_MARGINS)

    def read(self, frame: Frame) -> list[Reading]:
        """The faces in ``frame``, biggest first, each with the ``track_id`` that it keeps, and its motion.

        Motion is None where a face is new and where the clock stood still or jumped back. A face whose turn it is not
        has its box and landmarks of this frame, and expression and features of its last turn, 0.1 s ago at most. A
        frame of another size than the one before starts anew. Raises ``ModelError`` when a network is missing or
        damaged.
        """
        if frame.image.shape != self._size:
            self._start(frame.image.shape)
        since_s, self._time_s = frame.time_s - self._time_s, frame.time_s
        clock_ran = since_s > 0
        self.frames += 1
        small = shrunk(frame.image)
        still = self._small is not None and is_still(self._small, small)
        if still and clock_ran and not self._is_due(frame.time_s):
            self.skipped += 1
            self._readings = [self._again(reading, frame.time_s) for reading in self._readings]
            return list(self._readings)
        self._small = small
        found = self._carried(frame)
        lost_one = len(found) < len(self._tracker.in_sight)
        if lost_one or not found or not clock_ran or self._search_due(frame.time_s):
            self._search_whole(frame, found)
        elif self._tile_due(frame.time_s):
            self._search_tile(frame, found)
        # In a frame that is read though nothing moved, everybody's change may have been too slow to be seen.
        self._readings = self._read(frame, found, since_s=0.0 if still else since_s, still=still)
        return list(self._readings)

    def _start(self, size: tuple[int, ...]) -> None:
        self._pipeline.expect(self._max_faces)
        self._size = size
        self._tracker.forget()
        self._people, self._last = {}, {}
        self._readings = []
        height, width = size[:2]
        large = max(height, width) > LIVE_TILED_FROM_PX
        self._tiles = tiles(width, height, until_px=LIVE_TILED_FROM_PX) if large else []
        self._search = Schedule()

    def _is_due(self, time_s: float) -> bool:
        return self._search_due(time_s) or self._tile_due(time_s)

    def _search_due(self, time_s: float) -> bool:
        somebody_hides = bool(self._tracker.missed) and bool(self._tracker.in_sight)
        return self._search.due(time_s, every_s=SEARCH_EVERY_S if somebody_hides else DETECT_EVERY_S)

    def _tile_due(self, time_s: float) -> bool:
        has_room = len(self._tracker.in_sight) < self._max_faces
        return bool(self._tiles) and has_room and self._tile_search.due(time_s, every_s=CLOSER_EVERY_S)

    def _carried(self, frame: Frame) -> list[_Seen]:
        """The faces that are still there, each looked for where its velocity should have taken it."""
        tracks = self._tracker.in_sight
        expected = [track.expected(frame.time_s).points for track in tracks]
        found: list[_Seen] = []
        for track, mesh in zip(tracks, self._pipeline.next_meshes(frame.image, expected), strict=True):
            _add(found, mesh, track_id=track.track_id)
        return found

    def _search_whole(self, frame: Frame, found: list[_Seen]) -> None:
        """Add to ``found`` the faces that the detector finds; where nobody is, look closer too, in one way a frame."""
        time_s, detector = frame.time_s, self._pipeline.networks.detector
        self._search.done(time_s)
        self._take(frame.image, detector.find(frame.image, tiled=False), self._pipeline.mesh, found)
        if found:
            return
        if self._faint_search.due(time_s, every_s=CLOSER_EVERY_S):
            self._faint_search.done(time_s)
            faint = detector.find_faint(frame.image, margin=next(self._faint_margins))
            self._take(frame.image, faint, self._pipeline.faint_mesh, found)
        elif self._tile_due(time_s):
            self._search_tile(frame, found)

    def _search_tile(self, frame: Frame, found: list[_Seen]) -> None:
        """Add to ``found`` the faces in one tile, the next in turn: all in one frame would make that frame slow."""
        self._tile_search.done(frame.time_s)
        tile = self._tiles[self._next_tile % len(self._tiles)]
        self._next_tile += 1
        detector = self._pipeline.networks.detector
        self._take(frame.image, detector.find_in(frame.image, tile), self._pipeline.mesh, found)

    def _take(self, image: Image, detections: Iterable[Detection], mesh_of: _MeshOf, found: list[_Seen]) -> None:
        """Give the faces that are not followed yet the free places, biggest first, and then those of small ones."""
        for detection in sorted(detections, key=lambda detection: -detection.box.area_px):
            if any(overlap(detection.box, seen.outline.box) >= OVERLAP_THRESHOLD for seen in found):
                continue
            if len(found) < self._max_faces:
                _add(found, mesh_of(image, detection))
                continue
            # Me is never in the way, however small.
            smallest = min(
                (seen for seen in found if self.me is None or seen.track_id != self.me),
                key=lambda seen: seen.area_px,
                default=None,
            )
            if smallest is None or detection.box.area_px < MUCH_BIGGER * smallest.area_px:
                return
            if _add(found, mesh_of(image, detection)):
                found.remove(smallest)

    def _read(self, frame: Frame, found: list[_Seen], *, since_s: float, still: bool) -> list[Reading]:
        """A reading for each face, biggest first; those whose turn it is are read, ``since_s`` after the last frame."""
        ids = self._tracker.update([seen.outline for seen in found], at_s=frame.time_s)
        remembered = {track.track_id for track in self._tracker.in_sight + self._tracker.missed}
        self._people = {number: person for number, person in self._people.items() if number in remembered}
        faces = {
            number: Face(seen.outline.box, seen.mesh.landmarks, seen.mesh.confidence, number)
            for number, seen in zip(ids, found, strict=True)
        }
        turn = self._turn(faces, since_s)
        features_of = partial(self._features, frame, still)
        read = self._pipeline.readings(
            frame.image, [faces[number] for number in turn], features_of, time_s=frame.time_s
        )
        self._last |= {reading.face.track_id: reading for reading in read}
        # Who is out of sight is read anew on coming back: much may have happened since.
        self._last = {number: self._last[number] for number in faces}
        waiting = [_moved(self._last[number], faces[number], frame.time_s) for number in faces.keys() - set(turn)]
        return sorted(read + waiting, key=lambda reading: -reading.face.box.area_px)

    def _turn(self, faces: Mapping[int, Face], since_s: float) -> list[int]:
        """Whose turn it is to be read: who is new, one who always is, and some of the others."""
        biggest = max(faces, key=lambda number: faces[number].box.area_px, default=None)
        foremost = self.me if self.me in faces else biggest
        others = [number for number in faces if number in self._last and number != foremost]
        chosen = self._turns.take(others, since_s=since_s)
        return [number for number in faces if number in chosen or number not in others]

    def _features(self, frame: Frame, still: bool, face: Face) -> Features:
        blendshapes = self._pipeline.networks.blendshapes.read(face.landmarks)
        quality = measure_quality(frame.image, face.landmarks, face.box)
        person, time_s = self._people.get(face.track_id), frame.time_s
        moved = None
        if person is None:
            person = self._people[face.track_id] = _Person(ActivityReader(), blendshapes, time_s, time_s)
        else:
            # What moves after a rest moved just now; what crept along unseen took the whole time.
            since_s = person.read_s if still else person.stood_until_s
            if time_s > since_s:
                moved = motion(person.blendshapes, blendshapes, elapsed_s=time_s - since_s)
        person.blendshapes, person.read_s, person.stood_until_s = blendshapes, time_s, time_s
        return Features(blendshapes, moved, quality, person.activity.update(blendshapes, moved, time_s))

    def _again(self, reading: Reading, time_s: float) -> Reading:
        """A reading of a frame before, said of one in which nothing has moved since."""
        person = self._people[reading.face.track_id]
        person.stood_until_s = time_s
        activity = person.activity.update(reading.features.blendshapes, _AT_REST, time_s)
        features = replace(reading.features, motion=_AT_REST, activity=activity)
        return replace(reading, features=features, mood=replace(reading.mood, time_s=time_s))


def _moved(reading: Reading, face: Face, time_s: float) -> Reading:
    """What was read of a face whose turn it is not, said of where it is now."""
    return replace(reading, face=face, mood=replace(reading.mood, time_s=time_s))


def _add(found: list[_Seen], mesh: Mesh | None, *, track_id: int | None = None) -> bool:
    """Add a mesh, if there is one, and unless it lies over a face that was found already; whether it was added."""
    if mesh is None:
        return False
    seen = _Seen(mesh, outline(mesh.landmarks), track_id)
    if any(is_over(seen.outline, other.outline) for other in found):
        return False
    found.append(seen)
    return True
