"""The faces in a picture under the column names of py-feat, whose class ``Fex`` reads such CSV files.

The columns are those of py-feat 0.7 (``feat/utils/__init__.py`` and ``feat/pretrained.py`` in its repository),
without landmarks and identities, and ``time_s``. Angles are in radians there; a gaze to the person's left is positive.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from mien.cli.faces.pictures import Picture

if TYPE_CHECKING:
    from mien.types import Reading

FACE_BOX: Final = ("FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore")
#: The place of the head in space is not measured, so X, Y and Z are empty.
POSE: Final = ("Pitch", "Roll", "Yaw", "X", "Y", "Z")
#: Those without a blendshape (AU11, AU23 and AU25) are empty.
ACTION_UNIT_COLUMNS: Final = (
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU11", "AU12", "AU14", "AU15", "AU17", "AU20",
    "AU23", "AU24", "AU25", "AU26", "AU28", "AU43",
)  # fmt: skip
EMOTIONS: Final = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
GAZE: Final = ("gaze_pitch", "gaze_yaw", "gaze_angle")

FEX_HEADER: Final = (*FACE_BOX, *POSE, *ACTION_UNIT_COLUMNS, *EMOTIONS, *GAZE, "input", "frame", "time_s")


def fex_values(picture: Picture) -> Iterator[list[Any]]:
    """The rows of a picture, one per face; a single row without values if there is none."""
    time = "" if picture.time_s is None else f"{picture.time_s:.3f}"
    place = [str(picture.path), picture.index, time]
    if not picture.readings:
        yield [*[""] * (len(FEX_HEADER) - len(place)), *place]
    for reading in picture.readings:
        yield [*_box(reading), *_pose(reading), *_units(reading), *_emotions(reading), *_gaze(reading), *place]


def _box(reading: Reading) -> list[float]:
    box = reading.face.box
    return [*(round(side, 1) for side in (box.x, box.y, box.width, box.height)), round(reading.face.confidence, 4)]


def _pose(reading: Reading) -> list[float | str]:
    pose = reading.features.head_pose
    if pose is None:
        return [""] * len(POSE)
    return [*(_radians(angle_deg) for angle_deg in (pose.pitch_deg, pose.roll_deg, pose.yaw_deg)), "", "", ""]


def _units(reading: Reading) -> list[float | str]:
    from mien.face.action_units import action_units

    found = action_units(reading.features.blendshapes)
    return [round(found[unit], 4) if unit in found else "" for unit in ACTION_UNIT_COLUMNS]


def _emotions(reading: Reading) -> list[float]:
    """The seven probabilities; py-feat has them in the order of ``Emotion``."""
    return [round(probability, 4) for probability in reading.expression.probabilities.values()]


def _gaze(reading: Reading) -> list[float | str]:
    gaze = reading.features.gaze
    if gaze is None:
        return [""] * len(GAZE)
    pitch_deg, yaw_deg = gaze.vertical_deg, -gaze.horizontal_deg
    ahead = math.cos(math.radians(pitch_deg)) * math.cos(math.radians(yaw_deg))
    return [_radians(pitch_deg), _radians(yaw_deg), round(math.acos(min(1.0, ahead)), 4)]


def _radians(angle_deg: float) -> float:
    return round(math.radians(angle_deg), 4)
