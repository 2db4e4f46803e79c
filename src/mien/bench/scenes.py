"""Makes what a camera might see: JPEG frames in which the faces of photographs sway and nod, each in its own time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from mien.errors import ImageError
from mien.face.reader import FaceReader
from mien.types import Box, Image

FRAMES_PER_S: Final = 30

JPEG_QUALITY: Final = 70
"""What the page sends."""

#: How high a face is, as a share of the frame's height, by how many there are: one sits half a metre from a laptop.
FACE_HEIGHT: Final = {1: 0.375, 2: 0.32, 3: 0.27, 4: 0.27}

#: Standard deviation of a webcam's noise in a lit room, of 255.
NOISE: Final = 2.0


def moving_faces(
    photos: Sequence[Image],
    *,
    faces: int = 1,
    width_px: int = 640,
    height_px: int = 480,
    count: int = 60,
) -> list[bytes]:
    """Make a loop of ``count`` frames with 1 to 4 faces, the biggest of each of ``photos``, by turns.

    At 30 frames a second the loop lasts two seconds. Nothing in it stands still: there is noise too. Raises
    ``ImageError`` when a photo shows no face, or the frames do not show as many faces as they should.
    """
    if faces not in FACE_HEIGHT:
        raise ValueError(f"a scene has 1 to {max(FACE_HEIGHT)} faces, not {faces}")
    reader = FaceReader()
    boxes = [_biggest(reader, photo) for photo in photos]
    people = [_Sitter(photos[i % len(photos)], boxes[i % len(photos)]) for i in range(faces)]
    noise = _Noise(width_px, height_px)
    phases = (2 * math.pi * index / count for index in range(count))
    frames = [noise.on(_scene(people, width_px, height_px, phase)) for phase in phases]
    seen = len(reader.read(frames[0]))
    if seen != faces:
        remedy = "choose one that shows a single face" if faces == 1 else "choose others, of one person each"
        raise ImageError(f"The frames made of the photo show {seen} faces instead of {faces}; {remedy}.")
    return [_jpeg(frame) for frame in frames]


def still_room(jpeg: bytes, *, count: int = 60) -> list[bytes]:
    """The same frame again and again, with another noise each time: in front of the camera nothing moves."""
    picture = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise ValueError("the frame is no JPEG")
    noise = _Noise(picture.shape[1], picture.shape[0])
    return [_jpeg(noise.on(np.asarray(picture, dtype=np.uint8))) for _ in range(count)]


class _Sitter:
    """A photograph, and where its face is."""

    def __init__(self, photo: Image, box: Box) -> None:
        self.photo = photo
        self.box = box


def _biggest(reader: FaceReader, photo: Image) -> Box:
    found = reader.read(photo)
    if not found:
        raise ImageError("No face was found in the photo; choose one that shows a single face.")
    return found[0].face.box


def _scene(people: Sequence[_Sitter], width_px: int, height_px: int, phase: float) -> Image:
    """Everybody in a part of the frame of their own: side by side, in two rows from the third on."""
    rows = 1 if len(people) <= 2 else 2
    columns = math.ceil(len(people) / rows)
    frame = np.zeros((height_px, width_px, 3), np.uint8)
    for place, sitter in enumerate(people):
        row, column = divmod(place, columns)
        left, right = (round(width_px * side / columns) for side in (column, column + 1))
        top, bottom = (round(height_px * side / rows) for side in (row, row + 1))
        face_px = FACE_HEIGHT[len(people)] * height_px
        part = _part(sitter, right - left, bottom - top, face_px, phase=phase + 0.8 * place)
        frame[top:bottom, left:right] = part
    return frame


def _part(sitter: _Sitter, width_px: int, height_px: int, face_px: float, *, phase: float) -> Image:
    box = sitter.box
    centre = (box.x + box.width / 2, box.y + box.height / 2)
    scale = face_px / box.height * (1 + 0.05 * math.sin(2 * phase))
    transform = cv2.getRotationMatrix2D(centre, 6 * math.sin(phase), scale)
    transform[0, 2] += width_px / 2 - centre[0] + 0.22 * face_px * math.sin(phase)
    transform[1, 2] += height_px / 2 - centre[1]
    part = cv2.warpAffine(sitter.photo, transform, (width_px, height_px), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(part, dtype=np.uint8)


class _Noise:
    """The noise of a camera, another on each frame: one field of it, moved about, for to draw so much takes long."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._rng = np.random.default_rng(0)
        self._field = np.rint(self._rng.normal(0, NOISE, (height_px, width_px, 3))).astype(np.int16)

    def on(self, picture: Image) -> Image:
        """The picture, of the size that was said, with noise."""
        down, across = self._rng.integers(self._field.shape[:2])
        noise = np.roll(self._field, (down, across), axis=(0, 1))
        return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


def _jpeg(frame: Image) -> bytes:
    bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
