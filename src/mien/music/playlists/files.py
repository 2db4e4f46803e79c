"""Playlists in files: reads M3U8, and writes the format that a file's ending names."""

from __future__ import annotations

from pathlib import Path

from mien.errors import PlaylistError
from mien.music.playlists.m3u import BYTES_MOST, read_m3u, write_m3u
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.playlists.spiff import write_jspf, write_xspf

SUFFIXES = (".m3u8", ".m3u", ".xspf", ".jspf")
"""What can be written; .m3u is M3U8 under its old name."""


def read_playlist(path: Path) -> tuple[Playlist, list[str]]:
    """A playlist in M3U8, called as its file is, and the lines in it that name no file; raises ``PlaylistError``."""
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MOST + 1)
    except OSError as error:
        raise PlaylistError(f"{path} cannot be read ({error.strerror}); check its name and permissions.") from error
    return read_m3u(data, name=path.stem, folder=path.absolute().parent)


def write_playlist(path: Path, playlist: Playlist) -> list[PlaylistEntry]:
    """Write a playlist, and return the entries that its format cannot name; raises ``PlaylistError``.

    An ending that is none of ``SUFFIXES`` is refused, and so is a playlist of which nothing would be left.
    """
    data, left_out = encode(path.suffix, playlist)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise PlaylistError(f"{path} cannot be written ({error.strerror}); make room, or choose a folder.") from error
    return left_out


def encode(suffix: str, playlist: Playlist) -> tuple[bytes, list[PlaylistEntry]]:
    """A playlist in the format that an ending names, and the entries that the format cannot name."""
    match suffix.lower():
        case ".m3u8" | ".m3u":
            data, left_out = write_m3u(playlist)
        case ".xspf":
            data, left_out = write_xspf(playlist), []
        case ".jspf":
            data, left_out = write_jspf(playlist), []
        case _:
            raise PlaylistError(f"A playlist's name ends in one of {', '.join(SUFFIXES)}, not in “{suffix}”.")
    if len(left_out) == len(playlist.entries):
        raise PlaylistError("No entry of this playlist can be written to such a file; keep it on its server.")
    return data, left_out
