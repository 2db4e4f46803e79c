"""Makes synthetic camera frames: JPEGs in which the faces of photographs move."""

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
"""The quality of the frames that the page sends."""

FACE_HEIGHT: Final = {1: 0.375, 2: 0.32, 3: 0.27, 4: 0.27}
"""The height of a face as a share of the frame's, by number of faces; one is as if half a metre from a laptop."""

NOISE: Final = 2.0
"""The standard deviation of a webcam's noise in a lit room, of 255."""


def moving_faces(
    photos: Sequence[Image],
    *,
    faces: int = 1,
    width_px: int = 640,
    height_px: int = 480,
    count: int = 60,
) -> list[bytes]:
    """Make a loop of frames with moving faces and noise.

    Args:
        photos: The photographs whose largest faces are shown, repeated if there are fewer than ``faces``.
        faces: How many faces to show, 1 to 4.
        width_px: The width of the frames.
        height_px: The height of the frames.
        count: How many frames the loop has; 60 are two seconds.

    Returns:
        The frames as JPEGs.

    Raises:
        ImageError: If no face is found in a photo, or not all of them are found in the frames.
    """
    if faces not in FACE_HEIGHT:
        raise ValueError(f"a scene has 1 to {max(FACE_HEIGHT)} faces, not {faces}")
    with FaceReader() as reader:
        return _moving_faces(reader, photos, faces=faces, width_px=width_px, height_px=height_px, count=count)


def _moving_faces(
    reader: FaceReader, photos: Sequence[Image], *, faces: int, width_px: int, height_px: int, count: int
) -> list[bytes]:
    boxes = [_largest_face(reader, photo) for photo in photos]
    people = [_Sitter(photos[i % len(photos)], boxes[i % len(photos)]) for i in range(faces)]
    noise = _Noise(width_px, height_px)
    phases = (2 * math.pi * index / count for index in range(count))
    frames = [noise.on(_scene(people, width_px, height_px, phase)) for phase in phases]
    seen = len(reader.read(frames[0]))
    if seen != faces:
        remedy = "choose one that shows a single face" if faces == 1 else "choose others, of one person each"
        raise ImageError(f"The frames made of the photos show {seen} faces instead of {faces}", remedy)
    return [_jpeg(frame) for frame in frames]


def still_room(jpeg: bytes, *, count: int = 60) -> list[bytes]:
    """The same frame ``count`` times with different noise, as if nothing moved in front of the camera."""
    picture = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise ValueError("the frame is not a JPEG")
    noise = _Noise(picture.shape[1], picture.shape[0])
    return [_jpeg(noise.on(np.asarray(picture, dtype=np.uint8))) for _ in range(count)]


class _Sitter:
    """A photograph and the box of its face."""

    def __init__(self, photo: Image, box: Box) -> None:
        self.photo = photo
        self.box = box


def _largest_face(reader: FaceReader, photo: Image) -> Box:
    found = reader.read(photo)
    if not found:
        raise ImageError("No face was found in the photo", "choose one that shows a single face")
    return found[0].face.box


def _scene(people: Sequence[_Sitter], width_px: int, height_px: int, phase: float) -> Image:
    """A frame with each face in a part of its own: side by side, in two rows if there are three or more."""
    rows = 1 if len(people) <= 2 else 2
    columns = math.ceil(len(people) / rows)
    frame = np.zeros((height_px, width_px, 3), np.uint8)
    for index, sitter in enumerate(people):
        row, column = divmod(index, columns)
        left, right = (round(width_px * side / columns) for side in (column, column + 1))
        top, bottom = (round(height_px * side / rows) for side in (row, row + 1))
        face_px = FACE_HEIGHT[len(people)] * height_px
        part = _part(sitter, right - left, bottom - top, face_px, phase=phase + 0.8 * index)
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
    """Camera noise that differs from frame to frame: one random field, shifted, because drawing a new one is slow."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._rng = np.random.default_rng(0)
        self._field = np.rint(self._rng.normal(0, NOISE, (height_px, width_px, 3))).astype(np.int16)

    def on(self, picture: Image) -> Image:
        """The picture with noise; it must have the size that was given."""
        down, across = self._rng.integers(self._field.shape[:2])
        noise = np.roll(self._field, (down, across), axis=(0, 1))
        return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


def _jpeg(frame: Image) -> bytes:
    bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
