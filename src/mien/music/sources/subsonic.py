"""The source for music on a Subsonic server: Navidrome, supysonic, gonic, Airsonic and others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, ClassVar, cast

from mien.errors import AudioError, Remedy, SourceError
from mien.music.location import ServerFile
from mien.music.names import credited_text, genres_in
from mien.music.playlists.playlist import Playlist, PlaylistEntry, ProgressReport, ignore_progress
from mien.music.servers.http import TIMEOUT_S, NotAFileError
from mien.music.servers.remote_file import RemoteFile
from mien.music.servers.server import ConnectionOption, OptionKind, ServerInfo
from mien.music.servers.subsonic import Json, SubsonicClient, SubsonicRefusedError, objects, objects_in, text_of
from mien.music.sources.source import BrokenFile, SourceItem
from mien.music.sources.subsonic_keys import id_in, key_of
from mien.music.sources.subsonic_playlists import store_playlist
from mien.music.tagging.cover import as_cover
from mien.music.text import clean_text
from mien.types import Cover, Track

_YEARS = range(1, 10_000)
_TOKEN = "token"  # noqa: S105 - the name of a way to sign in

_USED_FIELDS = (
    *("title", "artist", "displayArtist", "album", "duration", "year", "genre", "coverArt"),
    *("size", "created"),
)
_USED_LISTS = ("artists", "genres")
_MAX_NAMES = 30
"""What is held in memory of a song, and of each of its lists; a server may send much more."""


class SubsonicSource:
    """The songs that an account on a Subsonic server has access to."""

    name = "subsonic"
    options: ClassVar = (
        ConnectionOption(name="user", one_of="account", help="Your account on the server."),
        ConnectionOption(
            name="api_key",
            kind=OptionKind.SECRET,
            one_of="account",
            label="API key",
            help="Ask for an API key in place of name and password.",
        ),
        ConnectionOption(name="password", kind=OptionKind.SECRET, asked_with="user", help="The account's password."),
        ConnectionOption(
            name="ca", kind=OptionKind.FILE, help="Certificates to trust, in PEM: those of the server or its signer."
        ),
        ConnectionOption(name="sign_in", is_learnt=True, help="“token” once the server has accepted one."),
    )

    def __init__(
        self,
        address: str,
        *,
        user: str = "",
        password: str = "",
        api_key: str = "",
        name: str = "subsonic",
        sign_in: str = "",
        timeout_s: float = TIMEOUT_S,
        ca: Path | None = None,
    ) -> None:
        """Take the connection; nothing is asked yet.

        Args:
            address: The server's URL, such as ``https://music.example.org``.
            user: The account; empty if there is an API key.
            password: The account's password.
            api_key: An OpenSubsonic API key, in place of account and password.
            name: What the user calls the server; the prefix of its tracks' ids.
            sign_in: "token" if the server has accepted one before; it is then never sent the password instead.
            timeout_s: How long the server may be silent, in seconds.
            ca: A file of certificates (PEM) to trust besides the system's.

        Raises:
            SourceError: The address is invalid.
        """
        self.name = name
        self.client = SubsonicClient(
            address,
            user=user,
            password=password,
            api_key=api_key,
            name=name,
            accepts_tokens=sign_in == _TOKEN,
            timeout_s=timeout_s,
            ca=ca,
        )
        self._songs: dict[str, Json] = {}

    def sign_in(self) -> ServerInfo:
        """Sign in, and return what the server says about itself."""
        about = self.client.about()
        product = " ".join(text for text in (about.product, about.version) if text)
        info = ServerInfo(
            f"{product} (Subsonic {about.api}, signed in by {about.sign_in})",
            extensions=about.extensions,
            learnt={"sign_in": _TOKEN} if about.sign_in == _TOKEN else {},
        )
        if about.sign_in != _TOKEN and not self.client.is_private:
            return replace(info, warning=f"gets the {about.sign_in} unencrypted", remedy="use https")
        return info

    def disconnect(self) -> None:
        """Cut every connection: see ``Disconnectable``."""
        self.client.disconnect()

    def items(self) -> Iterator[SourceItem | BrokenFile]:
        """List the songs, without videos; raises ``SourceError`` if the server is out of reach."""
        taken: set[ServerFile] = set()
        for song in self.client.songs():
            if song.get("isDir") is True or song.get("isVideo") is True:
                continue
            song_id = text_of(song.get("id"))
            path = text_of(song.get("path")) or f"{song_id}.{text_of(song.get('suffix'))}"
            location = ServerFile.parse(self.name, path)
            key = key_of(song_id)
            if key is None or location is None:
                # The location does not repeat the server's path, which is what was wrong.
                problem = f"{song_id!r} has an invalid path or id"
                yield BrokenFile(ServerFile(self.name, PurePosixPath("unnamed")), problem)
                continue
            if location in taken:  # servers that derive paths from tags may derive the same for two songs
                location = ServerFile(self.name, key / location.path)
            taken.add(location)
            self._songs[key] = _used_fields(song)
            yield SourceItem(key, location, max(0, _integer(song.get("size"))), _nanoseconds(song.get("created")))

    def read(self, item: SourceItem) -> Track:
        """Read a song's tags from the server; raises ``AudioError`` if it has no such song."""
        song = self._song(item)
        year = _integer(song.get("year"))
        return Track(
            id=f"{self.name}:{item.key}",
            title=text_of(song.get("title")) or clean_text(item.location.stem) or "untitled",
            artist=_artist(song),
            album=text_of(song.get("album")),
            duration_s=float(max(0, _integer(song.get("duration")))),
            year=year if year in _YEARS else None,
            genres=_genres(song),
            has_cover=bool(text_of(song.get("coverArt"))),
        )

    def cover(self, item: SourceItem) -> Cover | None:
        """The server's picture for a song; None also if the server is out of reach."""
        try:
            picture_id = text_of(self._song(item).get("coverArt"))
            data = self.client.picture(picture_id) if picture_id else None
        except (AudioError, SourceError):
            return None
        return as_cover(data) if data else None

    def open(self, item: SourceItem, *, max_bytes: int | None = None) -> BinaryIO:
        """Open the song's original file, fetched in the parts that are read: see ``Source.open``."""
        try:
            song_id = id_in(item.key)
            file = RemoteFile(
                lambda start: self.client.sound(song_id, start=start),
                size_bytes=item.size_bytes or None,
                max_bytes=max_bytes,
            )
        except (SubsonicRefusedError, NotAFileError) as error:
            raise _song_error(error) from error
        return cast(BinaryIO, io.BufferedReader(file, 65_536))

    def store_playlist(self, playlist: Playlist, *, report: ProgressReport = ignore_progress) -> list[PlaylistEntry]:
        """Store a playlist in the account: see ``StoresPlaylists``."""
        return store_playlist(self.client, playlist, source_name=self.name, report=report)

    def _song(self, item: SourceItem) -> Json:
        song = self._songs.get(item.key)
        if song is None:
            try:
                found = objects_in({"": self.client.ask("getSong", id=id_in(item.key))}, "", "song")
            except SubsonicRefusedError as error:
                raise _song_error(error) from error
            if not found:
                raise AudioError("has no such song", Remedy.SCAN, subject=self.name)
            song = self._songs[item.key] = _used_fields(found[0])
        return song


