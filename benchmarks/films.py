"""Makes films for Chromium's fake camera from photographs: motion JPEG, looped at 30 frames per second."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from mien.face.reader import FaceReader
from mien.types import Emotion, Image

SIZE = (640, 480)
FRAMES_PER_S = 30


def write_film(path: Path, scenes: Iterable[tuple[Image, float]]) -> Path:
    """Write a film with a slightly swaying camera.

    Args:
        path: The file to write.
        scenes: RGB pictures with the seconds that each is shown for.
    """
    with path.open("wb") as film:
        index = 0
        for picture, seconds in scenes:
            for _ in range(round(seconds * FRAMES_PER_S)):
                film.write(_jpeg(_sway(picture, index / FRAMES_PER_S)))
                index += 1
    return path


def empty_room() -> Image:
    """A picture of a wall, without a face."""
    light = np.linspace(90, 170, SIZE[0], dtype=np.float32)
    return np.repeat(np.repeat(light[None, :, None], SIZE[1], axis=0), 3, axis=2).astype(np.uint8)


def framed(picture: Image, *, top_share: float = 0.0) -> Image:
    """The picture cropped to the camera's shape; ``top_share`` (0..1) of the removed rows are at the top."""
    height, width = picture.shape[:2]
    keep = min(height, round(width * SIZE[1] / SIZE[0]))
    top = round((height - keep) * top_share)
    return np.asarray(cv2.resize(picture[top : top + keep], SIZE, interpolation=cv2.INTER_CUBIC), np.uint8)


def side_by_side(left: Image, right: Image) -> Image:
    """Two people in one picture: the middle half of each."""
    quarter = SIZE[0] // 4
    return np.hstack([picture[:, quarter : 3 * quarter] for picture in (left, right)])


def enlarged(gray: np.ndarray) -> Image:
    """A small gray face, 0..1, enlarged in the middle of an RGB picture."""
    face = cv2.resize((np.clip(gray, 0, 1) * 255).astype(np.uint8), (240, 240), interpolation=cv2.INTER_CUBIC)
    room = cv2.copyMakeBorder(face, 120, 120, 200, 200, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(room, cv2.COLOR_GRAY2RGB), np.uint8)


def least_happy(reader: FaceReader, pictures: Iterable[Image]) -> tuple[Image, Emotion]:
    """The picture with one face and the most probable expression other than happy, and that expression."""
    found = []
    for picture in pictures:
        readings = reader.read(picture)
        if len(readings) == 1 and (shown := readings[0].expression).confident and shown.top is not Emotion.HAPPY:
            found.append((shown.probabilities[shown.top], shown.top, picture))
    if not found:
        raise LookupError("in every picture the face is happy, unsure or missing")
    _, top, picture = max(found, key=lambda candidate: candidate[0])
    return picture, top


def _sway(picture: Image, at_s: float) -> Image:
    shift = np.array([[1, 0, 3 * np.sin(2.1 * at_s)], [0, 1, 2 * np.cos(1.7 * at_s)]], np.float32)
    return np.asarray(cv2.warpAffine(picture, shift, SIZE, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _jpeg(picture: Image) -> bytes:
    encoded, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])
    if not encoded:
        raise RuntimeError("OpenCV cannot write JPEG")
    return data.tobytes()
