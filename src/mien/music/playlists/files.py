"""Reads and writes playlists in the format that the file's suffix names."""

from __future__ import annotations

from pathlib import Path

from mien.errors import PlaylistError, Remedy
from mien.music.playlists.m3u import MAX_BYTES, read_m3u, write_m3u
from mien.music.playlists.playlist import Playlist, PlaylistEntry
from mien.music.playlists.xspf import read_jspf, read_xspf, write_jspf, write_xspf
from mien.storage.private_file import replace_file

SUFFIXES = (".m3u8", ".m3u", ".xspf", ".jspf")
"""The suffixes of the formats that can be read and written; .m3u is M3U8 under its old name."""


def read_playlist(path: Path) -> tuple[Playlist, list[str]]:
    """Read a playlist, which is named after its file; M3U and JSPF may be in UTF-16.

    Returns:
        The playlist, and the lines or addresses that do not name a file.

    Raises:
        PlaylistError: If the suffix is not one of ``SUFFIXES``, or if the file cannot be read, is too large,
            or is not a playlist.
    """
    if path.suffix.lower() not in SUFFIXES:
        remedy = f"choose a file with the suffix {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        raise PlaylistError("is not a playlist that can be read", remedy, subject=path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise PlaylistError(problem, "check its name and permissions", subject=path) from error
    reader = {".xspf": read_xspf, ".jspf": read_jspf}.get(path.suffix.lower(), read_m3u)
    return reader(data, name=path.stem, folder=path.absolute().parent)


def check_unwritten(path: Path) -> None:
    """Check that a playlist would replace nothing; raises ``PlaylistError`` if there is something at its path."""
    if path.exists() or path.is_symlink():
        raise PlaylistError("exists already", Remedy.OVERWRITE, subject=path)


def write_playlist(path: Path, playlist: Playlist) -> list[PlaylistEntry]:
    """Write a playlist in place of what is at its path, and return the entries that its format cannot express.

    An earlier file stays as it was unless the new one is complete.

    Raises:
        PlaylistError: If the suffix is not one of ``SUFFIXES``, no entry would be left, or the file cannot be written.
    """
    data, left_out = encode(path.suffix, playlist)
    try:
        replace_file(path, data)
    except OSError as error:
        problem = f"cannot be written ({error.strerror})"
        raise PlaylistError(problem, "make room, or choose a folder", subject=path) from error
    return left_out


def encode(suffix: str, playlist: Playlist) -> tuple[bytes, list[PlaylistEntry]]:
    """A playlist in the format that a suffix names, and the entries that the format cannot express."""
    match suffix.lower():
        case ".m3u8" | ".m3u":
            data, left_out = write_m3u(playlist)
        case ".xspf":
            data, left_out = write_xspf(playlist), []
        case ".jspf":
            data, left_out = write_jspf(playlist), []
        case _:
            problem = f"“{suffix}” is not the suffix of a playlist"
            raise PlaylistError(problem, f"choose one of {', '.join(SUFFIXES)}")
    if len(left_out) == len(playlist.entries):
        raise PlaylistError("No entry of the playlist can be written to such a file", "keep it on its server")
    return data, left_out
