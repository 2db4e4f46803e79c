"""Turns photographs and JPEG frames into RGB pixels, upright, without ever decoding more than it was told to."""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

import cv2
import numpy as np
import PIL.Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from mien.errors import ImageError
from mien.types import Image

#: More than a full-frame camera's picture; a JPEG beyond it is halved while it is decoded.
MAX_PIXELS: Final = 36_000_000

#: What is opened. Pillow knows more formats, but some of them start other programs, and none holds photographs.
FORMATS: Final = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")

_JPEG_START: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
_JPEG_REDUCTIONS: Final = (1, 2, 4, 8)
_START_OF_SCAN: Final = 0xDA
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # those three head tables

_ORIENTATION_TAG: Final = 0x0112
_TURNS: Final = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
"""What puts a picture upright, by the value of its EXIF orientation."""

#: Which warnings are shown is one setting for all threads, so they take turns in changing it.
_SILENCE: Final = Lock()


def read_photo(path: Path | str, *, max_pixels: int = MAX_PIXELS) -> Image:
    """The picture in a file, uint8 [height, width, 3] RGB, turned as its EXIF orientation says.

    Transparent pictures lie on white; of an animation or a series it is the first picture. A JPEG of more than
    ``max_pixels`` is reduced by two, four or eight while it is decoded; any other picture of that size is refused by
    its header. Raises ``ImageError`` for that, and for a file that is missing, empty, cut off or not a picture.
    """
    path = Path(path)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # opening a pipe would wait for its other end
            raise ImageError(f"{path} is not a file; name a picture")
        with path.open("rb") as file:
            is_jpeg = file.read(len(_JPEG_START)) == _JPEG_START
            if file.tell() == 0:
                raise ImageError(f"{path.name} is empty; copy it again from where it came")
            file.seek(0)
            picture = _opened(file, is_jpeg=is_jpeg)
            _bound(picture, path.name, max_pixels)
            picture.load()
            turn = _TURNS.get(_orientation(picture))  # asked only now, for loading has turned a TIFF already
            pixels = _rgb(picture)
            return np.array(pixels if turn is None else pixels.transpose(turn), dtype=np.uint8)
    except ImageError:
        raise
    except PIL.Image.DecompressionBombError as error:
        raise ImageError(_too_big(path.name, "hundreds of megapixels")) from error
    except PIL.UnidentifiedImageError as error:
        raise ImageError(f"{path.name} is not a picture that mien can read; save it as JPEG or PNG") from error
    except Exception as error:  # on broken data Pillow's decoders raise nearly anything
        if isinstance(error, OSError) and error.strerror:  # the system's own word, not Pillow's
            raise ImageError(f"{path} cannot be opened: {error.strerror.lower()}") from error
        raise ImageError(f"{path.name} is damaged or cut off; copy it again from where it came") from error


def decode_jpeg(data: bytes, *, max_pixels: int) -> Image:
    """The picture in ``data``, one frame of a live channel: uint8 [height, width, 3] RGB, upright.

    Raises ``ImageError`` when it is not a JPEG, is cut off, or its header claims more than ``max_pixels``.
    """
    width_px, height_px, scan = _jpeg_header(data)
    if width_px * height_px > max_pixels:
        raise ImageError(f"the frame has {width_px} by {height_px} pixels; send at most {max_pixels} of them")
    if data.rfind(_JPEG_END) < scan:
        raise ImageError("the frame is cut off; send the whole JPEG")
    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise ImageError("the frame is damaged; send a whole JPEG")
    return np.asarray(image, dtype=np.uint8)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep to ourselves what Pillow warns of: large pictures, which are dealt with here, and odd EXIF data."""
    with _SILENCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _opened(file: BinaryIO, *, is_jpeg: bool) -> ImageFile:
    """The picture, not decoded yet.

    A JPEG is not opened through ``PIL.Image.open``, which refuses by their size pictures that can be reduced.
    """
    with _silent():
        return JpegImageFile(file) if is_jpeg else PIL.Image.open(file, formats=FORMATS)


def _bound(picture: ImageFile, name: str, max_pixels: int) -> None:
    """Have a JPEG reduced so far that it fits, and refuse what does not.

    A progressive JPEG cannot be reduced cheaply: its coefficients are kept whole until the last pass.
    """
    width, height = picture.size
    can_reduce = picture.format == "JPEG" and not picture.info.get("progressive")
    for reduction in _JPEG_REDUCTIONS if can_reduce else (1,):
        if math.ceil(width / reduction) * math.ceil(height / reduction) <= max_pixels:
            picture.draft(None, (width // reduction, height // reduction))
            return
    raise ImageError(_too_big(name, f"{width * height / 1e6:.0f} megapixels"))


def _too_big(name: str, size: str) -> str:
    return f"{name} is too big ({size}); make it smaller, or save it as a baseline JPEG, which can be reduced"


def _orientation(picture: ImageFile) -> int:
    try:
        with _silent():
            return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # broken EXIF data is no reason to refuse a sound picture, and raises nearly anything
        return 1


def _rgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of gray, which Pillow would cut off at 255
        values = np.asarray(picture, dtype=np.float32)
        values /= 257
        return PIL.Image.fromarray(values.clip(0, 255, out=values).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        opaque = PIL.Image.new("RGBA", picture.size, "white")
        opaque.alpha_composite(picture.convert("RGBA"))
        return opaque.convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")  # which would copy it


def _jpeg_header(data: bytes) -> tuple[int, int, int]:
    """Width and height in pixels, and where the first scan starts (ITU-T T.81, annex B)."""
    if not data.startswith(_JPEG_START):
        raise ImageError("the frame is not a JPEG; send one")
    size = (0, 0)
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker == _START_OF_SCAN and min(size) > 0:
            return *size, position
        if marker in _FRAME_HEADERS and position + 9 <= len(data):
            height_px, width_px = struct.unpack_from(">HH", data, position + 5)
            size = (width_px, height_px)
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    raise ImageError("the frame is cut off or damaged; send the whole JPEG")
