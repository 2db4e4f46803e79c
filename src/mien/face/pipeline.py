"""Holds the networks that read a face, loads them at first use, and puts their answers together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from mien.face.mesh import FAINT_ZOOM, WITNESS_LOGIT, Mesh, MeshNetwork, square_of_detection, square_of_landmarks
from mien.face.presence import PresenceNetwork
from mien.mood.circumplex import mood_of
from mien.types import Expression, Face, Features, Image, Reading

#: A first look at a detection that sees so little of a face is not followed by a second.
HOPELESS_LOGIT = -5.0


@dataclass(frozen=True, slots=True)
class FaceNetworks:
    """The five networks; safe to use from several threads."""

    detector: Detector
    mesh: MeshNetwork
    presence: PresenceNetwork
    blendshapes: BlendshapeNetwork
    classifier: Classifier


class Pipeline:
    """What a reader and all of its followers share."""

    def __init__(self, classifier: Classifier | None, *, threads: int) -> None:
        if threads < 1:
            raise ValueError(f"a network needs at least one thread, not {threads}")
        self._classifier = classifier
        self._threads = threads
        self._networks: FaceNetworks | None = None
        self._lock = Lock()
        self._aside = ThreadPoolExecutor(threads, "mien-face") if threads > 1 else None

    @property
    def networks(self) -> FaceNetworks:
        """The networks, loaded when first asked for; ``ModelError`` when one is missing or damaged."""
        with self._lock:
            if self._networks is None:
                self._networks = FaceNetworks(
                    Detector(threads=self._threads),
                    MeshNetwork(threads=self._threads),
                    PresenceNetwork(threads=self._threads),
                    BlendshapeNetwork(threads=1),  # too small for a second thread to be worth waking
                    self._classifier or default_classifier(threads=self._threads),
                )
            return self._networks

    def mesh(self, image: Image, detection: Detection) -> Mesh | None:
        """The mesh of a face that the detector found; None where it is none.

        The mesh is laid twice: the detector's box is rough, and the second look, at the square that the first mesh
        asks for, sees what live video sees from the second frame on. Where it is not sure both times, the second
        network decides.
        """
        rough = self.networks.mesh.read(image, square_of_detection(detection))
        if rough.presence_logit < HOPELESS_LOGIT:
            return None
        mesh = self.networks.mesh.read(image, square_of_landmarks(rough.landmarks))
        return mesh if rough.is_face and mesh.is_face else self._attested(image, mesh)

    def faint_mesh(self, image: Image, detection: Detection) -> Mesh | None:
        """The mesh of what may be a face; None unless the second network says that it is one."""
        mesh = self.networks.mesh.read(image, square_of_detection(detection, zoom=FAINT_ZOOM))
        if mesh.presence_logit < HOPELESS_LOGIT:
            return None
        return self._attested(image, self.networks.mesh.read(image, square_of_landmarks(mesh.landmarks)))

    def expect(self, faces: int) -> None:
        """Be ready to follow so many faces at once: the second must not hold up the frame that it comes in."""
        if self._aside is not None and faces > 1:
            self.networks.mesh.expect(min(faces, self._threads))

    def next_meshes(self, image: Image, faces: Sequence[NDArray[np.float32]]) -> list[Mesh | None]:
        """For each face whose points [478, 3] are known from the frame before, its mesh; None where it is gone."""
        if self._aside is None or len(faces) < 2:
            return [self._next_mesh(image, landmarks) for landmarks in faces]
        # Shared out once, and this thread reads too: to wake another one takes as long as a tenth of a mesh.
        shares = min(self._threads, len(faces))
        mine, *others = (partial(self._next_meshes_of, image, faces[share::shares]) for share in range(shares))
        waiting = [self._aside.submit(share) for share in others]
        found = [mine(), *(share.result() for share in waiting)]
        return [found[place % shares][place // shares] for place in range(len(faces))]

    def _next_meshes_of(self, image: Image, faces: Sequence[NDArray[np.float32]]) -> list[Mesh | None]:
        return [self._next_mesh(image, landmarks, alone=False) for landmarks in faces]

    def _next_mesh(self, image: Image, landmarks: NDArray[np.float32], *, alone: bool = True) -> Mesh | None:
        mesh = self.networks.mesh.read(image, square_of_landmarks(landmarks), alone=alone)
        return mesh if mesh.is_face else self._attested(image, mesh)

    def _attested(self, image: Image, mesh: Mesh) -> Mesh | None:
        logit = self.networks.presence.read(image, square_of_landmarks(mesh.landmarks))
        return replace(mesh, witness_logit=logit) if logit >= WITNESS_LOGIT else None

    def readings(
        self, image: Image, faces: Sequence[Face], features_of: Callable[[Face], Features], *, time_s: float
    ) -> list[Reading]:
        """Each face with its features, expression and mood, biggest face first.

        The expressions are read in a thread of their own, if there may be more than one, while ``features_of`` is asked
        for each face in turn: neither needs what the other finds.
        """
        if not faces:
            return []
        if self._aside is None:
            expressions = self._expressions(image, faces)
            features = [features_of(face) for face in faces]
        else:
            waiting = self._aside.submit(self._expressions, image, faces)
            features = [features_of(face) for face in faces]
            expressions = waiting.result()
        readings = [
            Reading(face, feature, expression, mood_of(expression, time_s=time_s))
            for face, feature, expression in zip(faces, features, expressions, strict=True)
        ]
        return sorted(readings, key=lambda reading: -reading.face.box.area_px)

    def _expressions(self, image: Image, faces: Sequence[Face]) -> list[Expression]:
        crops: NDArray[np.uint8] = np.stack([align(image, face.landmarks) for face in faces])
        return self.networks.classifier.classify(crops)
