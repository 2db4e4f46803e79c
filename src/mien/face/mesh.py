"""Fits a mesh of 478 points to a face, and tells whether there is a face.

The network (MediaPipe's attention mesh: Grishchenko et al. 2020, arXiv:2006.10962) reads a square of 256 by 256 pixels
in which the face is upright, with a margin of a quarter of its size on each side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.face.detect import Detection
from mien.face.network import TfliteNetwork
from mien.face.warp import cut
from mien.types import LANDMARK_COUNT, Box, Image

INPUT_PX = 256
MARGIN = 1.5

#: A faint detection often covers only the middle of a face, so its square is enlarged by this factor.
FAINT_ZOOM = 1.3

#: The presence logit from which a mesh counts as a face. Whole faces reach 16 and more, faces of which a third is
#: outside the image often only 10, and nothing else that was measured more than 9.6.
PRESENCE_LOGIT = 10.0

#: The logit of the verifier (``mien.face.verifier``) from which an uncertain mesh counts as a face. Of 1,164 images
#: without a face, one got more than 3.2, namely 4.1; of FER2013's crops it accepts half again as many as the mesh does.
VERIFIER_LOGIT = 5.0

RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263


@dataclass(frozen=True, slots=True)
class RotatedSquare:
    """A rotated square in the image: center, side and angle (clockwise on the screen, from the x axis)."""

    x: float
    y: float
    side_px: float
    angle_rad: float

    def transform(self, size_px: int) -> NDArray[np.float32]:
        """The similarity [2, 3] from points of the image to points of a square of ``size_px`` pixels."""
        scale = size_px / self.side_px
        cosine, sine = scale * math.cos(self.angle_rad), scale * math.sin(self.angle_rad)
        middle = (size_px - 1) / 2
        return np.array(
            [
                [cosine, sine, middle - cosine * self.x - sine * self.y],
                [-sine, cosine, middle + sine * self.x - cosine * self.y],
            ],
            dtype=np.float32,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """The mesh of a possible face.

    Attributes:
        landmarks: float32 [478, 3], as in ``Face``.
        presence_logit: The mesh network's logit that it is a face.
        verifier_logit: The verifier's logit; minus infinity if it was not run.
    """

    landmarks: NDArray[np.float32]
    presence_logit: float
    verifier_logit: float = -math.inf

    @property
    def is_face(self) -> bool:
        """Whether it is a face."""
        return self._margin >= 0

    @property
    def confidence(self) -> float:
        """The confidence that it is a face, 0..1; 0.5 at the threshold."""
        return 1 / (1 + math.exp(-self._margin))

    @property
    def _margin(self) -> float:
        return max(self.presence_logit - PRESENCE_LOGIT, self.verifier_logit - VERIFIER_LOGIT)

    @property
    def box(self) -> Box:
        """The upright rectangle round the points."""
        (left, top), (right, bottom) = self.landmarks[:, :2].min(axis=0), self.landmarks[:, :2].max(axis=0)
        return Box(float(left), float(top), float(right - left), float(bottom - top))


class MeshNetwork:
    """The mesh network; raises ``ModelError`` if its file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = TfliteNetwork("face_landmarks_detector.tflite", threads=threads)

    def expect(self, callers: int) -> None:
        """Prepare for this many concurrent callers of ``read``."""
        self._network.expect(callers)

    def read(self, image: Image, square: RotatedSquare, *, alone: bool = True) -> Mesh:
        """Fit the mesh; check ``is_face`` before using it.

        Beyond the image the input is black: repeated pixels would look less like the rest of a cut face.

        Args:
            image: uint8 [height, width, 3] RGB.
            square: Where the face is expected.
            alone: False if several meshes are read at the same time, in several threads.

        Returns:
            The mesh, in pixels of the image.
        """
        transform = square.transform(INPUT_PX)
        tensor = cut(image, transform, INPUT_PX, repeat_edge=False)[None] * np.float32(1 / 255)
        outputs = self._network.run(tensor, alone=alone)
        points = outputs["Identity"].reshape(LANDMARK_COUNT, 3)
        return Mesh(_to_image(points, square), float(outputs["Identity_1"].item()))


def _to_image(points: NDArray[np.float32], square: RotatedSquare) -> NDArray[np.float32]:
    """Map points from the network's input to the image."""
    scale = square.side_px / INPUT_PX
    cosine, sine = scale * math.cos(square.angle_rad), scale * math.sin(square.angle_rad)
    middle = (INPUT_PX - 1) / 2
    x, y = points[:, 0] - middle, points[:, 1] - middle
    columns = (square.x + cosine * x - sine * y, square.y + sine * x + cosine * y, scale * points[:, 2])
    return np.stack(columns, axis=1).astype(np.float32)


def square_of_detection(detection: Detection, *, zoom: float = 1.0) -> RotatedSquare:
    """The square in which to fit the mesh of a detected face, enlarged by ``zoom``."""
    box = detection.box
    return RotatedSquare(
        box.x + box.width / 2,
        box.y + box.height / 2,
        zoom * MARGIN * max(box.width, box.height),
        _angle(detection.keypoints[0], detection.keypoints[1]),
    )


def square_of_landmarks(landmarks: NDArray[np.float32]) -> RotatedSquare:
    """The square in which to fit the mesh of a face whose points [478, 3] are known from the previous frame."""
    angle = _angle(landmarks[RIGHT_EYE_OUTER], landmarks[LEFT_EYE_OUTER])
    cosine, sine = math.cos(angle), math.sin(angle)
    upright = landmarks[:, :2] @ np.array([[cosine, -sine], [sine, cosine]], dtype=np.float32)
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = (low + high) / 2
    return RotatedSquare(
        float(cosine * x - sine * y), float(sine * x + cosine * y), MARGIN * float((high - low).max()), angle
    )


def _angle(right_eye: NDArray[np.float32], left_eye: NDArray[np.float32]) -> float:
    return math.atan2(float(left_eye[1] - right_eye[1]), float(left_eye[0] - right_eye[0]))
