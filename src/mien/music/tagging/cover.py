"""Reads cover art: the picture in a music file, or the one beside it."""

from __future__ import annotations

from pathlib import Path

from tinytag import TinyTag, TinyTagException

from mien.types import Cover

_COVER_NAMES = ("cover", "folder", "front", "album")
_COVER_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_COVER_BYTES_MOST = 20_000_000
# Only pictures that a page may show; the first bytes say what a picture is, the tag's word for it counts nothing.
_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))


def embedded_cover(path: Path) -> Cover | None:
    """Return the picture inside a music file, the front cover before any other; None where there is none."""
    try:
        image = TinyTag.get(path, duration=False, image=True).images.any
    except (TinyTagException, OSError):
        return None
    return as_cover(image.data) if image is not None else None


def cover_beside(path: Path) -> Cover | None:
    """Return the picture that a folder keeps for its music, as in cover.jpg or folder.png; None where there is none."""
    try:
        pictures = {entry.name.lower(): entry for entry in path.parent.iterdir() if _may_be_cover(entry)}
        for stem in _COVER_NAMES:
            for suffix in _COVER_SUFFIXES:
                beside = pictures.get(stem + suffix)
                if beside is not None and beside.stat().st_size <= _COVER_BYTES_MOST:
                    return as_cover(beside.read_bytes())
    except OSError:
        return None
    return None


def _may_be_cover(entry: Path) -> bool:
    return entry.suffix.lower() in _COVER_SUFFIXES and entry.stem.lower() in _COVER_NAMES and entry.is_file()


def as_cover(data: bytes) -> Cover | None:
    """The bytes of a picture as a cover; None where they are too many, or no picture that a page may show."""
    if len(data) > _COVER_BYTES_MOST:
        return None
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Cover(data, "image/webp")
    return next((Cover(data, kind) for signature, kind in _SIGNATURES if data.startswith(signature)), None)
