"""Lays a mesh of 478 points over a face, and says whether there is one.

The network (MediaPipe's attention mesh: Grishchenko et al. 2020, arXiv:2006.10962) reads a square of 256 by 256 pixels
in which the face stands upright with a margin of a quarter of its size on each side.
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

#: A faint detection is often of the middle of a face alone, so its square is larger by this.
FAINT_ZOOM = 1.3

#: The presence logit that tells faces from everything else. Whole faces reach 16 and more, faces that leave the picture
#: by a third often no more than 10, and nothing else that was measured more than 9.6.
PRESENCE_LOGIT = 10.0

#: What a second network (``mien.face.presence``) has to say of a face that this one doubts. Of 1,164 pictures without a
#: face it gave one more than 3.2, and that 4.1; of FER2013's crops it is sure of half again as many as this one is.
WITNESS_LOGIT = 5.0

RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263


@dataclass(frozen=True, slots=True)
class RotatedSquare:
    """A turned square of the picture: its middle, side and angle (clockwise, as seen, from the x axis)."""

    x: float
    y: float
    side_px: float
    angle_rad: float

    def transform(self, size_px: int) -> NDArray[np.float32]:
        """The similarity [2, 3] from the picture's points onto a square of ``size_px`` pixels."""
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
    """The points of a face: ``landmarks`` float32 [478, 3] as in ``Face``, and the logit that it is one.

    ``witness_logit`` is a second network's, where it was asked.
    """

    landmarks: NDArray[np.float32]
    presence_logit: float
    witness_logit: float = -math.inf

    @property
    def is_face(self) -> bool:
        """Whether there was a face to lay the mesh over."""
        return self._surplus >= 0

    @property
    def confidence(self) -> float:
        """How sure it is, 0..1: a half at the threshold."""
        return 1 / (1 + math.exp(-self._surplus))

    @property
    def _surplus(self) -> float:
        return max(self.presence_logit - PRESENCE_LOGIT, self.witness_logit - WITNESS_LOGIT)

    @property
    def box(self) -> Box:
        """The upright rectangle round the points."""
        (left, top), (right, bottom) = self.landmarks[:, :2].min(axis=0), self.landmarks[:, :2].max(axis=0)
        return Box(float(left), float(top), float(right - left), float(bottom - top))


class MeshNetwork:
    """The network that lays the mesh; ``ModelError`` when its file is missing or damaged."""

    def __init__(self, *, threads: int) -> None:
        self._network = TfliteNetwork("face_landmarks_detector.tflite", threads=threads)

    def expect(self, callers: int) -> None:
        """Be ready for so many that read at once."""
        self._network.expect(callers)

    def read(self, image: Image, square: RotatedSquare, *, alone: bool = True) -> Mesh:
        """The mesh of the face in ``square``; check ``is_face`` before believing it.

        What lies beyond the picture is black: repeated pixels look less like the rest of a face that left it. Who reads
        several in several threads says that none is read ``alone``.
        """
        transform = square.transform(INPUT_PX)
        tensor = cut(image, transform, INPUT_PX, repeat_edge=False)[None] * np.float32(1 / 255)
        outputs = self._network.run(tensor, alone=alone)
        points = outputs["Identity"].reshape(LANDMARK_COUNT, 3)
        return Mesh(_to_picture(points, square), float(outputs["Identity_1"].item()))


def _to_picture(points: NDArray[np.float32], square: RotatedSquare) -> NDArray[np.float32]:
    """Points in pixels of the network's input, as points of the picture."""
    scale = square.side_px / INPUT_PX
    cosine, sine = scale * math.cos(square.angle_rad), scale * math.sin(square.angle_rad)
    middle = (INPUT_PX - 1) / 2
    x, y = points[:, 0] - middle, points[:, 1] - middle
    columns = (square.x + cosine * x - sine * y, square.y + sine * x + cosine * y, scale * points[:, 2])
    return np.stack(columns, axis=1).astype(np.float32)


def square_of_detection(detection: Detection, *, zoom: float = 1.0) -> RotatedSquare:
    """Where to look for the mesh of a face that the detector found; ``zoom`` makes the square larger."""
    box = detection.box
    return RotatedSquare(
        box.x + box.width / 2,
        box.y + box.height / 2,
        zoom * MARGIN * max(box.width, box.height),
        _angle(detection.keypoints[0], detection.keypoints[1]),
    )


def square_of_landmarks(landmarks: NDArray[np.float32]) -> RotatedSquare:
    """Where to look for a face whose points [478, 3] are known from the picture before."""
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
