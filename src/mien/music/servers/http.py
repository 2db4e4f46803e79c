"""An HTTP client with limits on the time and size of every answer, which follows no redirects.

URLs and queries can contain a password, so error messages repeat nothing of them but the host.
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

from mien.errors import Remedy, SlowSourceError, SourceError
from mien.music.servers.sockets import ServerSockets

TIMEOUT_S = 10.0
"""How long a server may be silent, in seconds."""

_ANSWER_TIMEOUTS = 3.0  # how long a whole answer may take, in multiples of the timeout
_CHUNK_BYTES = 65_536
_MIN_BYTES_PER_S = 2000  # an eighth of what music of the lowest bit rate needs


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete answer."""

    status: int
    media_type: str
    body: bytes


class HttpClient:
    """One web server; may be used from any thread."""

    def __init__(self, address: str, *, timeout_s: float = TIMEOUT_S, ca: Path | None = None) -> None:
        """Take the address; nothing is asked yet.

        Args:
            address: A base URL without user, query and fragment, such as ``https://music.example.org/navidrome``.
            timeout_s: How long the server may be silent, in seconds.
            ca: A file of certificates (PEM) to trust besides the system's.

        Raises:
            SourceError: The address is invalid or contains a name or password.
        """
        self._parts = _checked(address)
        self._timeout_s = timeout_s
        self._ca = ca
        self._sockets = ServerSockets()

    def disconnect(self) -> None:
        """Cut every connection, and refuse new ones: for the end of the program."""
        self._sockets.shut_down()

    @property
    def host(self) -> str:
        """The server's host name and port, for people."""
        host = self._parts.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        return f"{shown}:{self._parts.port}" if self._parts.port else shown

    @property
    def answer_timeout_s(self) -> float:
        """How long a whole answer may take, in seconds, unless it is a file."""
        return self._timeout_s * _ANSWER_TIMEOUTS

    @property
    def is_private(self) -> bool:
        """Whether nobody on the network can read the requests: https, or this computer itself."""
        return self._parts.scheme == "https" or self._parts.hostname in {"localhost", "127.0.0.1", "::1"}

    def get(self, path: str, query: Mapping[str, str | Sequence[str]], *, max_bytes: int) -> HttpResponse:
        """Send a GET request.

        Args:
            path: Relative to the base URL.
            query: The query parameters.
            max_bytes: The longest body to accept.

        Raises:
            SourceError: No answer came in time, or it is too long.
        """
        with self.translate_errors(), self._request(path, query, {}) as (response, deadline):
            with deadline:
                body = bytearray()
                while chunk := response.read(min(_CHUNK_BYTES, max_bytes + 1 - len(body))):
                    body += chunk
                    if len(body) > max_bytes:
                        problem = "answers without end"
                        raise SourceError(problem, "check that it is a music server", subject=self.host)
            return HttpResponse(response.status, response.headers.get_content_type(), bytes(body))

    def stream(self, path: str, query: Mapping[str, str | Sequence[str]], *, start: int = 0) -> HttpStream:
        """Request a file and return its bytes as a stream, which the caller closes.

        Args:
            path: Relative to the base URL.
            query: The query parameters.
            start: The first byte of the file to return.

        Raises:
            NotAFileError: The answer is text, such as the JSON or XML in which Subsonic reports errors.
            SourceError: The server is out of reach.
        """
        with self.translate_errors(), contextlib.ExitStack() as stack:
            response, deadline = stack.enter_context(self._request(path, query, {"Range": f"bytes={start}-"}))
            media_type = response.headers.get_content_type()
            if response.status not in {200, 206} or media_type in _TEXT_TYPES:
                with deadline:
                    raise NotAFileError(HttpResponse(response.status, media_type, response.read(_CHUNK_BYTES)))
            first, size_bytes = _content_range(response)
            if first > start:
                raise http.client.HTTPException("another range than the requested one")
            stream = HttpStream(response, self, size_bytes)
            stream.skip(start - first)
            stream.hold(stack.pop_all())
        return stream

    @contextlib.contextmanager
    def _request(
        self, path: str, query: Mapping[str, str | Sequence[str]], headers: Mapping[str, str]
    ) -> Iterator[tuple[http.client.HTTPResponse, _Deadline]]:
        with contextlib.ExitStack() as opened:
            connection = opened.enter_context(contextlib.closing(self._connection()))
            raw = opened.enter_context(
                self._sockets.connect(connection.host, connection.port, timeout_s=self._timeout_s)
            )
            deadline = _Deadline(opened.enter_context(raw.dup()), self.answer_timeout_s)  # TLS takes over the first
            connection.sock = raw
            if self._parts.scheme == "https":
                with deadline:
                    connection.sock = self._ssl_context.wrap_socket(raw, server_hostname=connection.host)
            target = f"{self._parts.path.rstrip('/')}/{path}?{urlencode(query, doseq=True)}"
            with deadline:
                connection.request("GET", target, headers={"User-Agent": "mien", **headers})
                response = opened.enter_context(connection.getresponse())
            if response.status in {301, 302, 303, 307, 308}:
                raise self._redirect_error(response.headers.get("Location", ""))
            yield response, deadline

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout_s, context=self._ssl_context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout_s)

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca is not None:
            try:
                context.load_verify_locations(cafile=self._ca)
            except OSError as error:  # ssl's own errors are OSErrors too
                problem = "holds no certificate that can be read"
                raise SourceError(problem, "give a file in PEM", subject=self._ca) from error
            # Home-made certificates lack extensions that newer versions of Python require.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def _redirect_error(self, location: str) -> SourceError:
        # Redirects are not followed: the query contains a password, and the target may be anybody's.
        try:
            parts = urlsplit(location)
            target = f"{parts.scheme}://{parts.hostname}" if parts.hostname else "another page"
        except ValueError:
            target = "another page"
        return SourceError(f"redirects to {target}", "use the address where that ends", subject=self.host)

    def timeout_error(self) -> SlowSourceError:
        """The error for a server that is too slow."""
        problem = f"did not answer within {self._timeout_s:g} s"
        return SlowSourceError(problem, "check that it is running and the network is up", subject=self.host)

    @contextlib.contextmanager
    def translate_errors(self) -> Iterator[None]:
        """Convert the errors of sockets, TLS and HTTP into ``SourceError``."""
        with self._sockets.translate_cut(self.host), self._translate_errors():
            yield

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise self.timeout_error() from error
        except ConnectionRefusedError as error:
            remedy = f"start the server, or {_CORRECT_ADDRESS}"
            raise SourceError(f"Nothing answers at {self.host}", remedy) from error
        except (socket.gaierror, UnicodeError) as error:
            raise SourceError(f"There is no server called {self.host}", _CORRECT_ADDRESS) from error
        except ssl.SSLCertVerificationError as error:
            problem = f"The certificate of {self.host} is not trusted ({error.verify_message.rstrip('.')})"
            remedy = _CERTIFICATE_REMEDIES.get(error.verify_code, Remedy.TRUST_CERTIFICATE)
            raise SourceError(problem, remedy) from error
        except ssl.SSLError as error:
            raise SourceError("does not speak https here", "try http, or another port", subject=self.host) from error
        except (http.client.HTTPException, ValueError):
            # Without the original error, which repeats what the server sent, perhaps the query.
            raise SourceError("does not answer as a web server does", _CORRECT_ADDRESS, subject=self.host) from None
        except OSError as error:
            problem = f"cannot be reached ({error.strerror or 'the connection broke'})"
            raise SourceError(problem, "try again later", subject=self.host) from error


