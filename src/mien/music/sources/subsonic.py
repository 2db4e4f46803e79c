"""Music on a Subsonic server: Navidrome, supysonic, gonic, Airsonic and their kin."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from mien.errors import AudioError, SourceError
from mien.music.location import ServerFile
from mien.music.servers.http import TIMEOUT_S, NotAFileError
from mien.music.servers.remote_file import RemoteFile
from mien.music.servers.subsonic import Json, RefusedError, SubsonicClient, objects_in, text_of
from mien.music.sources.source import BrokenFile, ServerInfo, SourceItem
from mien.music.tagging.cover import as_cover
from mien.music.text import clean_text
from mien.types import Cover, Track

_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,120}")
_ID_MOST = 90
_YEARS = range(1, 10_000)


class SubsonicSource:
    """The songs that an account on a Subsonic server may hear; ``name`` tells several servers apart."""

    name = "subsonic"

    def __init__(
        self,
        address: str,
        *,
        user: str = "",
        password: str = "",
        api_key: str = "",
        name: str = "subsonic",
        timeout_s: float = TIMEOUT_S,
        ca: Path | None = None,
    ) -> None:
        """Take a server and an account, or an API key; nothing is asked yet.

        ``ca`` is a file of certificates to trust. Raises ``SourceError`` for an address that is none.
        """
        self.name = name
        self.server = SubsonicClient(address, user=user, password=password, api_key=api_key, timeout_s=timeout_s, ca=ca)
        self._songs: dict[str, Json] = {}

    def greet(self) -> ServerInfo:
        """Sign in, and say what the server is."""
        about = self.server.about()
        words = " ".join(text for text in (about.product, about.version) if text)
        warning = ""
        if about.sign_in != "token" and not self.server.is_private:
            warning = f"{self.server.name} takes the {about.sign_in} itself, readable on the way; give it https."
        return ServerInfo(f"{words} (Subsonic {about.api}, signed in by {about.sign_in})", warning, about.extensions)

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List the songs, those that are no music left out; raises ``SourceError`` when the server cannot be asked."""
        taken: set[ServerFile] = set()
        for song in self.server.songs():
            if song.get("isDir") is True or song.get("isVideo") is True:
                continue
            song_id = text_of(song.get("id"))
            location = ServerFile.parse(
                self.name, text_of(song.get("path")) or f"{song_id}.{text_of(song.get('suffix'))}"
            )
            key = key_of(song_id)
            if key is None or location is None:
                # The location does not repeat the server's path, which is what was wrong.
                yield BrokenFile(
                    ServerFile(self.name, PurePosixPath("unnamed")),
                    f"{song_id!r} has a path or an id that mien does not take.",
                )
                continue
            if location in taken:  # servers that derive paths from tags may derive the same for two songs
                location = ServerFile(self.name, key / location.path)
            taken.add(location)
            self._songs[key] = song
            yield SourceItem(key, location, max(0, _whole(song.get("size"))), _nanoseconds(song.get("created")))

    def read(self, item: SourceItem) -> Track:
        """What the server says of a song; raises ``AudioError`` when it has none of that key, or is gone."""
        song = self._song(item)
        year = _whole(song.get("year"))
        return Track(
            id=f"{self.name}:{item.key}",
            title=text_of(song.get("title")) or clean_text(item.location.stem) or "untitled",
            artist=text_of(song.get("artist")) or text_of(song.get("displayArtist")),
            album=text_of(song.get("album")),
            duration_s=float(max(0, _whole(song.get("duration")))),
            year=year if year in _YEARS else None,
            genre=text_of(song.get("genre")),
            has_cover=bool(text_of(song.get("coverArt"))),
        )

    def cover(self, item: SourceItem) -> Cover | None:
        """The picture that the server has for a song; None also where it cannot be asked."""
        try:
            picture_id = text_of(self._song(item).get("coverArt"))
            data = self.server.picture(picture_id) if picture_id else None
        except (AudioError, SourceError):
            return None
        return as_cover(data) if data else None

    def open(self, item: SourceItem, *, bytes_most: int | None = None) -> BinaryIO:
        """The song's own file, fetched in the parts that are read; raises ``AudioError`` when it cannot be had."""
        try:
            song_id = id_in(item.key)
            file = RemoteFile(
                lambda start: self.server.sound(song_id, start=start),
                size_bytes=item.size_bytes or None,
                bytes_most=bytes_most,
            )
        except (RefusedError, NotAFileError) as error:
            raise _told(error) from error
        return cast(BinaryIO, io.BufferedReader(file, 65_536))

    def _song(self, item: SourceItem) -> Json:
        song = self._songs.get(item.key)
        if song is None:
            try:
                found = objects_in({"": self.server.ask("getSong", id=id_in(item.key))}, "", "song")
            except RefusedError as error:
                raise _told(error) from error
            if not found:
                raise AudioError(f"{self.server.name} has no such song; bring the library up to date.")
            song = self._songs[item.key] = found[0]
        return song


def key_of(song_id: str) -> str | None:
    """A server's id as a key, which an address may hold; None where there is none, or it is endless."""
    if _PLAIN_ID.fullmatch(song_id):
        return song_id
    if not song_id or len(song_id.encode()) > _ID_MOST:
        return None
    return "_" + base64.urlsafe_b64encode(song_id.encode()).decode().rstrip("=")


def id_in(key: str) -> str:
    """The server's id in a key; raises ``AudioError`` where it is no key."""
    if not key.startswith("_"):
        return key
    try:
        return base64.urlsafe_b64decode(key[1:] + "=" * (-(len(key) - 1) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise AudioError("No song of the server has this key; bring the library up to date.") from error


def _told(error: SourceError) -> AudioError | SourceError:
    """What a server's no means: that this one song is not to be had, unless it is the account that is refused."""
    return error if isinstance(error, RefusedError) and error.is_about_account else AudioError(str(error))


def _whole(value: object) -> int:
    """A server's whole number, 0 where it is none."""
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 19:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -(2**62) < value < 2**62:
        return 0
    return int(value)


def _nanoseconds(value: object) -> int:
    """A date as the server writes it, in nanoseconds; 0 where it is none."""
    try:
        return int(datetime.fromisoformat(text_of(value)).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError, OSError):
        return 0
