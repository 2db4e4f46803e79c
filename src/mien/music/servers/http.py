"""Asks a web server with a limit on everything: how long it may take, how much it may say, where it may send us.

Addresses and what is asked can hold a password, so no error repeats more of them than the server's name.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, urlencode, urlsplit

from mien.errors import SlowSourceError, SourceError

TIMEOUT_S = 10.0
"""How long a server may be silent."""

_PATIENCE = 3.0  # a whole answer may take so many times the silence that is allowed
_CHUNK_BYTES = 65_536
_BYTES_A_SECOND_LEAST = 2000  # an eighth of what the poorest music needs


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A server's whole answer."""

    status: int
    media_type: str
    body: bytes


class HttpClient:
    """A web server by its address, such as ``https://music.example.org/navidrome``. May be used from any thread."""

    def __init__(self, address: str, *, timeout_s: float = TIMEOUT_S, ca: Path | None = None) -> None:
        """Take the address apart; raises ``SourceError`` where it is none, or holds a name and password.

        ``ca`` is a file of certificates (PEM) that are trusted besides the system's: a server's own, or its signer's.
        """
        self._parts = _checked(address)
        self._timeout_s = timeout_s
        self._ca = ca

    @property
    def name(self) -> str:
        """The server's name and port, for people; never a password."""
        host = self._parts.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        return f"{shown}:{self._parts.port}" if self._parts.port else shown

    @property
    def patience_s(self) -> float:
        """How long a whole answer may take, in seconds, unless it is a file."""
        return self._timeout_s * _PATIENCE

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is asked: https, or this very computer."""
        return self._parts.scheme == "https" or self._parts.hostname in {"localhost", "127.0.0.1", "::1"}

    def get(self, path: str, query: Mapping[str, str | Sequence[str]], *, bytes_most: int) -> HttpResponse:
        """The answer to a question; raises ``SourceError`` where none comes, in time, of at most so many bytes."""
        with self.telling(), self._asked(path, query, {}) as (response, deadline):
            with deadline:
                body = bytearray()
                while chunk := response.read(min(_CHUNK_BYTES, bytes_most + 1 - len(body))):
                    body += chunk
                    if len(body) > bytes_most:
                        raise SourceError(f"{self.name} answers without end; check that it is a music server.")
            return HttpResponse(response.status, response.headers.get_content_type(), bytes(body))

    def stream(self, path: str, query: Mapping[str, str | Sequence[str]], *, start: int = 0) -> HttpStream:
        """The bytes of a file from ``start`` on, as they come; close it. Raises ``SourceError``.

        An answer that is no file (JSON or XML, which is how Subsonic says no) is raised as ``NotAFileError``.
        """
        with self.telling(), contextlib.ExitStack() as stack:
            response, deadline = stack.enter_context(self._asked(path, query, {"Range": f"bytes={start}-"}))
            media_type = response.headers.get_content_type()
            if response.status not in {200, 206} or media_type in _WORDS_NOT_SOUND:
                with deadline:
                    raise NotAFileError(HttpResponse(response.status, media_type, response.read(_CHUNK_BYTES)))
            begins, size_bytes = _place(response)
            if begins > start:
                raise http.client.HTTPException("another part than the one asked for")
            stream = HttpStream(response, self, size_bytes)
            stream.skip(start - begins)
            stream.hold(stack.pop_all())
        return stream

    @contextlib.contextmanager
    def _asked(
        self, path: str, query: Mapping[str, str | Sequence[str]], headers: Mapping[str, str]
    ) -> Iterator[tuple[http.client.HTTPResponse, _Deadline]]:
        with contextlib.ExitStack() as opened:
            connection = opened.enter_context(contextlib.closing(self._connection()))
            connection.connect()
            deadline = _Deadline(connection.sock, self.patience_s)
            target = f"{self._parts.path.rstrip('/')}/{path}?{urlencode(query, doseq=True)}"
            with deadline:
                connection.request("GET", target, headers={"User-Agent": "mien", **headers})
                response = opened.enter_context(connection.getresponse())
            if response.status in {301, 302, 303, 307, 308}:
                raise SourceError(self._sent_on(response.headers.get("Location", "")))
            yield response, deadline

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=self._trust)
        return http.client.HTTPConnection(host, port, timeout=self._timeout_s)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Whose certificates are believed."""
        trust = ssl.create_default_context()
        if self._ca is not None:
            try:
                trust.load_verify_locations(cafile=self._ca)
            except OSError as error:  # which ssl's own errors are too
                raise SourceError(f"{self._ca} holds no certificate that can be read; give a file in PEM.") from error
            # Certificates that people make at home lack what newer Pythons ask for.
            trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return trust

    def _sent_on(self, location: str) -> str:
        # It is not followed: what was asked holds a password, and the new place may be anybody's.
        try:
            parts = urlsplit(location)
            elsewhere = f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another page"
        except ValueError:
            elsewhere = "another page"
        return f"{self.name} sends on to {elsewhere}; give mien the address that it ends at."

    def too_slow(self) -> SlowSourceError:
        """The error that says that it keeps one waiting."""
        return SlowSourceError(
            f"{self.name} did not answer within {self._timeout_s:g} s; see whether it is running and the network is up."
        )

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Say in one sentence what went wrong on the way."""
        try:
            yield
        except TimeoutError as error:
            raise self.too_slow() from error
        except ConnectionRefusedError as error:
            raise SourceError(f"Nothing answers at {self.name}; start the server, or correct the address.") from error
        except (socket.gaierror, UnicodeError) as error:
            raise SourceError(f"There is no server called {self.name}; correct the address.") from error
        except ssl.SSLCertVerificationError as error:
            remedy = _CERTIFICATE_REMEDIES.get(error.verify_code, "if you trust it, add the server with --ca FILE.")
            raise SourceError(
                f"The certificate of {self.name} is not trusted ({error.verify_message.rstrip('.')}); {remedy}"
            ) from error
        except ssl.SSLError as error:
            raise SourceError(f"{self.name} does not speak https here; try http, or another port.") from error
        except (http.client.HTTPException, ValueError):
            # Not from the error, which repeats what the server said, and that may be what was asked.
            raise SourceError(f"{self.name} does not answer as a web server does; correct the address.") from None
        except OSError as error:
            raise SourceError(
                f"{self.name} cannot be reached ({error.strerror or 'the connection broke'}); try again later."
            ) from error


class NotAFileError(SourceError):
    """A server answered with words where a file was asked for."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__("The server has no such file; bring the library up to date.")
        self.answer = answer


