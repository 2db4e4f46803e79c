"""Reads faces in live video: knows each face again, and sees how it moves.

The mesh of a face says where to look for it in the next frame, so the detector runs only now and then, and when a
face was lost. (The scheme is that of Kartynnik et al. 2019, arXiv:1907.06724.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from mien.face.detect import FAINT_MARGINS, OVERLAP_THRESHOLD, Detection, overlap
from mien.face.features import motion
from mien.face.mesh import Mesh
from mien.face.pipeline import Pipeline
from mien.types import Box, Face, Features, Frame, Image, Motion, Reading

DETECT_EVERY_FRAMES = 15
DETECT_EVERY_S = 0.5

#: A face that was lost for no longer than this gets its number back when it appears in the same place.
REMEMBER_S = 1.0

#: While nobody is there, faint detections are followed up so often: each time takes longer than a frame of the rest.
FAINT_EVERY_S = 0.5

_MeshOf = Callable[[Image, Detection], Mesh | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """A face that is being followed, as it was seen last; ``blendshapes`` [52] is None before its first reading."""

    track_id: int
    mesh: Mesh
    time_s: float
    blendshapes: NDArray[np.float32] | None = None


class FaceFollower:
    """Reads one stream of frames; made by ``FaceReader.follow``. One thread at a time may use it.

    ``skipped`` counts the frames that were answered with the readings before, because nothing had moved.
    """

    def __init__(self, pipeline: Pipeline, *, max_faces: int) -> None:
        if max_faces < 1:
            raise ValueError(f"a follower needs room for at least one face, not {max_faces}")
        self.skipped = 0
        self._pipeline = pipeline
        self._max_faces = max_faces
        self._tracks: list[_Track] = []
        self._lost: list[_Track] = []
        self._last_id = 0
        self._shape: tuple[int, ...] = ()
        self._detected_s = 0.0
        self._looked_closer_s = -math.inf
        self._faint_margins = cycle(FAINT_MARGINS)
        self._frames_since_detection = 0

    def read(self, frame: Frame) -> list[Reading]:
        """The faces in ``frame``, biggest first, each with the ``track_id`` that it keeps, and its motion.

        Motion is None where a face is new and where the clock stood still or jumped back. A frame of another size
        than the one before starts anew. Raises ``ModelError`` when a network is missing or damaged.
        """
        if frame.image.shape != self._shape:
            self._shape = frame.image.shape
            self._tracks, self._lost = [], []
        lost_one = self._carry(frame)
        if lost_one or self._should_detect(frame.time_s):
            self._detect(frame)
            self._detected_s = frame.time_s
            self._frames_since_detection = 0
        self._frames_since_detection += 1
        return self._readings(frame)

    def _carry(self, frame: Frame) -> bool:
        """Look for each face where it was; whether one was lost."""
        kept: list[_Track] = []
        for track in self._tracks:
            mesh = self._pipeline.next_mesh(frame.image, track.mesh.landmarks)
            if mesh is None:
                self._lost.append(track)
            elif not _is_covered(mesh.box, kept):
                kept.append(replace(track, mesh=mesh))
        lost_one = len(kept) < len(self._tracks)
        self._tracks = kept
        self._lost = [track for track in self._lost if 0 <= frame.time_s - track.time_s <= REMEMBER_S]
        return lost_one

    def _should_detect(self, time_s: float) -> bool:
        elapsed_s = time_s - self._detected_s
        return (
            not self._tracks
            or self._frames_since_detection >= DETECT_EVERY_FRAMES
            or not 0 <= elapsed_s < DETECT_EVERY_S
        )

    def _detect(self, frame: Frame) -> None:
        """Give the faces that are not followed yet the free places, biggest first."""
        detector = self._pipeline.networks.detector
        self._take(frame.image, detector.find(frame.image, tiled=False), self._pipeline.mesh)
        if not self._tracks and not 0 <= frame.time_s - self._looked_closer_s < FAINT_EVERY_S:
            self._looked_closer_s = frame.time_s
            faint = detector.find_faint(frame.image, margin=next(self._faint_margins))
            self._take(frame.image, faint, self._pipeline.faint_mesh)

    def _take(self, image: Image, detections: Iterable[Detection], mesh_of: _MeshOf) -> None:
        for detection in sorted(detections, key=lambda found: -found.box.area_px):
            if len(self._tracks) >= self._max_faces:
                return
            if _is_covered(detection.box, self._tracks):
                continue
            mesh = mesh_of(image, detection)
            if mesh is not None and not _is_covered(mesh.box, self._tracks):
                self._tracks.append(self._welcome(mesh))

    def _welcome(self, mesh: Mesh) -> _Track:
        """A track for a face that was found: the one that was lost there, or a new one."""
        known = max(self._lost, key=lambda track: overlap(track.mesh.box, mesh.box), default=None)
        if known is not None and overlap(known.mesh.box, mesh.box) >= OVERLAP_THRESHOLD:
            self._lost.remove(known)
            return replace(known, mesh=mesh)
        self._last_id += 1
        return _Track(self._last_id, mesh, time_s=0.0)

    def _readings(self, frame: Frame) -> list[Reading]:
        faces: list[Face] = []
        features: list[Features] = []
        for index, track in enumerate(self._tracks):
            blendshapes = self._pipeline.networks.blendshapes.read(track.mesh.landmarks)
            faces.append(Face(track.mesh.box, track.mesh.landmarks, track.mesh.confidence, track.track_id))
            features.append(Features(blendshapes, _motion(track, blendshapes, frame.time_s)))
            self._tracks[index] = replace(track, blendshapes=blendshapes, time_s=frame.time_s)
        return self._pipeline.readings(frame.image, faces, features, time_s=frame.time_s)


def _is_covered(box: Box, tracks: list[_Track]) -> bool:
    return any(overlap(box, track.mesh.box) >= OVERLAP_THRESHOLD for track in tracks)


def _motion(track: _Track, blendshapes: NDArray[np.float32], time_s: float) -> Motion | None:
    if track.blendshapes is None or time_s <= track.time_s:
        return None
    return motion(track.blendshapes, blendshapes, elapsed_s=time_s - track.time_s)
