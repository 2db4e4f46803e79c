"""A Subsonic API client: signs in by token, by API key, or by password if a server has never accepted tokens.

https://www.subsonic.org/pages/api.jsp and https://opensubsonic.netlify.app. Servers differ, so features are queried and
not assumed.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from mien.errors import Remedy, SourceError
from mien.music.servers.http import TIMEOUT_S, HttpClient, HttpResponse, HttpStream, NotAFileError
from mien.music.servers.server import RefusedError, refusal_words
from mien.music.text import clean_text

Json = dict[str, Any]
_Answer = TypeVar("_Answer")

_SONGS_PER_PAGE = 500
_MAX_SONGS = 2_000_000

_MAX_ANSWER_BYTES = 32_000_000
_MAX_PICTURE_BYTES = 20_000_000
_CLIENT = "mien"
_TOKEN, _PASSWORD, _KEY = "token", "password", "API key"
_VERSIONS = {_TOKEN: "1.13.0", _PASSWORD: "1.8.0", _KEY: "1.16.1"}  # the oldest that support each way to sign in

_PROOF = re.compile(r"\b(apiKey|p|t)=[^&\s]+")
"""Credentials in a URL."""

_BAD_LOGIN = 40
_NOT_ALLOWED = 50
_NO_KEYS = frozenset({10, 42, 43})
"""Errors of servers without API keys: user's name missing, authentication not supported, or ambiguous."""

_NO_NAMES, _BAD_KEY = 42, 44
_TOKENS_UNSUPPORTED = frozenset({41, 42})
_NO_TOKENS = _TOKENS_UNSUPPORTED | {10, 30}
"""Errors of servers without tokens: not for LDAP users, not supported; parameter missing, server too old."""


@dataclass(frozen=True, slots=True)
class SubsonicInfo:
    """What a server says about itself.

    Attributes:
        product: Its name, such as "navidrome".
        version: Its version; empty if unknown.
        api: Its version of the Subsonic API.
        sign_in: How mien signed in: "token", "API key", or "password" if that itself is sent.
        extensions: The names of its OpenSubsonic extensions.
    """

    product: str
    version: str
    api: str
    sign_in: str
    extensions: tuple[str, ...]


class SubsonicRefusedError(RefusedError):
    """A Subsonic server refused a request; ``code`` is Subsonic's error code."""

    @property
    def is_about_account(self) -> bool:
        """Whether the credentials or the account's permissions were refused, not a single song."""
        return self.code in {_BAD_LOGIN, _NOT_ALLOWED, _BAD_KEY} or self.code in _NO_TOKENS | _NO_KEYS


