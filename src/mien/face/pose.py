"""Computes the pose of a head and the direction of its gaze from the face mesh, in closed form.

The pose is the rotation that best turns a mean head, ``CANONICAL_HEAD``, into the points of the mesh that expressions
do not move: least squares after Umeyama (1991, IEEE TPAMI 13:4). Axes are those of the mesh: x to the right of the
image, y down, z away from the camera. The rotation is split as roll, then yaw, then pitch (Rz Ry Rx), so that turning
the image changes the roll alone. Signs are those of py-feat: see ``mien.types.HeadPose``.

The gaze comes from the places of the irises: each eye is a sphere behind the middle of its corners, and the iris is a
point of it. Angles are relative to the line from the camera to the face: a face at the border of the image looks like
one in the middle that is turned.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.types import Gaze, HeadPose

#: The mean head: x, y and z of points of the mesh, in distances between the outer corners of the eyes. Measured on
#: FER2013 by ``training/canonical_head.py``.
CANONICAL_HEAD: Final = {
    10: (0.000, -0.644, -0.185),
    151: (0.000, -0.472, -0.218),
    9: (0.000, -0.294, -0.238),
    8: (0.000, -0.199, -0.221),
    168: (0.000, -0.104, -0.215),
    6: (0.000, -0.012, -0.260),
    197: (0.000, 0.067, -0.313),
    195: (0.000, 0.137, -0.370),
    5: (0.000, 0.212, -0.428),
    4: (0.000, 0.301, -0.452),
    33: (-0.500, -0.067, 0.025),
    263: (0.500, -0.067, 0.025),
    133: (-0.198, -0.043, -0.033),
    362: (0.198, -0.043, -0.033),
    127: (-0.779, -0.062, 0.564),
    356: (0.779, -0.062, 0.564),
    234: (-0.775, 0.092, 0.620),
    454: (0.775, 0.092, 0.620),
    162: (-0.767, -0.221, 0.449),
    389: (0.767, -0.221, 0.449),
    54: (-0.667, -0.466, 0.167),
    284: (0.667, -0.466, 0.167),
    116: (-0.706, 0.101, 0.169),
    345: (0.706, 0.101, 0.169),
    123: (-0.697, 0.250, 0.158),
    352: (0.697, 0.250, 0.158),
    50: (-0.549, 0.287, -0.025),
    280: (0.549, 0.287, -0.025),
    122: (-0.065, 0.003, -0.234),
    351: (0.065, 0.003, -0.234),
    198: (-0.152, 0.216, -0.243),
    420: (0.152, 0.216, -0.243),
    98: (-0.183, 0.414, -0.165),
    327: (0.183, 0.414, -0.165),
}  # fmt: skip

#: The points in pairs, on the person's right and left.
HEAD_PAIRS: Final = (
    (33, 263), (133, 362), (127, 356), (234, 454), (162, 389), (54, 284), (116, 345), (123, 352), (50, 280), (122, 351),
    (198, 420), (98, 327),
)  # fmt: skip

HEAD_POINTS: Final = tuple(CANONICAL_HEAD)

#: Both corners of each eye, and the points of its iris: the person's right eye, then the left one.
EYE_CORNERS: Final = ((33, 133), (263, 362))
IRISES: Final = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))
#: The middle of the upper and the lower lid of each eye.
EYELIDS: Final = ((159, 145), (386, 374))

#: An eye in distances between its corners, about 29 mm: the iris is 10 mm from the centre of the eye, which lies 7.5 mm
#: behind the middle of the corners. A straight gaze puts the iris a little above that middle and away from the nose, as
#: measured by ``training/canonical_head.py``.
EYE_RADIUS: Final = 0.345
EYE_DEPTH: Final = 0.26
EYE_RISE: Final = 0.073
EYE_OUTWARDS: Final = 0.03
#: Eyes that are less open than this share of the distance between their corners are shut, and have no gaze.
MIN_OPENING: Final = 0.1
#: The iris disappears behind the corner of the eye beyond this sine of its angle.
MAX_OFFSET: Final = 0.95

#: A laptop's camera is above its screen, which covers 16 degrees to either side and 20 degrees down at a distance of
#: 60 cm; a gaze from a webcam's picture is only accurate to about 8 degrees, which are added.
SCREEN_SIDE_DEG: Final = 24.0
SCREEN_UP_DEG: Final = 12.0
SCREEN_DOWN_DEG: Final = 28.0

_CORNERS: Final = np.array(EYE_CORNERS)
_LIDS: Final = np.array(EYELIDS)
_IRISES: Final = np.array(IRISES)
_EYE_CENTRES: Final = np.array([[-EYE_OUTWARDS, -EYE_RISE, EYE_DEPTH], [EYE_OUTWARDS, -EYE_RISE, EYE_DEPTH]])
_INDICES: Final = np.array(HEAD_POINTS)
_HEAD: Final = np.array(list(CANONICAL_HEAD.values()))
_CENTRED: Final = _HEAD - _HEAD.mean(axis=0)


def head_rotation(landmarks: NDArray[np.float32]) -> NDArray[np.float64]:
    """The rotation, float64 [3, 3], from the axes of the canonical head to those of a mesh, float32 [478, 3]."""
    return fit_rotation(_CENTRED, landmarks[_INDICES].astype(np.float64))


def fit_rotation(shape: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit the rotation from one shape to another, whatever their sizes and positions.

    Args:
        shape: float64 [n, 3], whose mean is 0.
        points: float64 [n, 3].

    Returns:
        The rotation, float64 [3, 3], without reflection.
    """
    left, _, right = np.linalg.svd((points - points.mean(axis=0)).T @ shape)
    if np.linalg.det(left) * np.linalg.det(right) < 0:
        left[:, 2] = -left[:, 2]
    return np.asarray(left @ right, dtype=np.float64)


