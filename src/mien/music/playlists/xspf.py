"""Reads and writes playlists in XSPF (XML) and JSPF (JSON), https://www.xspf.org, in which entries need no file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from mien.errors import PlaylistError
from mien.music.cue import is_track_path
from mien.music.location import LocalFile
from mien.music.playlists.m3u import MAX_ENTRIES, check_size, file_named
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.text import clean_text, decode_text

_NAMESPACE = "http://xspf.org/ns/0/"
_MAX_PROLOGUE = 10_000
_MAX_SHOWN_CHARS = 200
_MAX_DURATION_S = 10**7


def write_xspf(playlist: Playlist) -> bytes:
    """Encode a playlist in XSPF version 1, in UTF-8."""
    root = ET.Element("playlist", {"version": "1", "xmlns": _NAMESPACE})
    ET.SubElement(root, "title").text = clean_text(playlist.name)
    tracks = ET.SubElement(root, "trackList")
    for entry in playlist.entries:
        track = ET.SubElement(tracks, "track")
        for name, value in _fields(entry):
            ET.SubElement(track, name).text = str(value)
    ET.indent(root)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def write_jspf(playlist: Playlist) -> bytes:
    """Encode a playlist in JSPF, in UTF-8."""
    tracks: list[dict[str, Any]] = []
    for entry in playlist.entries:
        fields = dict(_fields(entry))
        tracks.append({name: [value] if name == "location" else value for name, value in fields.items()})
    document = {"playlist": {"title": clean_text(playlist.name), "track": tracks}}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def read_xspf(data: bytes, *, name: str, folder: Path) -> tuple[Playlist, list[str]]:
    """Parse a playlist in XSPF.

    Args:
        data: The content of the file.
        name: The name of the playlist.
        folder: The folder that relative addresses start from.

    Returns:
        The playlist, and the addresses that name no file here; an entry without a file has an empty path.

    Raises:
        PlaylistError: If it is too large, is not a playlist, or has more than ``MAX_ENTRIES`` entries.
    """
    check_size(data, name)
    if b"<!DOCTYPE" in data[:_MAX_PROLOGUE].upper().replace(b"\0", b""):
        raise _not_a_playlist(name)
    try:
        root = ET.fromstring(data)  # noqa: S314 - without a document type no entity can grow
    except (ET.ParseError, ValueError, LookupError) as error:
        raise _not_a_playlist(name) from error
    if _bare(root) != "playlist":
        raise _not_a_playlist(name)
    lists = [child for child in root if _bare(child) == "trackList"]
    tracks = [{_bare(field): field.text or "" for field in reversed(track)} for one in lists for track in one]
    return _playlist(tracks, name=name, folder=folder)


def read_jspf(data: bytes, *, name: str, folder: Path) -> tuple[Playlist, list[str]]:
    """Parse a playlist in JSPF.

    Args:
        data: The content of the file.
        name: The name of the playlist.
        folder: The folder that relative addresses start from.

    Returns:
        What ``read_xspf`` returns.

    Raises:
        PlaylistError: As in ``read_xspf``.
    """
    check_size(data, name)
    try:
        document = json.loads(decode_text(data))
        tracks = document["playlist"]["track"]
        fields = [{str(key): _first(value) for key, value in track.items()} for track in tracks]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise _not_a_playlist(name) from error
    return _playlist(fields, name=name, folder=folder)


def _playlist(tracks: Sequence[Mapping[str, str]], *, name: str, folder: Path) -> tuple[Playlist, list[str]]:
    if len(tracks) > MAX_ENTRIES:
        raise PlaylistError(f"has more than {MAX_ENTRIES} pieces", "split it", subject=name)
    entries: list[PlaylistEntry] = []
    invalid: list[str] = []
    for track in tracks:
        address = track.get("location", "").strip()
        title, artist, album = (clean_text(track.get(key)) for key in ("title", "creator", "album"))
        path = file_named(address.encode("utf-8", "replace"), folder) if address else None
        if path is None and not title:
            invalid.append(clean_text(address)[:_MAX_SHOWN_CHARS])
        else:
            entry = PlaylistEntry(LocalFile(path or Path()), title, artist, album, _duration_s(track.get("duration")))
            entries.append(entry)
    return Playlist(name, tuple(entries)), invalid


def _not_a_playlist(name: str) -> PlaylistError:
    return PlaylistError("is not a playlist that mien can read", "save it as M3U8, XSPF or JSPF", subject=name)


def _bare(element: ET.Element) -> str:
    """An element's name without its namespace, which some programs leave out."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _first(value: object) -> str:
    """A value of JSON as text; the first of a list, as JSPF has for addresses."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value) if isinstance(value, str | int | float) else ""


def _duration_s(text: str | None) -> float:
    """Seconds of a text in milliseconds; 0 if it is no number of them."""
    try:
        seconds = float(text or 0) / 1000
    except ValueError:
        return 0.0
    return seconds if 0 < seconds < _MAX_DURATION_S else 0.0


def _fields(entry: PlaylistEntry) -> Iterator[tuple[str, str | int]]:
    """The fields of an entry in the order that XSPF requires; a file on a server or a part has no URI."""
    if isinstance(entry.location, LocalFile) and not is_track_path(entry.location.path):
        yield "location", entry.location.path.absolute().as_uri()
    for name, text in (("title", entry.title), ("creator", entry.artist)):
        if cleaned := clean_text(text):
            yield name, cleaned
    if cleaned := clean_text(entry.album):
        yield "album", cleaned
    if entry.duration_s > 0:
        yield "duration", round(entry.duration_s * 1000)