def _used_fields(song: Json) -> Json:
    """The fields of a song that are used; texts are cut to the length of a name."""
    used = {name: song[name] for name in _USED_FIELDS if name in song}
    texts = {
        name: text_of(value) if isinstance(value, str) else value
        for name, value in used.items()
        if isinstance(value, str | int | float)
    }
    lists = {
        name: [{"name": text_of(one.get("name"))} for one in objects(song[name])[:_MAX_NAMES]]
        for name in _USED_LISTS
        if name in song
    }
    return {**texts, **lists}


def _song_error(error: SourceError) -> AudioError | SourceError:
    """A refusal as an error of the one song, unless the account itself is refused."""
    if isinstance(error, SubsonicRefusedError) and error.is_about_account:
        return error
    return AudioError(error.problem, error.remedy, subject=error.subject)


def _artist(song: Json) -> str:
    """The song's artists; servers with OpenSubsonic list them one by one, and also say how they are credited."""
    credited = text_of(song.get("artist")) or text_of(song.get("displayArtist"))
    return credited_text([credited, *(text_of(one.get("name")) for one in objects(song.get("artists")))])


def _genres(song: Json) -> tuple[str, ...]:
    listed = [text_of(one.get("name")) for one in objects(song.get("genres"))]
    return genres_in(listed or [text_of(song.get("genre"))])


def _integer(value: object) -> int:
    """A server's integer; 0 if it is not one."""
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 19:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not -(2**62) < value < 2**62:
        return 0
    return int(value)


def _nanoseconds(value: object) -> int:
    """A server's date in nanoseconds since 1970; 0 if it is not a date."""
    try:
        return int(datetime.fromisoformat(text_of(value)).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError, OSError):
        return 0
