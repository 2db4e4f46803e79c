"""Drawings are read without confidence, photographs as ever, also bad ones."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from mien.face.drawing import FLAT_SHARE, flat_share
from mien.face.reader import FaceReader
from mien.types import Box, Image


def drawn(skin: str, ink: str, *, mouth: int, brows: bool, hair: bool) -> Image:
    """A face of plain shapes: head, eyes, nose, mouth."""
    picture = PIL.Image.new("RGB", (480, 480), "white")
    pen = PIL.ImageDraw.Draw(picture)
    if hair:
        pen.ellipse((120, 70, 360, 330), fill=ink)
    pen.ellipse((140, 110, 340, 380), fill=skin, outline=ink, width=3)
    for x in (195, 285):
        pen.ellipse((x - 22, 205, x + 22, 235), fill="white", outline=ink, width=2)
        pen.ellipse((x - 9, 210, x + 9, 230), fill=ink)
        if brows:
            pen.arc((x - 30, 178, x + 30, 215), 200, 340, fill=ink, width=6)
    pen.line((240, 235, 230, 280, 248, 282), fill=ink, width=3)
    box = (195, 275, 285, 345)
    if mouth > 0:
        pen.chord(box, 0, 180, fill="#a03030", outline=ink, width=3)
    else:
        pen.arc(box, 20, 160, fill=ink, width=5)
    return np.asarray(picture, dtype=np.uint8)


def drawings() -> Iterator[Image]:
    for skin, ink in (("#f3c9a0", "#402010"), ("#ffd34e", "#503000"), ("#8d5a3b", "#201008")):
        for mouth in (0, 1):
            for brows, hair in ((True, True), (True, False), (False, False)):
                yield drawn(skin, ink, mouth=mouth, brows=brows, hair=hair)


@pytest.fixture(scope="module")
def reader() -> Iterator[FaceReader]:
    with FaceReader() as opened:
        yield opened


def test_drawings_are_read_without_confidence(reader: FaceReader) -> None:
    found = [one for picture in drawings() for one in reader.read(picture)]
    assert found, "some of the drawings are taken for faces, or this test would show nothing"
    assert not [one.expression.top for one in found if one.expression.confident]


def test_photographs_are_read_with_the_confidence_they_had(reader: FaceReader, smiling_person: Image) -> None:
    compressed = cv2.imdecode(cv2.imencode(".jpg", smiling_person, [cv2.IMWRITE_JPEG_QUALITY, 10])[1], 1)
    bright = np.clip(smiling_person.astype(float) * 1.8, 0, 255).astype(np.uint8)
    smoothed = cv2.bilateralFilter(smiling_person, 9, 60, 9)
    for picture in (smiling_person, compressed, bright, smoothed, smiling_person // 3):
        (found, *_) = reader.read(np.asarray(picture, dtype=np.uint8))
        assert found.expression.confident


def test_areas_of_one_colour_are_measured() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    assert flat_share(noise, Box(20, 20, 60, 60)) < 0.05
    half = noise.copy()
    half[:, :100] = 90
    assert FLAT_SHARE < flat_share(half, Box(60, 60, 80, 80)) < 0.75
    half[:, :100] = 255  # clipped
    assert flat_share(half, Box(60, 60, 80, 80)) < 0.05
    assert flat_share(np.full((200, 200, 3), 90, np.uint8), Box(20, 20, 160, 160)) == 0
    for box in (Box(-500, 0, 100, 100), Box(190, 190, 40, 40), Box(5, 5, 4, 4)):
        assert flat_share(half, box) == 0
