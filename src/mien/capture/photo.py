"""Decodes photographs and JPEG frames to upright RGB, within a limit on the number of pixels."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import BinaryIO, Final

import cv2
import numpy as np
import PIL.Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from mien.capture.heif import HEIF_START_BYTES, is_heif, open_heif
from mien.capture.jpeg_header import JPEG_START, read_jpeg_header
from mien.errors import ImageError, file_remedy
from mien.types import Image

_log = logging.getLogger(__name__)

#: More than the picture of a full-frame camera; larger JPEGs are reduced while they are decoded.
MAX_PIXELS: Final = 36_000_000

#: The formats that are opened. Pillow's others hold no photographs, and some of them start other programs.
FORMATS: Final = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")

MAX_SCANS: Final = 16
"""The most scans of a live frame: each is decoded over the whole picture, so many of them cost seconds. Cameras and
browsers send one, common encoders of progressive JPEGs ten."""

_JPEG_REDUCTIONS: Final = (1, 2, 4, 8)
_JPEG_END: Final = b"\xff\xd9"
_END_REPEATS: Final = 64  # so that the decoder never waits for more
_MAX_CUT_OFF_BYTES: Final = 200_000_000

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
"""The transformation that makes a picture upright, by its EXIF orientation."""

#: The warning filter is shared by all threads.
_WARNINGS_LOCK: Final = Lock()


def read_photo(
    path: Path | str, *, max_pixels: int = MAX_PIXELS, on_note: Callable[[str], None] | None = None
) -> Image:
    """Read the picture in a file.

    Transparent pictures are placed on white; of an animation or a series, the first picture is read. A JPEG that is cut
    off is read as far as it goes, as viewers do: what is missing has one colour, and a note says so.

    Args:
        path: The file.
        max_pixels: A larger JPEG is reduced by two, four or eight while it is decoded; another larger picture is
            refused by its header.
        on_note: Called with a sentence if only a part could be read; by default it is logged as a warning.

    Returns:
        The picture, uint8 [height, width, 3] RGB, upright by its EXIF orientation.

    Raises:
        ImageError: The file is missing, empty, damaged, too big or not a picture.
    """
    path = Path(path)
    note = on_note or _log.warning
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # opening a pipe would block
            raise ImageError("is not a file", "name a picture", subject=path)
        with path.open("rb") as file:
            start = file.read(HEIF_START_BYTES)
            if not start:
                raise ImageError("is empty", "copy it again from the original", subject=path)
            file.seek(0)
            picture = _opened(file, start, path)
            _bound(picture, path, max_pixels)
            try:
                picture.load()
            except OSError as error:
                if error.errno is not None or picture.format != "JPEG" or not _is_cut_off(file):
                    raise
                picture = _completed(file, path, max_pixels)
                note(f"{path} is cut off; it was read as far as it goes. Copy it again from the original.")
            turn = _TURNS.get(_orientation(picture))  # asked only now, because loading has already turned a TIFF
            pixels = _rgb(picture)
            return np.array(pixels if turn is None else pixels.transpose(turn), dtype=np.uint8)
    except ImageError:
        raise
    except PIL.Image.DecompressionBombError as error:
        raise _too_big(path, "hundreds of megapixels") from error
    except PIL.UnidentifiedImageError as error:
        raise ImageError("is not a picture that mien can read", "save it as JPEG or PNG", subject=path) from error
    except Exception as error:  # Pillow's decoders raise almost any exception for damaged data
        if isinstance(error, OSError) and error.strerror:  # from the system, not from Pillow
            raise ImageError(f"cannot be opened: {error.strerror.lower()}", file_remedy(error), subject=path) from error
        raise ImageError("is damaged or cut off", "copy it again from the original", subject=path) from error


def decode_jpeg(data: bytes, *, max_pixels: int) -> Image:
    """Decode one frame of a live channel.

    Args:
        data: The frame as a JPEG.
        max_pixels: The largest frame that is decoded.

    Returns:
        The picture, uint8 [height, width, 3] RGB, upright.

    Raises:
        ImageError: The data is not a JPEG, is cut off or damaged, or has more than ``max_pixels`` or ``MAX_SCANS``.
    """
    header = read_jpeg_header(data)
    if header.width_px * header.height_px > max_pixels:
        size = f"{header.width_px} by {header.height_px} pixels"
        raise ImageError(f"the frame has {size}", f"send at most {max_pixels} of them")
    if header.scans > MAX_SCANS:
        raise ImageError(f"the frame has more than {MAX_SCANS} scans", "send a baseline JPEG")
    if not header.complete:
        raise ImageError("the frame is cut off", "send the whole JPEG")
    image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise ImageError("the frame is damaged", "send a whole JPEG")
    return np.asarray(image, dtype=np.uint8)


@contextmanager
def _silent() -> Iterator[None]:
    """Suppress Pillow's warnings about large pictures, which are handled here, and about unusual EXIF data."""
    with _WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _opened(file: BinaryIO, start: bytes, path: Path) -> ImageFile:
    """The picture, not decoded yet.

    A JPEG is not opened through ``PIL.Image.open``, which would refuse large pictures that can be reduced.
    """
    with _silent():
        if start.startswith(JPEG_START):
            return JpegImageFile(file)
        return open_heif(file, path) if is_heif(start) else PIL.Image.open(file, formats=FORMATS)


def _is_cut_off(file: BinaryIO) -> bool:
    """Whether a JPEG lacks its end, after the beginning of its first scan."""
    file.seek(0)
    try:
        return not read_jpeg_header(file.read(_MAX_CUT_OFF_BYTES)).complete
    except ImageError:
        return False


def _completed(file: BinaryIO, path: Path, max_pixels: int) -> ImageFile:
    """A decoded JPEG that lacks its end, with an end put after what is there; the rest has one colour."""
    file.seek(0)
    data = file.read(_MAX_CUT_OFF_BYTES)
    picture = _opened(BytesIO(data + _JPEG_END * _END_REPEATS), data[:HEIF_START_BYTES], path)
    _bound(picture, path, max_pixels)
    picture.load()
    return picture


def _bound(picture: ImageFile, path: Path, max_pixels: int) -> None:
    """Reduce a large JPEG so that it fits into ``max_pixels``; refuse other large pictures.

    A progressive JPEG cannot be reduced cheaply: its coefficients are kept whole until the last pass.
    """
    width, height = picture.size
    can_reduce = picture.format == "JPEG" and not picture.info.get("progressive")
    for reduction in _JPEG_REDUCTIONS if can_reduce else (1,):
        if math.ceil(width / reduction) * math.ceil(height / reduction) <= max_pixels:
            picture.draft(None, (width // reduction, height // reduction))
            return
    raise _too_big(path, f"{width * height / 1e6:.0f} megapixels")


def _too_big(path: Path, size: str) -> ImageError:
    remedy = "make it smaller, or save it as a baseline JPEG, which can be reduced"
    return ImageError(f"is too big ({size})", remedy, subject=path)


def _orientation(picture: ImageFile) -> int:
    try:
        with _silent():
            return int(picture.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # damaged EXIF data raises almost any exception; the picture is read anyway
        return 1


def _rgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    if picture.mode.startswith("I"):  # 16-bit gray, which Pillow would clip at 255
        values = np.asarray(picture, dtype=np.float32)
        values /= 257
        return PIL.Image.fromarray(values.clip(0, 255, out=values).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        opaque = PIL.Image.new("RGBA", picture.size, "white")
        opaque.alpha_composite(picture.convert("RGBA"))
        return opaque.convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")  # convert would copy it