class NotAFileError(SourceError):
    """A server answered with text in place of a file."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__("The server has no such file", Remedy.SCAN)
        self.answer = answer


class HttpStream:
    """The bytes of a file as a server sends them; ``size_bytes`` is the whole file's size, None if unknown."""

    def __init__(self, response: http.client.HTTPResponse, server: HttpClient, size_bytes: int | None) -> None:
        """Take a response whose headers are read.

        Args:
            response: The response.
            server: The server that sends it.
            size_bytes: The size of the whole file, None if unknown.
        """
        self.size_bytes = size_bytes
        self._response = response
        self._server = server
        self._connection = contextlib.ExitStack()
        self._waited_s = 0.0
        self._received_bytes = 0

    def hold(self, connection: contextlib.ExitStack) -> None:
        """Take ownership of the connection, which ``close`` closes."""
        self._connection = connection

    def read(self, count: int) -> bytes:
        """Read at most ``count`` bytes, none at the end; raises ``SourceError`` if the connection fails."""
        start_s = time.monotonic()
        with self._server.translate_errors():
            data = self._response.read1(count)
        self._waited_s += time.monotonic() - start_s
        self._received_bytes += len(data)
        if self._waited_s > self._server.answer_timeout_s + self._received_bytes / _MIN_BYTES_PER_S:
            raise self._server.timeout_error()
        return data

    def skip(self, count: int) -> None:
        """Read and discard ``count`` bytes."""
        while count > 0 and (chunk := self.read(min(count, _CHUNK_BYTES))):
            count -= len(chunk)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class _Deadline:
    """Shuts a connection down after a time, however slowly data arrives; ``passed`` is true once it did."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self.passed = False
        self._connection = connection
        self._seconds = seconds
        self._timer = threading.Timer(seconds, self._shut_down)

    def __enter__(self) -> None:
        self._timer = threading.Timer(self._seconds, self._shut_down)
        self._timer.daemon = True
        self._timer.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._timer.cancel()
        # A connection that was shut down looks like an answer that ended or broke.
        if self.passed and (error is None or isinstance(error, OSError | http.client.HTTPException)):
            raise TimeoutError from error

    def _shut_down(self) -> None:
        self.passed = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


_CERTIFICATE_REMEDIES = {
    10: "renew it there",
    62: "correct the address: it was made for another name",
}
"""By OpenSSL's error codes: the certificate has expired, the name does not match."""

_CORRECT_ADDRESS = "correct the address"

_TEXT_TYPES = frozenset(
    {"application/json", "application/xml", "text/xml", "text/html", "text/plain", "application/javascript"}
)


_EXAMPLE_ADDRESS = "http://music.example.org:4533"


def _checked(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError as error:
        raise SourceError("That is not an address", f"write it like {_EXAMPLE_ADDRESS}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise SourceError(f"A server's address looks like {_EXAMPLE_ADDRESS}", "correct it")
    if "@" in parts.netloc:
        raise SourceError("The address contains a name or a password", "leave them out; mien asks for them")
    if parts.query or parts.fragment or not address.strip().isprintable() or " " in address.strip():
        raise SourceError("The address contains a query, a fragment or spaces", "leave them out")
    return parts


def _content_range(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """The first byte of an answer, and the size of the whole file, None if unknown."""
    if response.status == 206:
        unit, _, rest = response.headers.get("Content-Range", "").partition(" ")
        span, _, total = rest.partition("/")
        begin, _, _ = span.partition("-")
        if unit != "bytes" or not begin.isdecimal():
            raise http.client.HTTPException("a partial answer without its range")
        return int(begin), int(total) if total.isdecimal() else None
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None
