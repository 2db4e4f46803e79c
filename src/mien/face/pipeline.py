"""Loads the networks that read faces at first use, and combines their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mien.face.align import align
from mien.face.classifiers.classifier import Classifier
from mien.face.classifiers.onnx import default_classifier
from mien.face.detect import Detection, Detector
from mien.face.features import BlendshapeNetwork
from mien.face.mesh import FAINT_ZOOM, VERIFIER_LOGIT, Mesh, MeshNetwork, square_of_detection, square_of_landmarks
from mien.face.verifier import VerifierNetwork
from mien.mood.circumplex import mood_of
from mien.mood.prior import Prior
from mien.types import Emotion, Expression, Face, Features, Image, Reading

#: A detection whose first mesh has a lower presence logit is rejected without a second one.
REJECT_LOGIT = -5.0


@dataclass(frozen=True, slots=True)
class FaceNetworks:
    """The five networks; thread-safe."""

    detector: Detector
    mesh: MeshNetwork
    verifier: VerifierNetwork
    blendshapes: BlendshapeNetwork
    classifier: Classifier


class Pipeline:
    """The networks and threads that a reader shares with its followers.

    Its threads start with the first task, and ``close`` ends them; a closed pipeline that is used again starts others.
    """

    def __init__(self, classifier: Classifier | None, *, threads: int, prior: Prior, mirror: bool) -> None:
        """Prepare the networks; none is loaded yet.

        Args:
            classifier: Replaces the expression network that comes with mien.
            threads: How many threads each network may use, 1 or more.
            prior: How often each expression is expected.
            mirror: Whether each expression is the mean of the face and its mirror image.
        """
        if threads < 1:
            raise ValueError(f"a network needs at least one thread, not {threads}")
        self._classifier = classifier
        self._threads = threads
        self._prior = prior
        self._mirror = mirror
        self._networks: FaceNetworks | None = None
        self._lock = Lock()
        self._opened_pool: ThreadPoolExecutor | None = None

    @property
    def _pool(self) -> ThreadPoolExecutor | None:
        """Runs networks concurrently, made at first use; None if only one thread is allowed."""
        if self._threads < 2:
            return None
        with self._lock:
            if self._opened_pool is None:
                self._opened_pool = ThreadPoolExecutor(self._threads, "mien-face")
            return self._opened_pool

    def close(self) -> None:
        """End the threads, once they are done with their tasks."""
        with self._lock:
            pool, self._opened_pool = self._opened_pool, None
        if pool is not None:
            pool.shutdown()

    @property
    def networks(self) -> FaceNetworks:
        """The networks, loaded at first use; ``ModelError`` if one is missing or damaged."""
        with self._lock:
            if self._networks is None:
                self._networks = FaceNetworks(
                    Detector(threads=1),  # runs beside other networks
                    MeshNetwork(threads=self._threads),
                    VerifierNetwork(threads=self._threads),
                    BlendshapeNetwork(threads=1),  # too small to gain from a second thread
                    self._classifier or default_classifier(threads=self._threads),
                )
            return self._networks

    def mesh(self, image: Image, detection: Detection) -> Mesh | None:
        """Fit the mesh of a detected face.

        The mesh is fitted twice: the detector's box is rough, and the second fit, in the square given by the first
        mesh, matches what live video uses from the second frame on. Unless both are certain, the verifier decides.

        Args:
            image: uint8 [height, width, 3] RGB.
            detection: The detected face.

        Returns:
            The mesh; None if it is not a face.
        """
        rough = self.networks.mesh.read(image, square_of_detection(detection))
        if rough.presence_logit < REJECT_LOGIT:
            return None
        mesh = self.networks.mesh.read(image, square_of_landmarks(rough.landmarks))
        return mesh if rough.is_face and mesh.is_face else self._verified(image, mesh)

    def faint_mesh(self, image: Image, detection: Detection) -> Mesh | None:
        """Fit the mesh of a faint detection; None unless the verifier accepts it."""
        mesh = self.networks.mesh.read(image, square_of_detection(detection, zoom=FAINT_ZOOM))
        if mesh.presence_logit < REJECT_LOGIT:
            return None
        return self._verified(image, self.networks.mesh.read(image, square_of_landmarks(mesh.landmarks)))

    def expect(self, faces: int) -> None:
        """Prepare to track this many faces, so that the first frames with a search or a second face take no longer."""
        if self._threads > 1:
            self.networks.mesh.expect(min(faces, self._threads))

    def detect_meanwhile(self, detect: Callable[[], list[Detection]]) -> Future[list[Detection]] | None:
        """Run a search in a thread of its own; None if only one thread is allowed."""
        return None if self._pool is None else self._pool.submit(detect)

    def next_meshes(
        self, image: Image, faces: Sequence[NDArray[np.float32]], *, detecting: bool = False
    ) -> list[Mesh | None]:
        """Fit the meshes of tracked faces.

        Args:
            image: uint8 [height, width, 3] RGB.
            faces: The predicted points of each face, float32 [478, 3].
            detecting: Whether a search is running meanwhile and needs a thread.

        Returns:
            The mesh of each face; None if the face is gone.
        """
        pool = self._pool if len(faces) > 1 else None
        if pool is None:
            return [self._next_mesh(image, landmarks, alone=not detecting) for landmarks in faces]
        # Distributed once, and this thread takes a share: waking another one takes as long as a tenth of a mesh.
        shares = min(self._threads, len(faces))
        mine, *others = (partial(self._next_meshes_of, image, faces[share::shares]) for share in range(shares))
        waiting = [pool.submit(share) for share in others]
        found = [mine(), *(share.result() for share in waiting)]
        return [found[place % shares][place // shares] for place in range(len(faces))]

    def _next_meshes_of(self, image: Image, faces: Sequence[NDArray[np.float32]]) -> list[Mesh | None]:
        return [self._next_mesh(image, landmarks, alone=False) for landmarks in faces]

    def _next_mesh(self, image: Image, landmarks: NDArray[np.float32], *, alone: bool) -> Mesh | None:
        mesh = self.networks.mesh.read(image, square_of_landmarks(landmarks), alone=alone)
        return mesh if mesh.is_face else self._verified(image, mesh)

    def _verified(self, image: Image, mesh: Mesh) -> Mesh | None:
        logit = self.networks.verifier.read(image, square_of_landmarks(mesh.landmarks))
        return replace(mesh, verifier_logit=logit) if logit >= VERIFIER_LOGIT else None

    def readings(
        self, image: Image, faces: Sequence[Face], features_of: Callable[[Face], Features], *, time_s: float
    ) -> list[Reading]:
        """Read the features, expression and mood of each face.

        If several threads are allowed, the expressions are classified in a thread of their own while ``features_of``
        is called for each face in turn.

        Args:
            image: uint8 [height, width, 3] RGB.
            faces: The faces to read.
            features_of: Computes the features of a face.
            time_s: The time of the moods, in seconds.

        Returns:
            The readings, biggest face first.
        """
        if not faces:
            return []
        pool = self._pool
        if pool is None:
            expressions = self._expressions(_aligned(image, faces))
            features = [features_of(face) for face in faces]
        else:
            # The expressions of several faces take less time than their features, even with the alignment.
            if len(faces) == 1:
                waiting = pool.submit(self._expressions, _aligned(image, faces))
            else:
                waiting = pool.submit(lambda: self._expressions(_aligned(image, faces)))
            features = [features_of(face) for face in faces]
            expressions = waiting.result()
        readings = [
            Reading(face, feature, expression, mood_of(expression, time_s=time_s))
            for face, feature, expression in zip(faces, features, expressions, strict=True)
        ]
        return sorted(readings, key=lambda reading: -reading.face.box.area_px)

    def _expressions(self, crops: NDArray[np.uint8]) -> list[Expression]:
        """The expression of each aligned face, uint8 [n, 48, 48]."""
        if not self._mirror:
            return self.networks.classifier.classify(crops, prior=self._prior)
        both = np.concatenate([crops, crops[:, :, ::-1]])
        found = self.networks.classifier.classify(both, prior=self._prior)
        return [mean_expression(*pair) for pair in zip(found[: len(crops)], found[len(crops) :], strict=True)]


def _aligned(image: Image, faces: Sequence[Face]) -> NDArray[np.uint8]:
    """The crop of each face for the classifier, uint8 [n, 48, 48]."""
    return np.stack([align(image, face.landmarks) for face in faces])


def mean_expression(one: Expression, other: Expression) -> Expression:
    """The mean of two readings of one face; confident if either is."""
    probabilities = {emotion: (one.probabilities[emotion] + other.probabilities[emotion]) / 2 for emotion in Emotion}
    answers = tuple((mine + its) / 2 for mine, its in zip(one.answers, other.answers, strict=True))
    return Expression(probabilities, one.confident or other.confident, one.model, answers)
