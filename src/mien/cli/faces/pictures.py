"""The faces in a picture as JSON, CSV or rows of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien.cli.terminal.rows import RowFormat

if TYPE_CHECKING:
    from mien.types import Reading


@dataclass(frozen=True, slots=True)
class Picture:
    """The faces in a photo, or in the frame of a video at ``time_s``.

    ``share`` 0..1 is the part of the file that has been read so far, and ``index`` the number of frames read before.
    """

    path: Path
    time_s: float | None
    readings: list[Reading]
    share: float
    index: int = 0


def picture_layout() -> RowFormat[Picture]:
    """How pictures are printed."""
    from mien.types import Emotion

    return RowFormat(
        as_json=as_json,
        header=(
            *("path", "time_s", "track", "x", "y", "width", "height", "expression", "confident", "valence", "arousal"),
            *Emotion,
            *_MOTION,
            *("quality", *_HEAD_POSE, "gaze_horizontal_deg", "gaze_vertical_deg", "looking_at_screen"),
        ),
        as_values=_as_values,
        columns=("File", "Time", "Face", "Expression", "Valence", "Arousal", "Head"),
        numbers=("Time", "Valence", "Arousal"),
        as_cells=_as_cells,
    )


def fex_layout() -> RowFormat[Picture]:
    """How pictures are printed with py-feat's columns in the CSV."""
    from mien.cli.faces.fex import FEX_HEADER, fex_values

    return replace(picture_layout(), header=FEX_HEADER, as_values=fex_values)


_MOTION = ("brows_per_s", "lids_per_s", "jaw_per_s", "mouth_corners_per_s")
_HEAD_POSE = ("yaw_deg", "pitch_deg", "roll_deg")
_GAZE = ("horizontal_deg", "vertical_deg", "looking_at_screen")


def as_json(picture: Picture) -> dict[str, Any]:
    """A picture with its faces as a JSON object."""
    return {
        "path": str(picture.path),
        "time_s": _rounded_time(picture),
        "faces": [
            {
                "track": reading.face.track_id,
                "box": _box(reading),
                "expression": str(reading.expression.top),
                "probabilities": {str(e): round(p, 4) for e, p in reading.expression.probabilities.items()},
                "valence": round(reading.mood.valence, 4),
                "arousal": round(reading.mood.arousal, 4),
                "confident": reading.expression.confident,
                "motion": _motion(reading),
                "quality": None if reading.features.quality is None else round(reading.features.quality.score, 4),
                "head_pose": _head_pose(reading),
                "gaze": _gaze(reading),
            }
            for reading in picture.readings
        ],
    }


def _as_values(picture: Picture) -> Iterator[list[Any]]:
    if not picture.readings:
        yield [str(picture.path), _rounded_time(picture), *[""] * (17 + len(_MOTION) + len(_HEAD_POSE) + len(_GAZE))]
    for face in as_json(picture)["faces"]:
        yield [
            *(str(picture.path), _rounded_time(picture), face["track"], *face["box"]),
            *(face["expression"], str(face["confident"]).lower(), face["valence"], face["arousal"]),
            *face["probabilities"].values(),
            *(face["motion"] or dict.fromkeys(_MOTION)).values(),
            face["quality"],
            *(face["head_pose"] or dict.fromkeys(_HEAD_POSE)).values(),
            *map(_as_value, (face["gaze"] or dict.fromkeys(_GAZE)).values()),
        ]


def _as_cells(picture: Picture) -> Iterator[tuple[str, ...]]:
    from mien.mood.circumplex import EXPRESSION_WORDS

    time = "" if picture.time_s is None else f"{picture.time_s:.2f} s"
    if not picture.readings:
        yield (str(picture.path), time, "", "no face", "", "", "")
    for reading in picture.readings:
        x, y, width, height = _box(reading)
        top = reading.expression.top
        words = f"{EXPRESSION_WORDS[top]} {reading.expression.probabilities[top]:.0%}"
        track = reading.face.track_id
        yield (
            str(picture.path),
            time,
            f"{'' if track is None else f'{track}: '}{width:.0f}×{height:.0f} at {x:.0f}, {y:.0f}",
            words if reading.expression.confident else f"perhaps {words}",
            f"{reading.mood.valence:+.2f}",
            f"{reading.mood.arousal:+.2f}",
            _turn(reading),
        )


def _box(reading: Reading) -> list[float]:
    box = reading.face.box
    return [round(side, 1) for side in (box.x, box.y, box.width, box.height)]


def _motion(reading: Reading) -> dict[str, float] | None:
    motion = reading.features.motion
    return None if motion is None else {name: round(value, 4) for name, value in asdict(motion).items()}


def _head_pose(reading: Reading) -> dict[str, float] | None:
    pose = reading.features.head_pose
    return None if pose is None else {name: round(angle, 1) for name, angle in asdict(pose).items()}


def _gaze(reading: Reading) -> dict[str, float | bool] | None:
    gaze = reading.features.gaze
    if gaze is None:
        return None
    angles = {"horizontal_deg": round(gaze.horizontal_deg, 1), "vertical_deg": round(gaze.vertical_deg, 1)}
    return {**angles, "looking_at_screen": gaze.looking_at_screen}


def _turn(reading: Reading) -> str:
    """Where the head is turned: "20° left, 5° up"; left is the person's own."""
    pose = reading.features.head_pose
    if pose is None:
        return ""
    across, up = round(pose.yaw_deg), round(pose.pitch_deg)
    sides = [f"{abs(across)}° {'right' if across > 0 else 'left'}"] if across else []
    return ", ".join(sides + ([f"{abs(up)}° {'up' if up > 0 else 'down'}"] if up else [])) or "straight"


def _as_value(value: float | bool | None) -> float | str | None:
    return str(value).lower() if isinstance(value, bool) else value


def _rounded_time(picture: Picture) -> float | None:
    return None if picture.time_s is None else round(picture.time_s, 3)
