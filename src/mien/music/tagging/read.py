"""Reads a music file's tags, with title and artist from the file's name if they lack them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tinytag import TinyTag, TinyTagException

from mien.music.tagging.cover import as_cover
from mien.music.tagging.moods import stated_explicit, stated_language, stated_mood
from mien.music.text import clean_text

_TRACK_NUMBER = re.compile(r"^\d{1,3}(?:[.)_-]\s*|\s+-?\s*)(?=\S)")
_ARTIST_TITLE = re.compile(r"\s+[-–—]\s+")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")


@dataclass(frozen=True, slots=True)
class FileTags:
    """A file's tags. ``title`` is never empty; unknown texts are empty, other unknown values None.

    ``mood`` is a valence and an arousal, -1..1; ``has_picture`` tells whether the file contains a cover.
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


def read_tags(path: Path) -> FileTags:
    """Read a file's tags; a missing title or artist comes from a name like "01 Artist - Title.mp3".

    Damaged tags count as missing.

    Raises:
        OSError: The file cannot be read.
    """
    named_artist, named_title = _from_name(path)
    try:
        found = TinyTag.get(path, duration=False, image=True)
    except TinyTagException:
        return FileTags(named_title, named_artist, "", "", None)
    title = clean_text(found.title)
    year = _YEAR.search(found.year or "")
    fields = {name.lower(): [str(value) for value in values] for name, values in found.other.items()}
    return FileTags(
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


def _from_name(path: Path) -> tuple[str, str]:
    """Artist (may be empty) and title from a file's name."""
    name = clean_text(path.stem.replace("_", " "))
    bare = _TRACK_NUMBER.sub("", name)
    artist, *rest = _ARTIST_TITLE.split(bare, maxsplit=1)
    if rest and _has_letters_or_digits(artist) and _has_letters_or_digits(rest[0]):
        return artist.strip(), rest[0].strip()
    return "", bare or name or "untitled"


def _has_letters_or_digits(text: str) -> bool:
    return any(char.isalnum() for char in text)
