"""Reads faces in live video: tracks each face, measures its movement, and skips frames in which nothing moved.

The mesh of a face tells where to look for it in the next frame, so the detector runs only now and then, and when a
face was lost (Kartynnik et al. 2019, arXiv:1907.06724). ``mien.face.detection_schedule`` plans those runs, and
``mien.face.track`` assigns track ids. Every face is located in every frame. The features and expression of one face
(``focus``, else the biggest) are read in every frame; the others take turns, each about 16 times per second
(``mien.face.round_robin``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.activity import ActivityReader
from mien.face.detect import OVERLAP_THRESHOLD, Detection, Tile, overlap
from mien.face.detection_schedule import DetectionPlan, FaceCounts, FaintFaces, Search, WholeFrame
from mien.face.features import motion
from mien.face.mesh import Mesh
from mien.face.pipeline import Pipeline
from mien.face.pose import read_pose
from mien.face.quality import measure_quality
from mien.face.round_robin import RoundRobin
from mien.face.still import is_still, shrink
from mien.face.track import FaceGeometry, Tracker, is_over
from mien.types import Face, Features, Frame, Image, Motion, Reading

MUCH_BIGGER: Final = 1.5
"""When ``max_faces`` are tracked, a face with this many times the area of the smallest one replaces it."""

_AT_REST: Final = Motion(0.0, 0.0, 0.0, 0.0)


@dataclass(slots=True)
class _TrackState:
    """What is remembered of a track: the last ``blendshapes`` [52], when they were read, when it last stood still."""

    activity: ActivityReader
    blendshapes: NDArray[np.float32]
    read_s: float
    still_until_s: float


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A mesh in the current frame, with the track it was carried over from, if any."""

    mesh: Mesh
    geometry: FaceGeometry
    track_id: int | None = None

    @property
    def area_px(self) -> float:
        return self.geometry.box.area_px


