"""Writes playlists in XSPF (XML) and JSPF (JSON), https://www.xspf.org, in which entries need no file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from mien.music.cue import is_track_path
from mien.music.location import LocalFile
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.text import clean_text

_NAMESPACE = "http://xspf.org/ns/0/"


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