def head_pose(rotation: NDArray[np.float64]) -> HeadPose:
    """The angles of a rotation, float64 [3, 3], of a head."""
    yaw = -math.asin(min(1.0, max(-1.0, float(rotation[2, 0]))))
    pitch = -math.atan2(rotation[2, 1], rotation[2, 2])
    roll = -math.atan2(rotation[1, 0], rotation[0, 0])
    return HeadPose(math.degrees(yaw), math.degrees(pitch), math.degrees(roll))


def rotation_of(pose: HeadPose) -> NDArray[np.float64]:
    """The rotation, float64 [3, 3], with the angles of ``pose``."""
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw_deg, -pose.pitch_deg, -pose.roll_deg))
    about_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    about_y = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x, dtype=np.float64)


def read_pose(landmarks: NDArray[np.float32]) -> tuple[HeadPose, Gaze | None]:
    """Compute the pose of a head and its gaze; takes about 0.08 ms.

    Args:
        landmarks: The mesh of a face, float32 [478, 3], in pixels.

    Returns:
        The pose, and the gaze; None if the eyes are shut.
    """
    rotation = head_rotation(landmarks)
    return head_pose(rotation), gaze(landmarks, rotation)


def gaze(landmarks: NDArray[np.float32], rotation: NDArray[np.float64]) -> Gaze | None:
    """Compute where the eyes look.

    Args:
        landmarks: The mesh of a face, float32 [478, 3], in pixels.
        rotation: The rotation of its head, float64 [3, 3].

    Returns:
        The mean of both eyes, weighted by how wide they appear; None if they are shut or seen from the side.
    """
    corners = landmarks[_CORNERS].astype(np.float64)
    across = corners[:, 1] - corners[:, 0]
    widths_px = np.sqrt((across * across).sum(axis=1))
    weights = (across[:, :2] ** 2).sum(axis=1)
    if widths_px.min() == 0 or weights.sum() == 0:
        return None
    lids = landmarks[_LIDS].astype(np.float64)
    openings = (((lids[:, 1] - lids[:, 0]) @ rotation)[:, 1]) / widths_px
    if openings.max() < MIN_OPENING:
        return None
    centres = (corners.mean(axis=1) + widths_px[:, None] * (_EYE_CENTRES @ rotation.T))[:, :2]
    irises = landmarks[_IRISES, :2].astype(np.float64).mean(axis=1)
    offsets = (irises - centres) / (EYE_RADIUS * widths_px[:, None])
    x, y = (weights @ offsets / weights.sum()).tolist()
    length = max(1.0, math.hypot(x, y) / MAX_OFFSET)
    x, y = x / length, y / length
    sight = np.array([x, y, -math.sqrt(1 - x * x - y * y)])
    horizontal_deg, vertical_deg = _angles_deg(sight @ rotation)
    return Gaze(horizontal_deg, vertical_deg, _is_on_screen(*_angles_deg(sight)))


def _angles_deg(sight: NDArray[np.float64]) -> tuple[float, float]:
    """How far a unit vector points to the person's right and up, in degrees."""
    x, y, z = sight.tolist()
    return math.degrees(math.atan2(-x, -z)), math.degrees(-math.asin(min(1.0, max(-1.0, y))))


def _is_on_screen(side_deg: float, up_deg: float) -> bool:
    return abs(side_deg) <= SCREEN_SIDE_DEG and -SCREEN_DOWN_DEG <= up_deg <= SCREEN_UP_DEG
