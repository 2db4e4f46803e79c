"""Reads cover art: which pictures may be shown, and the picture beside a music file."""

from __future__ import annotations

from pathlib import Path

from mien.types import Cover

_COVER_NAMES = ("cover", "folder", "front", "album")
_COVER_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_MAX_COVER_BYTES = 20_000_000
# Only types that a page may show; the first bytes tell the type, whatever the tag says.
_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))


def cover_beside(path: Path) -> Cover | None:
    """The picture in the file's folder, such as cover.jpg or folder.png; None if there is none."""
    try:
        pictures = {entry.name.lower(): entry for entry in path.parent.iterdir() if _may_be_cover(entry)}
        for stem in _COVER_NAMES:
            for suffix in _COVER_SUFFIXES:
                beside = pictures.get(stem + suffix)
                if beside is not None and beside.stat().st_size <= _MAX_COVER_BYTES:
                    return as_cover(beside.read_bytes())
    except OSError:
        return None
    return None


def _may_be_cover(entry: Path) -> bool:
    return entry.suffix.lower() in _COVER_SUFFIXES and entry.stem.lower() in _COVER_NAMES and entry.is_file()


def as_cover(data: bytes) -> Cover | None:
    """An encoded picture as a cover; None if it is too large or of a type that a page may not show."""
    if len(data) > _MAX_COVER_BYTES:
        return None
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Cover(data, "image/webp")
    return next((Cover(data, kind) for signature, kind in _SIGNATURES if data.startswith(signature)), None)
