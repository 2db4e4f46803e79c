"""Reads what a music file says of itself: tags, pictures, and where they lack, its name."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tinytag import TinyTag, TinyTagException

from mien.music.sources.source import Cover
from mien.music.stated import stated_explicit, stated_language, stated_mood

_COVER_NAMES = ("cover", "folder", "front", "album")
_COVER_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_COVER_BYTES_MOST = 20_000_000
_TEXT_MOST = 1000
_LETTERS_SURE = 4
# Only pictures that a page may show; the first bytes say what a picture is, the tag's word for it counts nothing.
_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF8", "image/gif"))

_TRACK_NUMBER = re.compile(r"^\d{1,3}(?:[.)_-]\s*|\s+-?\s*)(?=\S)")
_ARTIST_TITLE = re.compile(r"\s+[-–—]\s+")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")


@dataclass(frozen=True, slots=True)
class Tags:
    """What is known of a file: ``title`` is never empty; the other texts are, and the rest is None, if unknown.

    ``mood`` is a valence and an arousal, -1..1; ``has_picture`` says whether the file holds a picture.
    """

    title: str
    artist: str
    album: str
    genre: str
    year: int | None
    language: str = ""
    explicit: bool | None = None
    mood: tuple[float, float] | None = None
    has_picture: bool = False


def read_tags(path: Path) -> Tags:
    """Read a file's tags; a title or an artist that it lacks comes from a name like "01 Artist - Title.mp3".

    Raises ``OSError`` when the file cannot be read; damaged tags count as missing ones.
    """
    named_artist, named_title = _from_name(path)
    try:
        found = TinyTag.get(path, duration=False, image=True)
    except TinyTagException:
        return Tags(named_title, named_artist, "", "", None)
    title = clean_text(found.title)
    year = _YEAR.search(found.year or "")
    fields = {name.lower(): [str(value) for value in values] for name, values in found.other.items()}
    return Tags(
        title=title or named_title,
        artist=clean_text(found.artist) or clean_text(found.albumartist) or ("" if title else named_artist),
        album=clean_text(found.album),
        genre=clean_text(found.genre),
        year=int(year.group()) if year else None,
        language=stated_language(fields),
        explicit=stated_explicit(fields),
        mood=stated_mood(fields),
        has_picture=found.images.any is not None and as_cover(found.images.any.data) is not None,
    )


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


def _from_name(path: Path) -> tuple[str, str]:
    """Artist (or nothing) and title, as a file's name has them."""
    name = clean_text(path.stem.replace("_", " "))
    bare = _TRACK_NUMBER.sub("", name)
    artist, *rest = _ARTIST_TITLE.split(bare, maxsplit=1)
    if rest and _says_something(artist) and _says_something(rest[0]):
        return artist.strip(), rest[0].strip()
    return "", bare or name or "untitled"


def _says_something(text: str) -> bool:
    return any(char.isalnum() for char in text)


def clean_text(text: str | None) -> str:
    """A tag's text without control characters and outer blanks, its encoding mended where that is certain.

    What is longer than any name, as damaged tags can be, is cut.
    """
    if not text:
        return ""
    mended = _mended(text[:_TEXT_MOST]).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else " " for char in mended).strip()


def _mended(text: str) -> str:
    """Undo common mistakes in what a tag claims to be.

    UTF-8 taken for Latin-1 ("BjÃ¶rk"); Windows' Cyrillic taken for Latin-1 ("Êèíî": no language writes four letters
    without a plain one among them); the two bytes of each letter of UTF-16 the wrong way round ("匀漀渀最").
    """
    if text.isascii():
        return text
    try:
        raw = text.encode("latin-1")
    except UnicodeError:
        turned = text.encode("utf-16-le", "replace").decode("utf-16-be", "replace")
        return turned if turned.isascii() else text
    with suppress(UnicodeError):
        return raw.decode("utf-8")
    letters = [char for char in text if char.isalpha()]
    if len(letters) >= _LETTERS_SURE and not any(map(str.isascii, letters)):
        with suppress(UnicodeError):
            return raw.decode("cp1251")
    return text
