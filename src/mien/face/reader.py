"""Reads the faces in an image: position, features, expression and mood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Self

from mien.face.classifiers.classifier import Classifier
from mien.face.detect import FAINT_MARGINS, OVERLAP_THRESHOLD, overlap
from mien.face.drawing import DRAWN_FLAT_SHARE, DRAWN_LOGIT, FLAT_SHARE, flat_share
from mien.face.follow import FaceFollower
from mien.face.mesh import Mesh, square_of_landmarks
from mien.face.pipeline import Pipeline
from mien.face.pose import read_pose
from mien.face.quality import measure_quality
from mien.mood.prior import Prior
from mien.types import Face, Features, Image, Reading, check_image


class FaceReader:
    """Finds faces and reads their expressions.

    The networks are loaded with the first image. Thread-safe. A context manager, which ends the reader's threads; those
    of a reader that is not closed end with the program.

    Args:
        classifier: Replaces the expression network that comes with mien.
        threads: How many threads each network may use, at least 1.
        prior: How often each expression is expected before a face is seen.
        mirror: Whether each expression is the mean of the face and its mirror image.
    """

    def __init__(
        self,
        *,
        classifier: Classifier | None = None,
        threads: int = 2,
        prior: Prior = Prior.EVERYDAY,
        mirror: bool = True,
    ) -> None:
        self._pipeline = Pipeline(classifier, threads=threads, prior=prior, mirror=mirror)

    def read(self, image_rgb: Image, *, time_s: float = 0.0) -> list[Reading]:
        """Read every face in one image, independently of other images; for live video see ``follow``.

        A face that is probably drawn is read without confidence, since the networks know photographs only: see
        ``mien.face.drawing``. Raises ``ValueError`` for any other array and ``ModelError`` if a network is missing or
        damaged.

        Args:
            image_rgb: uint8 [height, width, 3].
            time_s: The time of each mood, in seconds.

        Returns:
            The faces, biggest first; empty if there is none.
        """
        check_image(image_rgb)
        faces = [Face(mesh.box, mesh.landmarks, mesh.confidence) for mesh in self._meshes(image_rgb)]

        def features_of(face: Face) -> Features:
            blendshapes = self._pipeline.networks.blendshapes.read(face.landmarks)
            head_pose, gaze = read_pose(face.landmarks)
            quality = measure_quality(image_rgb, face.landmarks, face.box, head_pose)
            return Features(blendshapes, quality=quality, head_pose=head_pose, gaze=gaze)

        readings = self._pipeline.readings(image_rgb, faces, features_of, time_s=time_s)
        return [_doubted(reading) if self._is_drawn(image_rgb, reading) else reading for reading in readings]

    def follow(self, *, max_faces: int = 4) -> FaceFollower:
        """Make a reader of one live video, which tracks up to ``max_faces`` faces."""
        return FaceFollower(self._pipeline, max_faces=max_faces)

    def close(self) -> None:
        """End the threads that the reader and its followers share, once no image is being read."""
        self._pipeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_drawn(self, image: Image, reading: Reading) -> bool:
        face = reading.face
        flat = flat_share(image, face.box)
        if flat <= FLAT_SHARE or flat > DRAWN_FLAT_SHARE:
            return flat > FLAT_SHARE
        return self._pipeline.networks.verifier.read(image, square_of_landmarks(face.landmarks)) < DRAWN_LOGIT

    def _meshes(self, image: Image) -> list[Mesh]:
        detector = self._pipeline.networks.detector
        found = distinct(self._pipeline.mesh(image, detection) for detection in detector.find(image))
        for margin in FAINT_MARGINS:
            if found:
                break
            faint = detector.find_faint(image, margin=margin)
            found = distinct(self._pipeline.faint_mesh(image, detection) for detection in faint)
        return found


def _doubted(reading: Reading) -> Reading:
    """The reading without confidence in the expression, and with half of it in the mood."""
    expression = replace(reading.expression, confident=False)
    return replace(reading, expression=expression, mood=replace(reading.mood, confidence=reading.mood.confidence / 2))


def distinct(meshes: Iterable[Mesh | None]) -> list[Mesh]:
    """The meshes without None and without those that overlap an earlier one."""
    found: list[Mesh] = []
    for mesh in meshes:
        if mesh is not None and all(overlap(mesh.box, other.box) < OVERLAP_THRESHOLD for other in found):
            found.append(mesh)
    return found
