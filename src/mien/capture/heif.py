"""Opens HEIC and HEIF pictures, as phones take them, with libheif.

docs/decisions names the packages that bring it, and what they weigh.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

from PIL.ImageFile import ImageFile

from mien.errors import ImageError

HEIF_START_BYTES: Final = 64
"""How many of a file's first bytes tell whether it is HEIF."""

_BRANDS: Final = frozenset((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"))
_AVIF: Final = frozenset((b"avif", b"avis"))


def is_heif(start: bytes) -> bool:
    """Whether a file that begins so is HEIF with HEVC; AVIF, which Pillow reads, is the same container."""
    size = int.from_bytes(start[:4], "big")
    if start[4:8] != b"ftyp" or not size >= 16:
        return False
    brands = {start[8:12], *(start[at : at + 4] for at in range(16, min(size, len(start) - 3), 4))}
    return bool(brands & _BRANDS) and not brands & _AVIF


def open_heif(file: BinaryIO, path: Path) -> ImageFile:
    """The picture, not decoded yet; it is upright when it is.

    Args:
        file: The open file.
        path: What an error names.

    Raises:
        ImageError: Neither pi-heif nor pillow-heif is installed.
    """
    try:
        from pi_heif import HeifImageFile
    except ImportError:
        try:
            from pillow_heif import HeifImageFile
        except ImportError as error:
            remedy = "install pi-heif (pip install pi-heif), or save it as JPEG"
            raise ImageError("is a HEIC picture, which needs the package pi-heif", remedy, subject=path) from error
    picture: ImageFile = HeifImageFile(file)
    return picture
