"""Speaks Subsonic's language, in JSON: signs in by token, by password where a server knows no tokens, or by API key.

https://www.subsonic.org/pages/api.jsp and https://opensubsonic.netlify.app; servers differ, so what one can do is asked
and not assumed.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote, quote_plus

from mien.errors import SourceError
from mien.music.servers.http import TIMEOUT_S, HttpClient, HttpResponse, HttpStream, NotAFileError
from mien.music.text import clean_text

Json = dict[str, Any]
_Said = TypeVar("_Said")

_PAGE = 500
_SONGS_MOST = 2_000_000

_ANSWER_BYTES_MOST = 32_000_000
_PICTURE_BYTES_MOST = 20_000_000
_CLIENT = "mien"
_TOKEN, _PASSWORD, _KEY = "token", "password", "API key"
_VERSIONS = {_TOKEN: "1.13.0", _PASSWORD: "1.8.0", _KEY: "1.16.1"}  # the oldest that know the way: no server is too old

_PROOF = re.compile(r"\b(apiKey|p|t)=[^&\s]+")
"""What proves who asks, as it stands in an address."""

_BAD_LOGIN = 40
_NOT_ALLOWED = 50
_NO_KEYS = frozenset({10, 42, 43})
"""How servers refuse API keys: parameter missing (the user's name), way of signing in not supported, or too many."""

_NO_NAMES, _BAD_KEY = 42, 44
_NO_TOKENS = frozenset({10, 30, 41, 42})
"""How servers refuse tokens: parameter missing, server too old, not for LDAP users, way of signing in not supported."""


@dataclass(frozen=True, slots=True)
class SubsonicInfo:
    """What a server is and can do: its product and version, as far as it says, and the names of its extensions.

    ``sign_in`` is "token", "API key", or "password" where that itself is sent; ``api`` the version of Subsonic's API.
    """

    product: str
    version: str
    api: str
    sign_in: str
    extensions: tuple[str, ...]


class RefusedError(SourceError):
    """A Subsonic server said no; ``code`` is Subsonic's."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code

    @property
    def is_about_account(self) -> bool:
        """Whether the name or the password was refused, or what the account may do: no single song is at fault."""
        return self.code in {_BAD_LOGIN, _NOT_ALLOWED, _BAD_KEY} or self.code in _NO_TOKENS | _NO_KEYS


class SubsonicClient:
    """A Subsonic server and the account of ``user`` there; may be used from any thread, and asks nothing when made."""

    def __init__(
        self,
        address: str,
        *,
        user: str = "",
        password: str = "",
        api_key: str = "",
        timeout_s: float = TIMEOUT_S,
        ca: Path | None = None,
    ) -> None:
        """Take an address, and a name with its password, or an API key, which OpenSubsonic's servers give.

        ``ca``: see ``HttpClient``. Raises ``SourceError`` for an address that is none.
        """
        self._server = HttpClient(address, timeout_s=timeout_s, ca=ca)
        self.user = user
        self._password = password
        self._api_key = api_key
        self._sign_in = _KEY if api_key else _TOKEN

    @property
    def name(self) -> str:
        """The server's name, for people."""
        return self._server.name

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return self._server.is_private

    def about(self) -> SubsonicInfo:
        """Sign in, and ask what the server is and can do; raises ``SourceError``."""
        said = self.ask("ping")
        extensions: tuple[str, ...] = ()
        if said.get("openSubsonic") is True:
            try:
                listed = self.ask("getOpenSubsonicExtensions").get("openSubsonicExtensions")
            except SourceError:
                listed = []
            extensions = tuple(sorted(text_of(entry.get("name")) for entry in objects(listed)))
        return SubsonicInfo(
            product=text_of(said.get("type")) or "Subsonic",
            version=text_of(said.get("serverVersion")),
            api=text_of(said.get("version")),
            sign_in=self._sign_in,
            extensions=extensions,
        )

    def ask(self, method: str, **parameters: str | int | Sequence[str]) -> Json:
        """What a method answers; raises ``RefusedError`` where the server says no, else ``SourceError``."""
        return self._signed_in(lambda: self._ask_once(method, parameters))

    def owner(self) -> str:
        """Whose account it is, "" where that is not to be known; of an API key the server says it."""
        if not self.user and self._sign_in == _KEY:
            said = self.ask("tokenInfo").get("tokenInfo")
            self.user = text_of(said.get("username")) if isinstance(said, dict) else ""
        return self.user

    def songs(self) -> Iterator[Json]:
        """Every song that the account may hear, each once; raises ``SourceError`` when the server fails on the way."""
        seen: set[str] = set()
        for walk in (self._found_songs, self._albums_songs):  # not every server finds everything for an empty word
            for page in walk():
                fresh = {identity: song for song in page if (identity := text_of(song.get("id"))) not in seen}
                if page and not fresh:
                    break  # a server that repeats itself without end
                seen.update(fresh)
                yield from fresh.values()
                if len(seen) > _SONGS_MOST:
                    raise SourceError(f"{self.name} lists songs without end; check that it is a Subsonic server.")
            if seen:
                return

    def picture(self, picture_id: str) -> bytes | None:
        """A cover's bytes, None where there is none; raises ``SourceError`` when the server cannot be asked."""

        def once() -> bytes | None:
            query = self._query({"id": picture_id})
            answer = self._server.get("rest/getCoverArt.view", query, bytes_most=_PICTURE_BYTES_MOST)
            if answer.status == 200 and answer.media_type.startswith("image/"):
                return answer.body
            self._payload(answer)
            return None

        try:
            return self._signed_in(once)
        except RefusedError:
            return None

    def sound(self, song_id: str, *, start: int = 0) -> HttpStream:
        """The bytes of a song's own file from ``start`` on, never transcoded; close it. Raises ``SourceError``."""

        def once() -> HttpStream:
            try:
                return self._stream("download", song_id, start)
            except RefusedError as error:
                # Not every account may download, though all may listen; only listening may count as a play there.
                if error.code != _NOT_ALLOWED:
                    raise
                return self._stream("stream", song_id, start)

        return self._signed_in(once)

    def _stream(self, method: str, song_id: str, start: int) -> HttpStream:
        query = self._query({"id": song_id, "format": "raw"})
        try:
            return self._server.stream(f"rest/{method}.view", query, start=start)
        except NotAFileError as error:
            if error.answer.media_type != "application/json":
                raise
            self._payload(error.answer)
            raise

    def _found_songs(self) -> Iterator[list[Json]]:
        offset = 0
        while True:
            wanted = {"artistCount": 0, "albumCount": 0, "songCount": _PAGE, "songOffset": offset}
            try:
                said = self.ask("search3", query="", **wanted)
            except RefusedError as error:
                if error.code in {_BAD_LOGIN, _NOT_ALLOWED} or offset:
                    raise
                return
            songs = objects_in(said, "searchResult3", "song")
            if not songs:
                return
            yield songs
            offset += len(songs)

    def _albums_songs(self) -> Iterator[list[Json]]:
        offset, seen = 0, set[str]()
        while True:
            said = self.ask("getAlbumList2", type="alphabeticalByName", size=_PAGE, offset=offset)
            albums = [text_of(album.get("id")) for album in objects_in(said, "albumList2", "album")]
            fresh = [album for album in albums if album not in seen]
            if not fresh:
                return
            for album in fresh:
                yield objects_in(self.ask("getAlbum", id=album), "album", "song")
            seen.update(fresh)
            offset += len(albums)

    def _signed_in(self, once: Callable[[], _Said]) -> _Said:
        """Ask, and where the server knows no tokens, ask again with the password, from then on."""
        try:
            return once()
        except RefusedError as error:
            if self._sign_in != _TOKEN or error.code not in _NO_TOKENS:
                raise
            refusal = error
        self._sign_in = _PASSWORD
        try:
            return once()
        except RefusedError as error:
            if error.code in _NO_TOKENS:
                self._sign_in = _TOKEN
                raise refusal from error
            raise

    def _query(self, parameters: Mapping[str, str | int | Sequence[str]]) -> dict[str, str | Sequence[str]]:
        asked = {name: str(value) if isinstance(value, int) else value for name, value in parameters.items()}
        about = {"v": _VERSIONS[self._sign_in], "c": _CLIENT, "f": "json", **asked}
        if self._sign_in == _KEY:
            return {"apiKey": self._api_key, **about}  # and no name, which is refused beside it
        if self._sign_in == _TOKEN:
            salt = secrets.token_hex(8)
            token = hashlib.md5(f"{self._password}{salt}".encode(), usedforsecurity=False)  # the protocol's choice
            proof = {"t": token.hexdigest(), "s": salt}
        else:
            proof = {"p": f"enc:{self._password.encode().hex()}"}
        return {"u": self.user, **proof, **about}

    def _ask_once(self, method: str, parameters: Mapping[str, str | int | Sequence[str]]) -> Json:
        query = self._query(parameters)
        return self._payload(self._server.get(f"rest/{method}.view", query, bytes_most=_ANSWER_BYTES_MOST))

    def _payload(self, answer: HttpResponse) -> Json:
        """What stands in an answer; raises ``RefusedError`` for a no, ``SourceError`` for what makes no sense."""
        start = answer.body.lstrip()[:500]
        if start.startswith(b"<"):
            if b"<subsonic-response" in start:
                raise SourceError(f"{self.name} answers in XML though asked for JSON; it is too old: update it.")
            raise SourceError(
                f"{self.name} answers with a web page; it is no Subsonic server, or its address is longer."
            )
        try:
            said = json.loads(answer.body)["subsonic-response"]
            status = said["status"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise SourceError(
                f"{self.name} does not answer as a Subsonic server does (HTTP {answer.status}); correct the address."
            ) from error
        if status != "ok" or isinstance(said.get("error"), dict):  # not every server calls that a failure
            self._refuse(said.get("error"))
        return dict(said)

    def _refuse(self, error: object) -> NoReturn:
        fields = error if isinstance(error, dict) else {}
        code = fields.get("code")
        code = code if isinstance(code, int) else 0
        if code == _BAD_LOGIN:
            raise RefusedError(f"{self.name} refused the name or the password; run: mien source login", code)
        if code == _BAD_KEY:
            raise RefusedError(f"{self.name} refused the API key; run: mien source login", code)
        if self._sign_in == _KEY and code in _NO_KEYS:
            raise RefusedError(f"{self.name} takes no API keys; sign in with a name: --user NAME", code)
        if code == _NO_NAMES:
            raise RefusedError(f"{self.name} takes neither tokens nor passwords; add it with --api-key.", code)
        if code == _NOT_ALLOWED:
            raise RefusedError(
                f"{self.name} does not allow {self.user or 'this account'} to do this; ask who runs it.", code
            )
        said = self._without_secrets(text_of(fields.get("message")))[:200] or f"error {code}"
        raise RefusedError(f"{self.name} said no: {said.rstrip('.')}; see its own log.", code)

    def _without_secrets(self, text: str) -> str:
        """A server's words, which may repeat what it was asked."""
        text = _PROOF.sub(r"\1=…", text)
        for secret in (self._password, self._api_key):
            for form in (secret, secret.encode().hex(), quote(secret), quote_plus(secret)):
                text = text.replace(form, "…") if form else text
        return text


def text_of(value: object) -> str:
    """A server's value as a text on one line that can be written anywhere; nothing where it is no text or number."""
    return clean_text(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def objects_in(said: Json, group: str, name: str) -> list[Json]:
    """The objects of a list within a group; one alone counts as a list, as old servers write it."""
    inside = said.get(group)
    return objects(inside.get(name)) if isinstance(inside, dict) else []


def objects(value: object) -> list[Json]:
    """The objects of a list; none where it is no list."""
    if isinstance(value, dict):
        return [value]
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