class HttpStream:
    """The bytes of a file as a server sends them, and the size of the whole file, None where it is not said."""

    def __init__(self, response: http.client.HTTPResponse, server: HttpClient, size_bytes: int | None) -> None:
        self.size_bytes = size_bytes
        self._response = response
        self._server = server
        self._connection = contextlib.ExitStack()
        self._waited_s = 0.0
        self._received_bytes = 0

    def hold(self, connection: contextlib.ExitStack) -> None:
        """Keep the connection open until this is closed."""
        self._connection = connection

    def read(self, count: int) -> bytes:
        """At most ``count`` bytes, none at the end; raises ``SourceError`` when the connection breaks, or drips."""
        began_s = time.monotonic()
        with self._server.telling():
            data = self._response.read1(count)
        self._waited_s += time.monotonic() - began_s
        self._received_bytes += len(data)
        if self._waited_s > self._server.patience_s + self._received_bytes / _BYTES_A_SECOND_LEAST:
            raise self._server.too_slow()
        return data

    def skip(self, count: int) -> None:
        """Read past bytes."""
        while count > 0 and (chunk := self.read(min(count, _CHUNK_BYTES))):
            count -= len(chunk)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class _Deadline:
    """Cuts a connection off after a time, however the server drips; ``passed`` tells that it did."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self.passed = False
        self._connection = connection
        self._seconds = seconds
        self._timer = threading.Timer(seconds, self._cut)

    def __enter__(self) -> None:
        self._timer = threading.Timer(self._seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._timer.cancel()
        # A connection that was cut looks like an answer that ended, or broke.
        if self.passed and (error is None or isinstance(error, OSError | http.client.HTTPException)):
            raise TimeoutError from error

    def _cut(self) -> None:
        self.passed = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


_CERTIFICATE_REMEDIES = {
    10: "renew it there.",
    62: "it was made for another name: correct the address.",
}
"""What helps, by OpenSSL's codes: the certificate has expired, the name does not match."""

_WORDS_NOT_SOUND = frozenset(
    {"application/json", "application/xml", "text/xml", "text/html", "text/plain", "application/javascript"}
)


def _checked(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError as error:
        raise SourceError("That is no address; write it like http://music.example.org:4533.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise SourceError("A server's address looks like http://music.example.org:4533; correct it.")
    if "@" in parts.netloc:
        raise SourceError("Leave name and password out of the address; mien asks for them.")
    if parts.query or parts.fragment or not address.strip().isprintable() or " " in address.strip():
        raise SourceError("Leave out of the address what comes after ? or #, and spaces.")
    return parts


def _place(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Which byte an answer begins at, and how long the whole file is, as far as the server says so truly."""
    if response.status == 206:
        unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
        span, _, total = rest.partition("/")
        begin, _, _ = span.partition("-")
        if unit != "bytes" or not begin.isdecimal():
            raise http.client.HTTPException("a part without its place")
        return int(begin), int(total) if total.isdecimal() else None
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None