class SubsonicClient:
    """One account on a Subsonic server; may be used from any thread."""

    def __init__(
        self,
        address: str,
        *,
        user: str = "",
        password: str = "",
        api_key: str = "",
        name: str = "",
        accepts_tokens: bool = False,
        timeout_s: float = TIMEOUT_S,
        ca: Path | None = None,
    ) -> None:
        """Take the connection; nothing is asked yet.

        Args:
            address: The server's base URL.
            user: The account; empty with an API key.
            password: The account's password.
            api_key: An OpenSubsonic API key, in place of user and password.
            name: What the user calls the server; its host by default.
            accepts_tokens: Whether it is known to accept tokens; it is then never sent the password instead.
            timeout_s: How long the server may be silent, in seconds.
            ca: A file of certificates (PEM) to trust besides the system's.

        Raises:
            SourceError: The address is invalid.
        """
        self._server = HttpClient(address, timeout_s=timeout_s, ca=ca)
        self.name = name or self.host
        self.user = user
        self._password = password
        self._api_key = api_key
        self._sign_in = _KEY if api_key else _TOKEN
        self._accepts_tokens = accepts_tokens

    @property
    def host(self) -> str:
        """The server's host name and port, for people."""
        return self._server.host

    @property
    def is_private(self) -> bool:
        """Whether nobody on the network can read the requests."""
        return self._server.is_private

    def disconnect(self) -> None:
        """Cut every connection, and refuse new ones: for the end of the program."""
        self._server.disconnect()

    def about(self) -> SubsonicInfo:
        """Sign in, and ask what the server is and supports; raises ``SourceError``."""
        answer = self.ask("ping")
        extensions: tuple[str, ...] = ()
        if answer.get("openSubsonic") is True:
            try:
                listed = self.ask("getOpenSubsonicExtensions").get("openSubsonicExtensions")
            except SourceError:
                listed = []
            extensions = tuple(sorted(text_of(entry.get("name")) for entry in objects(listed)))
        return SubsonicInfo(
            product=text_of(answer.get("type")) or "Subsonic",
            version=text_of(answer.get("serverVersion")),
            api=text_of(answer.get("version")),
            sign_in=self._sign_in,
            extensions=extensions,
        )

    def ask(self, method: str, **parameters: str | int | Sequence[str]) -> Json:
        """Call a method; raises ``SubsonicRefusedError`` if it is refused, ``SourceError`` if there is no answer."""
        return self._with_sign_in(lambda: self._ask_once(method, parameters))

    def owner(self) -> str:
        """The user's name, which for an API key the server knows; empty if unknown."""
        if not self.user and self._sign_in == _KEY:
            info = self.ask("tokenInfo").get("tokenInfo")
            self.user = text_of(info.get("username")) if isinstance(info, dict) else ""
        return self.user

    def songs(self) -> Iterator[Json]:
        """Every song that the account has access to, each once; raises ``SourceError`` if the server fails midway."""
        seen: set[str] = set()
        for pages in (self._songs_by_search, self._songs_by_album):  # an empty search finds nothing on some servers
            for page in pages():
                fresh = {identity: song for song in page if (identity := text_of(song.get("id"))) not in seen}
                if page and not fresh:
                    break  # the server repeats itself without end
                seen.update(fresh)
                yield from fresh.values()
                if len(seen) > _MAX_SONGS:
                    problem = "lists songs without end"
                    raise SourceError(problem, "check that it is a Subsonic server", subject=self.host)
            if seen:
                return

    def picture(self, picture_id: str) -> bytes | None:
        """A cover's bytes, None if there is none; raises ``SourceError`` if the server is out of reach."""

        def once() -> bytes | None:
            query = self._query({"id": picture_id})
            answer = self._server.get("rest/getCoverArt.view", query, max_bytes=_MAX_PICTURE_BYTES)
            if answer.status == 200 and answer.media_type.startswith("image/"):
                return answer.body
            self._payload(answer)
            return None

        try:
            return self._with_sign_in(once)
        except SubsonicRefusedError:
            return None

    def sound(self, song_id: str, *, start: int = 0) -> HttpStream:
        """Stream a song's original file, not transcoded, from the byte ``start`` on; raises ``SourceError``."""

        def once() -> HttpStream:
            try:
                return self._stream("download", song_id, start)
            except SubsonicRefusedError as error:
                # Some accounts may listen but not download. Downloading comes first, as listening may count as a play.
                if error.code != _NOT_ALLOWED:
                    raise
                return self._stream("stream", song_id, start)

        return self._with_sign_in(once)

    def _stream(self, method: str, song_id: str, start: int) -> HttpStream:
        query = self._query({"id": song_id, "format": "raw"})
        try:
            return self._server.stream(f"rest/{method}.view", query, start=start)
        except NotAFileError as error:
            if error.answer.media_type != "application/json":
                raise
            self._payload(error.answer)
            raise

    def _songs_by_search(self) -> Iterator[list[Json]]:
        offset = 0
        while True:
            counts = {"artistCount": 0, "albumCount": 0, "songCount": _SONGS_PER_PAGE, "songOffset": offset}
            try:
                answer = self.ask("search3", query="", **counts)
            except SubsonicRefusedError as error:
                if error.code in {_BAD_LOGIN, _NOT_ALLOWED} or offset:
                    raise
                return
            songs = objects_in(answer, "searchResult3", "song")
            if not songs:
                return
            yield songs
            offset += len(songs)

    def _songs_by_album(self) -> Iterator[list[Json]]:
        offset, seen = 0, set[str]()
        while True:
            answer = self.ask("getAlbumList2", type="alphabeticalByName", size=_SONGS_PER_PAGE, offset=offset)
            albums = [text_of(album.get("id")) for album in objects_in(answer, "albumList2", "album")]
            fresh = [album for album in albums if album not in seen]
            if not fresh:
                return
            for album in fresh:
                yield objects_in(self.ask("getAlbum", id=album), "album", "song")
            seen.update(fresh)
            offset += len(albums)

    def _with_sign_in(self, once: Callable[[], _Answer]) -> _Answer:
        """Send a request; if the server never accepted tokens, send it again with the password, and so from then on.

        A server that accepted them before may be another one now, or an attacker, and gets no password.
        """
        try:
            answer = once()
        except SubsonicRefusedError as error:
            if self._sign_in != _TOKEN or error.code not in _NO_TOKENS:
                raise
            if self._accepts_tokens:
                raise self._token_refusal(error) from error
            refusal = error
        else:
            self._accepts_tokens = self._accepts_tokens or self._sign_in == _TOKEN
            return answer
        self._sign_in = _PASSWORD
        try:
            return once()
        except SubsonicRefusedError as error:
            if error.code in _NO_TOKENS:
                self._sign_in = _TOKEN
                raise refusal from error
            raise

    def _token_refusal(self, error: SubsonicRefusedError) -> SubsonicRefusedError:
        if error.code not in _TOKENS_UNSUPPORTED:
            return error  # about the request
        problem = "accepted tokens before and refuses them now, so the password is not sent to it"
        remedy = "check that it is still your server; if so, remove it and add it again"
        return SubsonicRefusedError(problem, remedy, subject=self.name, code=error.code)

    def _query(self, parameters: Mapping[str, str | int | Sequence[str]]) -> dict[str, str | Sequence[str]]:
        values = {name: str(value) if isinstance(value, int) else value for name, value in parameters.items()}
        common = {"v": _VERSIONS[self._sign_in], "c": _CLIENT, "f": "json", **values}
        if self._sign_in == _KEY:
            return {"apiKey": self._api_key, **common}  # a user's name beside it would be refused
        if self._sign_in == _TOKEN:
            salt = secrets.token_hex(8)
            token = hashlib.md5(f"{self._password}{salt}".encode(), usedforsecurity=False)  # required by the protocol
            credentials = {"t": token.hexdigest(), "s": salt}
        else:
            credentials = {"p": f"enc:{self._password.encode().hex()}"}
        return {"u": self.user, **credentials, **common}

    def _ask_once(self, method: str, parameters: Mapping[str, str | int | Sequence[str]]) -> Json:
        query = self._query(parameters)
        return self._payload(self._server.get(f"rest/{method}.view", query, max_bytes=_MAX_ANSWER_BYTES))

    def _payload(self, answer: HttpResponse) -> Json:
        """The payload of an answer; raises ``SubsonicRefusedError`` for an error, ``SourceError`` if it is invalid."""
        start = answer.body.lstrip()[:500]
        if start.startswith(b"<"):
            if b"<subsonic-response" in start:
                problem = "answers in XML though asked for JSON; it is too old"
                raise SourceError(problem, "update it", subject=self.host)
            problem = "answers with a web page, not as a Subsonic server"
            raise SourceError(problem, "check whether its address has a path", subject=self.host)
        try:
            payload = json.loads(answer.body)["subsonic-response"]
            status = payload["status"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            problem = f"does not answer as a Subsonic server does (HTTP {answer.status})"
            raise SourceError(problem, "correct the address", subject=self.host) from error
        if status != "ok" or isinstance(payload.get("error"), dict):  # some servers report errors with the status ok
            raise self._refusal(payload.get("error"))
        return dict(payload)

    def _refusal(self, error: object) -> SubsonicRefusedError:
        fields = error if isinstance(error, dict) else {}
        code = fields.get("code")
        code = code if isinstance(code, int) else 0
        remedy: Remedy | str
        if code == _BAD_LOGIN:
            problem, remedy = "refused the name or the password", Remedy.SIGN_IN
        elif code == _BAD_KEY:
            problem, remedy = "refused the API key", Remedy.SIGN_IN
        elif self._sign_in == _KEY and code in _NO_KEYS:
            problem, remedy = "takes no API keys", Remedy.SIGN_IN_WITH_NAME
        elif code == _NO_NAMES:
            problem, remedy = "takes neither tokens nor passwords", Remedy.SIGN_IN_WITH_KEY
        elif code == _NOT_ALLOWED:
            problem = f"does not allow {self.user or 'this account'} to do this"
            remedy = "ask its administrator"
        else:
            problem, remedy = refusal_words(self._without_secrets(text_of(fields.get("message")))[:200], code)
        return SubsonicRefusedError(problem, remedy, subject=self.name, code=code)

    def _without_secrets(self, text: str) -> str:
        """A server's message, which may repeat the credentials."""
        text = _PROOF.sub(r"\1=…", text)
        for secret in (self._password, self._api_key):
            for form in (secret, secret.encode().hex(), quote(secret), quote_plus(secret)):
                text = text.replace(form, "…") if form else text
        return text


def text_of(value: object) -> str:
    """A server's value as printable text on one line; empty if it is not a text or a number."""
    return clean_text(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def objects_in(answer: Json, group: str, name: str) -> list[Json]:
    """The objects of a list in a group, which old servers write without the list if there is only one.

    Args:
        answer: The payload of an answer.
        group: The field of the answer that has the list.
        name: The field of the group that is the list.

    Returns:
        The objects; none if the fields are missing or of other types.
    """
    inside = answer.get(group)
    return objects(inside.get(name)) if isinstance(inside, dict) else []


def objects(value: object) -> list[Json]:
    """The objects of a list; none if it is not a list."""
    if isinstance(value, dict):
        return [value]
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
