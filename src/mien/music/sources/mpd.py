"""The source for the songs in MPD's database, which mien can analyse if it can read MPD's music folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, ClassVar, NamedTuple

from mien.errors import AudioError, Remedy, SourceError
from mien.music.cue import cue_part
from mien.music.location import ServerFile, open_file
from mien.music.names import credited_text, genres_in
from mien.music.servers.mpd import OPTIONS, TIMEOUT_S, MpdClient, MpdRefusedError, Pairs
from mien.music.servers.server import ServerInfo
from mien.music.sources.source import BrokenFile, SourceItem
from mien.music.tagging.cover import as_cover
from mien.music.text import clean_text
from mien.music.wave import open_part
from mien.types import Cover, Track

_MAX_PICTURE_BYTES = 20_000_000
_MAX_FOLDERS = 200_000
_MAX_VALUES = 64
_MAX_VALUE_LENGTH = 1000


class MpdSong(NamedTuple):
    """A song of MPD's database: MPD's name for it, and the values of its tags by MPD's names."""

    uri: str
    tags: Mapping[str, Sequence[str]]

    def first(self, name: str) -> str:
        """The first value of a tag; empty if there is none."""
        return next(iter(self.tags.get(name, ())), "")


class MpdSource:
    """The songs in an MPD's database.

    MPD sends no files. Its songs can be opened if its music folder is readable here: as ``folder``, or, if MPD is
    connected by its local socket, as the folder that MPD itself names.
    """

    name = "mpd"
    options: ClassVar = OPTIONS

    def __init__(
        self,
        address: str,
        *,
        password: str = "",
        name: str = "mpd",
        folder: Path | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Take the connection; nothing is asked yet.

        Args:
            address: See ``MpdClient``.
            password: MPD's password, empty if it has none.
            name: What the user calls the server; the prefix of its tracks' ids.
            folder: MPD's music folder as this computer sees it.
            timeout_s: How long MPD may be silent, in seconds.

        Raises:
            SourceError: The address is invalid.
        """
        self.name = name
        self.client = MpdClient(address, password=password, name=name, timeout_s=timeout_s)
        self._folder = folder
        self._songs: dict[str, MpdSong] = {}

    def sign_in(self) -> ServerInfo:
        """Connect, and return MPD's protocol version."""
        with self.client.connection() as connection:
            connection.ask("status")
            version = connection.version
        if self.folder() is None:
            return ServerInfo(f"MPD {version}", "plays on MPD only, not on this computer", Remedy.NAME_MUSIC_FOLDER)
        return ServerInfo(f"MPD {version}")

    def disconnect(self) -> None:
        """Cut every connection: see ``Disconnectable``."""
        self.client.disconnect()

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List the songs folder by folder; raises ``SourceError`` if MPD is out of reach."""
        pending, visited = [""], set[str]()
        while pending:
            folder = pending.pop()
            if folder in visited or len(visited) > _MAX_FOLDERS:
                continue
            visited.add(folder)
            found = self.client.ask("lsinfo", folder) if folder else self.client.ask("lsinfo")
            pending += reversed([value for name, value in found if name == "directory"])
            for song in parse_songs(found):
                uri = song.uri
                location = ServerFile.exact(self.name, uri)
                if location is None or "://" in uri or uri.startswith("/"):
                    problem = f"{clean_text(uri)!r} is outside MPD's music folder"
                    yield BrokenFile(ServerFile(self.name, PurePosixPath("unnamed")), problem)
                    continue
                key = key_of(uri)
                self._songs[key] = song
                yield SourceItem(key, location, 0, _nanoseconds(song.first("Last-Modified")))

    def read(self, item: SourceItem) -> Track:
        """Read a song's tags from MPD; raises ``AudioError`` if MPD has no such song."""
        song = self._song(item)
        year = song.first("Date")[:4]
        artists = song.tags.get("Artist") or song.tags.get("AlbumArtist", ())
        return Track(
            id=f"{self.name}:{item.key}",
            title=clean_text(song.first("Title")) or clean_text(item.location.stem) or "untitled",
            artist=credited_text(map(clean_text, artists)),
            album=clean_text(song.first("Album")),
            duration_s=_seconds(song.first("duration") or song.first("Time")),
            year=int(year) if len(year) == 4 and year.isascii() and year.isdecimal() and int(year) else None,
            genres=genres_in(map(clean_text, song.tags.get("Genre", ()))),
            has_cover=self._picture(song.uri, first_chunk_only=True) is not None,
        )

    def cover(self, item: SourceItem) -> Cover | None:
        """The picture in the song's file or its folder; None also if MPD is out of reach."""
        try:
            return self._picture(self.uri(item))
        except (AudioError, SourceError):
            return None

    def open(self, item: SourceItem, *, max_bytes: int | None = None) -> BinaryIO:  # noqa: ARG002 - a local file costs nothing
        """Open the song's file in MPD's folder; raises ``AudioError`` if either is not readable here."""
        uri = self.uri(item)
        folder = self.folder()
        if folder is None:
            raise AudioError(*_NO_FOLDER, subject=self.name)
        part = cue_part(folder / uri)
        path = (folder / uri if part is None else part.path).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise AudioError(f"{clean_text(uri)!r} is outside MPD's music folder.")
        return open_file(path) if part is None else open_part(path, part.track.start_s, part.track.end_s)

    def check_file_access(self) -> None:
        """Raise ``SourceError`` if MPD's music folder is not known on this computer."""
        if self.folder() is None:
            raise SourceError(*_NO_FOLDER, subject=self.name)

    def uri(self, item: SourceItem) -> str:
        """MPD's name of a song; raises ``AudioError`` if it has no such song."""
        return self._song(item).uri

    def folder(self) -> Path | None:
        """MPD's music folder on this computer, None if unknown."""
        if self._folder is None:
            with suppress(SourceError):
                self._folder = self.client.music_folder()
        return self._folder

    def _picture(self, uri: str, *, first_chunk_only: bool = False) -> Cover | None:
        data = self.client.picture(uri, max_bytes=_MAX_PICTURE_BYTES, first_chunk_only=first_chunk_only)
        return as_cover(data) if data else None

    def _song(self, item: SourceItem) -> MpdSong:
        song = self._songs.get(item.key)
        if song is not None:
            return song
        # Locations that an older mien stored are not always spelled as MPD does: then all songs are listed again.
        found: list[MpdSong] = []
        if isinstance(item.location, ServerFile):
            with suppress(MpdRefusedError):
                found = parse_songs(self.client.ask("lsinfo", str(item.location.path)))
        for song in found:
            self._songs[key_of(song.uri)] = song
        if item.key not in self._songs:
            for _ in self.items():
                pass
        if item.key not in self._songs:
            raise AudioError("has no such song", Remedy.SCAN, subject=self.name)
        return self._songs[item.key]


_NO_FOLDER = ("cannot be heard here: MPD sends no files", Remedy.NAME_MUSIC_FOLDER)


def key_of(uri: str) -> str:
    """The key of a song: 32 hexadecimal digits that depend on MPD's name for it only."""
    return hashlib.sha256(uri.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def parse_songs(answer: Pairs) -> list[MpdSong]:
    """The songs in an answer of MPD, each with the values of its tags, as many and as long as those of real songs."""
    songs: list[MpdSong] = []
    tags: dict[str, list[str]] = {}
    for name, value in answer:
        if name in {"file", "directory", "playlist"}:
            tags = {}
            if name == "file":
                songs.append(MpdSong(value, tags))
        else:
            values = tags.setdefault(name, []) if name in tags or len(tags) < _MAX_VALUES else []
            if len(values) < _MAX_VALUES:
                values.append(value[:_MAX_VALUE_LENGTH])
    return songs


def _seconds(text: str) -> float:
    try:
        seconds = float(text or 0)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < 1e7 else 0.0


def _nanoseconds(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError, OSError):
        return 0
