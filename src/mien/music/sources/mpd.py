"""Music that an MPD knows. MPD tells what it has; where its folder can be reached from here, mien hears it too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from mien.errors import AudioError, SourceError
from mien.music.location import ServerFile
from mien.music.servers.mpd import TIMEOUT_S, MpdClient, MpdRefusedError, Pairs
from mien.music.sources.source import BrokenFile, ServerInfo, SourceItem, open_file
from mien.music.tagging.cover import as_cover
from mien.music.text import clean_text
from mien.types import Cover, Track

_PICTURE_BYTES_MOST = 20_000_000
_FOLDERS_MOST = 200_000


class MpdSource:
    """The songs in an MPD's database; ``name`` tells several apart.

    ``folder`` is MPD's music folder as it is mounted on this machine; where MPD is asked through its own socket, it
    says it by itself. Without it songs can be listed and played by MPD, but not opened: MPD sends no files.
    """

    name = "mpd"

    def __init__(
        self,
        address: str,
        *,
        password: str = "",
        name: str = "mpd",
        folder: Path | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Take an MPD; nothing is asked yet. Raises ``SourceError`` for an address that is none."""
        self.name = name
        self.server = MpdClient(address, password=password, timeout_s=timeout_s)
        self._folder = folder
        self._songs: dict[str, dict[str, str]] = {}

    def greet(self) -> ServerInfo:
        """Sign in, and say what MPD it is."""
        with self.server.talk() as talk:
            talk.ask("status")
            version = talk.version
        warning = "" if self.folder() else "Its songs play on MPD only; say --folder DIR to play them here too."
        return ServerInfo(f"MPD {version}", warning)

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List the songs folder by folder; raises ``SourceError`` when MPD cannot be asked."""
        waiting, entered = [""], set[str]()
        while waiting:
            folder = waiting.pop()
            if folder in entered or len(entered) > _FOLDERS_MOST:
                continue
            entered.add(folder)
            found = self.server.ask("lsinfo", folder) if folder else self.server.ask("lsinfo")
            waiting += reversed([value for name, value in found if name == "directory"])
            for song in songs_in(found):
                uri = song["file"]
                location = ServerFile.parse(self.name, clean_text(uri))
                if location is None or "://" in uri or uri.startswith("/"):
                    yield BrokenFile(
                        ServerFile(self.name, PurePosixPath("unnamed")),
                        f"{clean_text(uri)!r} leads out of MPD's music folder.",
                    )
                    continue
                key = key_of(uri)
                self._songs[key] = song
                yield SourceItem(key, location, 0, _nanoseconds(song.get("Last-Modified", "")))

    def read(self, item: SourceItem) -> Track:
        """What MPD says of a song; raises ``AudioError`` when it has none of that key, or is gone."""
        song = self._song(item)
        year = song.get("Date", "")[:4]
        return Track(
            id=f"{self.name}:{item.key}",
            title=clean_text(song.get("Title")) or clean_text(item.location.stem) or "untitled",
            artist=clean_text(song.get("Artist")) or clean_text(song.get("AlbumArtist")),
            album=clean_text(song.get("Album")),
            duration_s=_seconds(song.get("duration") or song.get("Time")),
            year=int(year) if len(year) == 4 and year.isascii() and year.isdecimal() and int(year) else None,
            genre=clean_text(song.get("Genre")),
            has_cover=self._picture(song["file"], begin_only=True) is not None,
        )

    def cover(self, item: SourceItem) -> Cover | None:
        """The picture in the song's file or beside it; None also where MPD cannot be asked."""
        try:
            return self._picture(self.uri(item))
        except (AudioError, SourceError):
            return None

    def open(self, item: SourceItem, *, bytes_most: int | None = None) -> BinaryIO:  # noqa: ARG002 - it costs nothing here
        """The song's file in MPD's folder; raises ``AudioError`` where either cannot be reached from here."""
        uri = self.uri(item)
        folder = self.folder()
        if folder is None:
            raise AudioError("MPD sends no files; say where its music lies with: mien source add mpd … --folder DIR")
        path = (folder / uri).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise AudioError(f"{clean_text(uri)!r} leads out of MPD's music folder.")
        return open_file(path)

    def uri(self, item: SourceItem) -> str:
        """How MPD names a song; raises ``AudioError`` when it has none of that key."""
        return self._song(item)["file"]

    def folder(self) -> Path | None:
        """MPD's music folder on this machine, None where it is not known."""
        if self._folder is None and self.server.is_here:
            with suppress(SourceError):
                said = dict(self.server.ask("config")).get("music_directory", "")
                self._folder = Path(said) if said.startswith("/") else None
        return self._folder

    def _picture(self, uri: str, *, begin_only: bool = False) -> Cover | None:
        data = self.server.picture(uri, bytes_most=_PICTURE_BYTES_MOST, begin_only=begin_only)
        return as_cover(data) if data else None

    def _song(self, item: SourceItem) -> dict[str, str]:
        song = self._songs.get(item.key)
        if song is not None:
            return song
        # A location has MPD's own name, except for characters that cannot be written; then all songs are listed again.
        found: list[dict[str, str]] = []
        if isinstance(item.location, ServerFile):
            with suppress(MpdRefusedError):
                found = songs_in(self.server.ask("lsinfo", str(item.location.path)))
        for song in found:
            self._songs[key_of(song["file"])] = song
        if item.key not in self._songs:
            for _ in self.items():
                pass
        if item.key not in self._songs:
            raise AudioError(f"{self.server.name} has no such song; bring the library up to date.")
        return self._songs[item.key]


def key_of(uri: str) -> str:
    """The key of a song: 32 hexadecimal digits that depend on nothing but how MPD names it."""
    return hashlib.sha256(uri.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def songs_in(found: Pairs) -> list[dict[str, str]]:
    """The songs of an answer, each with its tags; of a tag that is there twice the first counts."""
    songs: list[dict[str, str]] = []
    inside = False
    for name, value in found:
        if name == "file":
            songs.append({"file": value})
            inside = True
        elif name in {"directory", "playlist"}:
            inside = False
        elif inside:
            songs[-1].setdefault(name, value)
    return songs


def _seconds(text: str | None) -> float:
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