class FaceFollower:
    """Reads one stream of frames; made by ``FaceReader.follow``. Not thread-safe.

    Attributes:
        frames: The number of frames read so far.
        skipped: How many of them repeated the previous readings, because nothing had moved and no search was due.
            A search is due every ``WHOLE_FRAME_EVERY_S`` or sooner, so slow changes are seen as well.
    """

    def __init__(self, pipeline: Pipeline, *, max_faces: int) -> None:
        if max_faces < 1:
            raise ValueError(f"a follower needs room for at least one face, not {max_faces}")
        self.frames = 0
        self.skipped = 0
        self._pipeline = pipeline
        self._max_faces = max_faces
        self._tracker = Tracker()
        self._plan = DetectionPlan(max_faces=max_faces)
        self._turns = RoundRobin()
        self._states: dict[int | None, _TrackState] = {}  # by track_id, which is never None here
        self._last: dict[int | None, Reading] = {}  # the reading of each track's last turn
        self._readings: list[Reading] = []
        self._shape: tuple[int, ...] = ()
        self._small: NDArray[np.uint8] | None = None
        self._time_s = -math.inf

    def read(self, frame: Frame, *, focus: int | None = None) -> list[Reading]:
        """Read the faces in the next frame.

        A face that waits for its turn has the box and landmarks of this frame, and the features and expression of its
        last turn, at most 0.1 s ago. A frame of another size than the previous one starts a new stream. Raises
        ``ModelError`` if a network is missing or damaged.

        Args:
            frame: The next frame of the stream.
            focus: The ``track_id`` of the face that is read in every frame and never gives up its place to a bigger
                one. Without it, or while that face is out of sight, the biggest face is read in every frame.

        Returns:
            The faces, biggest first, each with a ``track_id``. ``features.motion`` is None if the face is new or the
            clock stood still or jumped back.
        """
        if frame.image.shape != self._shape:
            self._start(frame.image.shape)
        at_s = frame.time_s
        elapsed_s, self._time_s = at_s - self._time_s, at_s
        clock_ran = elapsed_s > 0
        counts = FaceCounts(len(self._tracker.in_sight), len(self._tracker.missed))
        self.frames += 1
        small = shrink(frame.image)
        still = self._small is not None and is_still(self._small, small)
        if still and clock_ran and not self._plan.is_due(at_s, counts):
            self.skipped += 1
            self._readings = [self._repeated(reading, at_s) for reading in self._readings]
            return list(self._readings)
        self._small = small
        search = self._plan.first_search(at_s, counts, urgent=counts.in_sight == 0 or not clock_ran)
        candidates, detections = self._track_and_search(frame, search)
        if len(candidates) < counts.in_sight and not isinstance(search, WholeFrame):
            search = self._plan.first_search(at_s, counts, urgent=True)
            detections += self._detections(frame.image, search)
        candidates = self._add_detected(frame.image, self._pipeline.mesh, detections, candidates, focus)
        if not candidates and isinstance(search, WholeFrame):
            fallback = self._plan.fallback_search(at_s, counts)
            mesh_of = self._pipeline.faint_mesh if isinstance(fallback, FaintFaces) else self._pipeline.mesh
            detections = self._detections(frame.image, fallback)
            candidates = self._add_detected(frame.image, mesh_of, detections, candidates, focus)
        # A frame in which nothing moved is read because any face may have changed too slowly to be noticed.
        elapsed_s = 0.0 if still else elapsed_s
        self._readings = self._read(frame, candidates, elapsed_s=elapsed_s, still=still, focus=focus)
        return list(self._readings)

    def _start(self, shape: tuple[int, ...]) -> None:
        self._pipeline.expect(self._max_faces)
        self._shape = shape
        self._tracker.forget()
        self._states, self._last = {}, {}
        self._readings = []
        height_px, width_px = shape[:2]
        self._plan.start(width_px=width_px, height_px=height_px)

    def _track_and_search(self, frame: Frame, search: Search | None) -> tuple[list[_Candidate], list[Detection]]:
        """The faces of the previous frame that are still there, and meanwhile what a search finds."""
        waiting = None
        if search is not None and self._tracker.in_sight:
            waiting = self._pipeline.detect_meanwhile(partial(self._detections, frame.image, search))
        candidates = self._track_faces(frame, detecting=waiting is not None)
        return candidates, self._detections(frame.image, search) if waiting is None else waiting.result()

    def _track_faces(self, frame: Frame, *, detecting: bool) -> list[_Candidate]:
        """The faces of the previous frame that are still there, each searched at its predicted position."""
        tracks = self._tracker.in_sight
        predicted = [track.predicted(frame.time_s).points for track in tracks]
        meshes = self._pipeline.next_meshes(frame.image, predicted, detecting=detecting)
        candidates: list[_Candidate] = []
        for track, mesh in zip(tracks, meshes, strict=True):
            if (candidate := _candidate_for(mesh, candidates, track_id=track.track_id)) is not None:
                candidates.append(candidate)
        return candidates

    def _add_detected(
        self,
        image: Image,
        mesh_of: Callable[[Image, Detection], Mesh | None],
        detections: Sequence[Detection],
        candidates: Sequence[_Candidate],
        focus: int | None,
    ) -> list[_Candidate]:
        """The candidates after a search: new faces take the free places, biggest first, then those of small faces."""
        candidates = list(candidates)
        for detection in sorted(detections, key=lambda detection: -detection.box.area_px):
            if any(overlap(detection.box, other.geometry.box) >= OVERLAP_THRESHOLD for other in candidates):
                continue
            replaced = None
            if len(candidates) == self._max_faces:
                replaceable = (other for other in candidates if focus is None or other.track_id != focus)
                replaced = min(replaceable, key=lambda other: other.area_px, default=None)
                if replaced is None or detection.box.area_px < MUCH_BIGGER * replaced.area_px:
                    break
            if (candidate := _candidate_for(mesh_of(image, detection), candidates)) is not None:
                candidates = [other for other in candidates if other is not replaced] + [candidate]
        return candidates

    def _detections(self, image: Image, search: Search | None) -> list[Detection]:
        detector = self._pipeline.networks.detector
        match search:
            case WholeFrame():
                return detector.find(image, tiled=False)
            case Tile():
                return detector.find_in(image, search)
            case FaintFaces(margin):
                return detector.find_faint(image, margin=margin)
            case None:
                return []

    def _read(
        self, frame: Frame, candidates: Sequence[_Candidate], *, elapsed_s: float, still: bool, focus: int | None
    ) -> list[Reading]:
        """A reading for each face, biggest first; faces whose turn it is are analysed, the others carried over."""
        ids = self._tracker.update([candidate.geometry for candidate in candidates], at_s=frame.time_s)
        remembered = {track.track_id for track in self._tracker.in_sight + self._tracker.missed}
        self._states = {track_id: state for track_id, state in self._states.items() if track_id in remembered}
        faces = {
            track_id: Face(candidate.geometry.box, candidate.mesh.landmarks, candidate.mesh.confidence, track_id)
            for track_id, candidate in zip(ids, candidates, strict=True)
        }
        turn = self._choose_turn(faces, elapsed_s, focus)
        features_of = partial(self._features, frame, still)
        read = self._pipeline.readings(
            frame.image, [faces[track_id] for track_id in turn], features_of, time_s=frame.time_s
        )
        self._last |= {reading.face.track_id: reading for reading in read}
        # A face that comes back into sight is read anew: it may have changed a lot.
        self._last = {track_id: self._last[track_id] for track_id in faces}
        waiting = [
            _carried_over(self._last[track_id], faces[track_id], frame.time_s) for track_id in faces.keys() - set(turn)
        ]
        return sorted(read + waiting, key=lambda reading: -reading.face.box.area_px)

    def _choose_turn(self, faces: Mapping[int, Face], elapsed_s: float, focus: int | None) -> list[int]:
        """The faces to analyse in this frame: new ones, the one in focus, and some of the others."""
        biggest = max(faces, key=lambda track_id: faces[track_id].box.area_px, default=None)
        foremost = focus if focus in faces else biggest
        others = [track_id for track_id in faces if track_id in self._last and track_id != foremost]
        chosen = self._turns.take(others, elapsed_s=elapsed_s)
        return [track_id for track_id in faces if track_id in chosen or track_id not in others]

    def _features(self, frame: Frame, still: bool, face: Face) -> Features:
        blendshapes = self._pipeline.networks.blendshapes.read(face.landmarks)
        head_pose, gaze = read_pose(face.landmarks)
        quality = measure_quality(frame.image, face.landmarks, face.box, head_pose)
        state, time_s = self._states.get(face.track_id), frame.time_s
        moved = None
        if state is None:
            state = self._states[face.track_id] = _TrackState(ActivityReader(), blendshapes, time_s, time_s)
        else:
            # After a rest the face moved just now; a change too slow to be noticed took all the time since the reading.
            since_s = state.read_s if still else state.still_until_s
            if time_s > since_s:
                moved = motion(state.blendshapes, blendshapes, elapsed_s=time_s - since_s)
        state.blendshapes, state.read_s, state.still_until_s = blendshapes, time_s, time_s
        activity = state.activity.update(blendshapes, moved, time_s)
        return Features(blendshapes, moved, quality, activity, head_pose, gaze)

    def _repeated(self, reading: Reading, time_s: float) -> Reading:
        """A previous reading, for a later frame in which nothing moved."""
        state = self._states[reading.face.track_id]
        state.still_until_s = time_s
        activity = state.activity.update(reading.features.blendshapes, _AT_REST, time_s)
        features = replace(reading.features, motion=_AT_REST, activity=activity)
        return replace(reading, features=features, mood=replace(reading.mood, time_s=time_s))


def _carried_over(reading: Reading, face: Face, time_s: float) -> Reading:
    """The last reading of a face that waits for its turn, at its current position."""
    return replace(reading, face=face, mood=replace(reading.mood, time_s=time_s))


def _candidate_for(
    mesh: Mesh | None, others: Sequence[_Candidate], *, track_id: int | None = None
) -> _Candidate | None:
    """The candidate for a mesh; None if there is no mesh or it is over the same face as another candidate."""
    if mesh is None:
        return None
    geometry = FaceGeometry.of(mesh.landmarks)
    if any(is_over(geometry, other.geometry) for other in others):
        return None
    return _Candidate(mesh, geometry, track_id)
