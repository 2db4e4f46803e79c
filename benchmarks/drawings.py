"""Measures how often drawn faces are read, and how often with confidence.

    python -m benchmarks.drawings --font NotoColorEmoji.ttf --photos FOLDER --data fer2013.zip

The drawings are emoji of people, smileys and animals in a colour font (Debian's fonts-noto-color-emoji has one), in
three sizes on white and on dark gray. The photographs are those of a folder, whole and as bad pictures: small, dark,
blurred, overexposed, smoothed and heavily compressed; and rows of PublicTest of FER2013 with no vote for "not a face",
enlarged to 144 pixels. Each picture is read as the first frame of a film, where drawings are not looked for, and as a
still picture. Printed, and written to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from benchmarks import record
from mien.capture.photo import read_photo
from mien.face.reader import FaceReader
from mien.types import Frame, Image
from training.data import VOTE_CLASSES, read

EMOJI: Final = (
    *range(0x1F600, 0x1F650),
    *range(0x1F910, 0x1F930),
    *range(0x1F970, 0x1F97B),
    *range(0x1F466, 0x1F47C),
    *range(0x1F9D0, 0x1F9DE),
    *range(0x1F431, 0x1F43C),
    *(0x2639, 0x263A, 0x1F385, 0x1F383, 0x1F916, 0x1F47D, 0x1F47F, 0x1F480),
)
SIZES_PX: Final = (100, 150, 300)
GROUNDS: Final = ("white", "#444444")
ROWS: Final = 300
_FONT_SIZE: Final = 109  # the only size of the bitmaps in Noto's font
_NOT_A_FACE: Final = "not a face"


def main() -> None:
    """Read everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--font", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    photos = [read_photo(path) for path in sorted(options.photos.glob("*.jpg"))]
    groups = {"emoji": list(emoji(options.font)), "photographs": photos}
    groups |= {f"photographs, {name}": [spoil(photo) for photo in photos] for name, spoil in SPOILT.items()}
    groups["FER2013, PublicTest"] = list(crops(options.data))
    lines = ["# Drawn faces", "", *record.circumstances(), "", HEADER, "|---|---:|---:|---:|---:|"]
    with FaceReader() as reader:
        lines += [row(name, pictures, reader) for name, pictures in groups.items()]
    text = "\n".join(lines)
    print(text)
    print(f"\nWritten to {record.save('drawings', text)}")


HEADER: Final = "| pictures | number | with a face | of these, certain without looking for drawings | certain |"


def row(name: str, pictures: Iterable[Image], reader: FaceReader) -> str:
    """A line of the table."""
    number = faces = before = after = 0
    for picture in pictures:
        number += 1
        still = reader.read(picture)
        film = reader.follow().read(Frame(picture, index=0, time_s=0.0))
        faces += bool(still)
        before += any(one.expression.confident for one in film)
        after += any(one.expression.confident for one in still)
    return f"| {name} | {number} | {faces} | {before / max(1, faces):.1%} | {after / max(1, faces):.1%} |"


def emoji(font_path: Path) -> Iterator[Image]:
    """Each emoji in each size on each ground, uint8 [480, 640, 3]."""
    font = PIL.ImageFont.truetype(font_path, _FONT_SIZE)
    for size in SIZES_PX:
        for ground in GROUNDS:
            for code in EMOJI:
                glyph = PIL.Image.new("RGB", (136, 128), ground)
                PIL.ImageDraw.Draw(glyph).text((0, 0), chr(code), font=font, embedded_color=True)
                height = round(128 * size / 136)
                picture = PIL.Image.new("RGB", (640, 480), ground)
                scaled = glyph.resize((size, height), PIL.Image.Resampling.LANCZOS)
                picture.paste(scaled, ((640 - size) // 2, (480 - height) // 2))
                yield np.asarray(picture, dtype=np.uint8)


def crops(data: Path) -> Iterator[Image]:
    """Rows of PublicTest as pictures, uint8 [320, 320, 3]."""
    rows = read(data).part("PublicTest")
    good = np.flatnonzero(rows.votes[:, VOTE_CLASSES.index(_NOT_A_FACE)] == 0)
    for index in np.random.default_rng(1).choice(good, ROWS, replace=False):
        picture = np.full((320, 320, 3), 128, np.uint8)
        picture[88:232, 88:232] = cv2.resize(rows.images[index], (144, 144), interpolation=cv2.INTER_CUBIC)[..., None]
        yield picture


def _narrow(photo: Image, width: int) -> Image:
    scale = width / photo.shape[1]
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _dark(photo: Image) -> Image:
    small = _narrow(photo, 480)
    noise = np.random.default_rng(0).normal(0, 4, small.shape)
    return np.clip(small * 0.2 + noise, 0, 255).astype(np.uint8)


def _compressed(photo: Image) -> Image:
    _, data = cv2.imencode(".jpg", _narrow(photo, 480), [cv2.IMWRITE_JPEG_QUALITY, 8])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


SPOILT: Final = {
    "320 pixels": lambda photo: _narrow(photo, 320),
    "160 pixels": lambda photo: _narrow(photo, 160),
    "dark": _dark,
    "blurred": lambda photo: np.asarray(cv2.GaussianBlur(_narrow(photo, 480), (0, 0), 5), dtype=np.uint8),
    "overexposed": lambda photo: np.clip(_narrow(photo, 480) * 2.2, 0, 255).astype(np.uint8),
    "smoothed": lambda photo: np.asarray(cv2.bilateralFilter(_narrow(photo, 480), 9, 60, 9), dtype=np.uint8),
    "JPEG of quality 8": _compressed,
}
"""What makes a picture bad, by its name."""


if __name__ == "__main__":
    main()
