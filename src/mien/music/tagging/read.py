"""Reads a music file's tags, with title and artist from the file's name if they lack them.

mien reads ID3 and APEv2 itself, tinytag the tags of Ogg, FLAC, MP4, WMA, WAV and AIFF, FFmpeg those of other formats.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
from tinytag import TinyTag, TinyTagException

from mien.music.names import credited_text, genres_in
from mien.music.tagging.apev2 import read_apev2
from mien.music.tagging.cover import as_cover
from mien.music.tagging.id3_read import id3v2_size, read_id3v1, read_id3v2
from mien.music.tagging.moods import stated_explicit, stated_language, stated_mood
from mien.music.tagging.raw import RawTags
from mien.music.text import clean_text
from mien.types import Cover

TAG_READER_VERSION = 2
"""Grows when tags are read better than before: the tags of files that an older one read are then read again."""

_TRACK_NUMBER = re.compile(r"^\d{1,3}(?:[.)_-]\s*|\s+-?\s*)(?=\S)")
_ARTIST_TITLE = re.compile(r"\s+[-–—]\s+")
_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)")
# The formats, by their first bytes, whose tags only tinytag reads here; the first bytes of MP4 follow a size.
_TINYTAG_SIGNATURES = (b"fLaC", b"OggS", b"RIFF", b"FORM", b"\x30\x26\xb2\x75")


@dataclass(frozen=True, slots=True)
class FileTags:
    """A file's tags. ``title`` is never empty; unknown texts are empty, other unknown values None.

    ``artist`` names several artists separated by semicolons; ``mood`` is a valence and an arousal, -1..1;
    ``has_picture`` tells whether the file contains a cover.
    """

    title: str
    artist: str
    album: str
    genres: tuple[str, ...]
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
    found = _raw_tags(path)
    fields = found.fields
    title = clean_text(_first(fields.get("title")))
    artists = [*fields.get("artist", ()), *fields.get("artists", ())] or fields.get("albumartist", [])[:1]
    return FileTags(
        title=title or named_title,
        artist=credited_text(map(clean_text, artists)) or ("" if title else named_artist),
        album=clean_text(_first(fields.get("album"))),
        genres=genres_in(map(clean_text, fields.get("genre", ()))),
        year=year_in(_first(fields.get("year"))),
        language=stated_language(fields),
        explicit=stated_explicit(fields),
        mood=stated_mood(fields),
        has_picture=as_cover(found.picture) is not None,
    )


def year_in(text: str) -> int | None:
    """The year that a date in any notation names; None if it names none."""
    found = _YEAR.search(text)
    return int(found.group()) if found else None


def embedded_cover(path: Path) -> Cover | None:
    """The picture inside a music file, preferably the front cover; None if there is none."""
    try:
        return as_cover(_raw_tags(path).picture)
    except OSError:
        return None


def _raw_tags(path: Path) -> RawTags:
    """The tags of a file by the readers that know its format; FFmpeg is asked for the title or artist they miss."""
    with path.open("rb") as file:
        tags = RawTags()
        # A tag of a shape that no reader expects counts as missing.
        with suppress(ValueError, IndexError):
            if _is_tinytags(file):
                if _has_chunks(file):
                    tags.add_missing(read_id3v2(file))
                tags.add_missing(_by_tinytag(path, file))
            else:
                tags.add_missing(read_id3v2(file))
                tags.add_missing(read_apev2(file))
                tags.add_missing(read_id3v1(file))
        if not tags.fields.get("title") or not tags.fields.get("artist"):
            tags.add_missing(_by_ffmpeg(path))
    return tags


def _is_tinytags(file: BinaryIO) -> bool:
    file.seek(id3v2_size(file))
    head = file.read(12)
    return head.startswith(_TINYTAG_SIGNATURES) or head[4:8] == b"ftyp"


def _has_chunks(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(4) in {b"RIFF", b"FORM"}


def _by_tinytag(path: Path, file: BinaryIO) -> RawTags | None:
    file.seek(0)
    try:
        found = TinyTag.get(path, file, duration=False, image=True)
    except TinyTagException:
        return None
    tags = RawTags()
    for name in ("title", "artist", "albumartist", "album", "genre", "year"):
        tags.add(name, getattr(found, name) or "")
    for name, values in found.other.items():
        for value in values:
            tags.add(name.lower(), str(value))
    if (image := found.images.any) is not None:
        tags.add_picture(image.data, is_front=found.images.front_cover is not None)
    return tags


def _by_ffmpeg(path: Path) -> RawTags | None:
    tags = RawTags()
    # A playlist with an audio suffix could make FFmpeg connect to servers.
    options = {"protocol_whitelist": "file"}
    try:
        with av.open(f"file:{path}", "r", options=options, metadata_errors="replace") as container:
            streams = container.streams.audio[:1]
            for metadata in (container.metadata, *(stream.metadata for stream in streams)):
                for name, value in metadata.items():
                    tags.add({"album_artist": "albumartist", "date": "year"}.get(name.lower(), name.lower()), value)
            for stream in container.streams.video:
                if stream.disposition & stream.disposition.attached_pic:
                    packet = next(container.demux(stream), None)
                    tags.add_picture(bytes(packet) if packet is not None else b"", is_front=False)
    except (av.FFmpegError, OSError, ValueError, IndexError):
        return None
    return tags


def _first(values: list[str] | None) -> str:
    return values[0] if values else ""


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
