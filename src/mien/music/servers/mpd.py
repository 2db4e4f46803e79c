"""A client for MPD's protocol over TCP or a local socket, with limits on the time and size of every answer.

https://mpd.readthedocs.io/en/stable/protocol.html
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mien.errors import Remedy, SlowSourceError, SourceError
from mien.music.servers.server import ConnectionOption, OptionKind, RefusedError, refusal_words
from mien.music.servers.sockets import ServerSockets
from mien.music.text import clean_text

Pairs = list[tuple[str, str]]
"""The lines of an answer: names and values."""

OPTIONS = (
    ConnectionOption(
        name="folder",
        kind=OptionKind.FOLDER,
        help="MPD's music folder on this computer, so that its music plays here too.",
    ),
    ConnectionOption(name="password", kind=OptionKind.SECRET, help="Ask for MPD's password, if it has one."),
)
"""The options of a connection to an MPD, as a source and as a player."""

PORT = 6600
TIMEOUT_S = 10.0
_MAX_LINE_BYTES = 65_536
_MAX_ANSWER_BYTES = 64_000_000
_ANSWER_TIMEOUTS = 3.0  # how long a whole answer may take, in multiples of the timeout
_BAD_PASSWORD, _NOT_ALLOWED = 3, 4


class ProtocolError(Exception):
    """An answer that is not MPD's protocol, is too long, or ends too early."""


class MpdRefusedError(RefusedError):
    """MPD refused a command; ``code`` is MPD's error code."""


class MpdClient:
    """One MPD. Every command opens a connection of its own; may be used from any thread."""

    def __init__(self, address: str, *, password: str = "", name: str = "", timeout_s: float = TIMEOUT_S) -> None:
        """Take the address; nothing is asked yet.

        Args:
            address: ``host``, ``host:port`` or the path of MPD's socket.
            password: MPD's password, empty if it has none.
            name: What the user calls the server; the address by default.
            timeout_s: How long MPD may be silent, in seconds.

        Raises:
            SourceError: The address is invalid.
        """
        self._address = address.strip()
        self._endpoint = _parse_address(self._address)
        self.name = name or self._address
        self._password = password
        self._timeout_s = timeout_s
        self._sockets = ServerSockets()

    def disconnect(self) -> None:
        """Cut every connection, and refuse new ones: for the end of the program."""
        self._sockets.shut_down()

    @property
    def is_local(self) -> bool:
        """Whether it is connected by a socket on this computer; MPD then plays any file that it may read."""
        return isinstance(self._endpoint, str)

    @contextlib.contextmanager
    def connection(self) -> Iterator[MpdConnection]:
        """Open a connection and give the password; everything that fails in it becomes a ``SourceError``."""
        with self._sockets.translate_cut(self._address), self._translate_errors(), self._open_socket() as opened:
            connection = MpdConnection(
                opened, answer_timeout_s=self._timeout_s * _ANSWER_TIMEOUTS, name=self.name, password=self._password
            )
            if self._password:
                connection.ask("password", self._password)
            yield connection

    def ask(self, *words: str | int | float) -> Pairs:
        """Run one command; raises ``MpdRefusedError`` if MPD refuses it, ``SourceError`` if it is out of reach."""
        with self.connection() as connection:
            return connection.ask(*words)

    def music_folder(self) -> Path | None:
        """MPD's music folder, which it tells only over a socket on this computer; None otherwise, or if it refuses.

        Raises:
            SourceError: MPD is out of reach.
        """
        if not self.is_local:
            return None
        try:
            folder = dict(self.ask("config")).get("music_directory", "")
        except MpdRefusedError:
            return None
        return Path(folder) if folder.startswith("/") else None

    def picture(self, uri: str, *, max_bytes: int, first_chunk_only: bool = False) -> bytes | None:
        """The picture in a song's file, or else in its folder.

        Args:
            uri: MPD's name of the song.
            max_bytes: The largest picture to read.
            first_chunk_only: Read only the first chunk, which is enough to tell the picture's type.

        Returns:
            The picture's bytes; None if there is none or it is too large.
        """
        with self.connection() as connection:
            for command in ("readpicture", "albumart"):
                with contextlib.suppress(MpdRefusedError):
                    if data := connection.binary(command, uri, max_bytes=max_bytes, first_chunk_only=first_chunk_only):
                        return data
        return None

    @contextlib.contextmanager
    def _open_socket(self) -> Iterator[socket.socket]:
        if isinstance(self._endpoint, str):
            path = "\0" + self._endpoint[1:] if self._endpoint.startswith("@") else self._endpoint
            with self._sockets.connect_local(path, timeout_s=self._timeout_s) as connection:
                yield connection
        else:
            with self._sockets.connect(*self._endpoint, timeout_s=self._timeout_s) as connection:
                yield connection

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            problem = f"did not answer within {self._timeout_s:g} s"
            raise SlowSourceError(problem, "check that MPD is running there", subject=self._address) from error
        except (ProtocolError, BrokenPipeError, ConnectionResetError) as error:
            raise SourceError("does not answer as MPD does", _CORRECT_ADDRESS, subject=self._address) from error
        except (socket.gaierror, UnicodeError) as error:
            raise SourceError(f"There is no server called {self._address}", _CORRECT_ADDRESS) from error
        except (ConnectionRefusedError, FileNotFoundError) as error:
            remedy = f"start MPD, or {_CORRECT_ADDRESS}"
            raise SourceError(f"Nothing answers at {self._address}", remedy) from error
        except OSError as error:
            problem = f"cannot be reached ({error.strerror or 'the connection broke'})"
            raise SourceError(problem, "try again later", subject=self._address) from error


class MpdConnection:
    """An open connection to an MPD, for one thread; ``version`` is the protocol's."""

    def __init__(self, opened: socket.socket, *, answer_timeout_s: float, name: str, password: str = "") -> None:
        """Take an open socket and read MPD's greeting.

        Args:
            opened: The socket, with a timeout.
            answer_timeout_s: How long a whole answer may take, in seconds.
            name: What the user calls the server.
            password: Removed from MPD's error messages.
        """
        self._socket = opened
        self._password = password
        self._answer_timeout_s = answer_timeout_s
        self._name = name
        self._buffer = bytearray()
        self._binary = b""
        greeting = self._read_line(time.monotonic() + answer_timeout_s)
        if not greeting.startswith(b"OK MPD "):
            raise ProtocolError
        self.version = clean_text(greeting[7:].decode("utf-8", "replace"))

    def ask(self, *words: str | int | float) -> Pairs:
        """Run a command; raises ``MpdRefusedError`` if MPD refuses it."""
        return self._ask(_line(words))

    def ask_all(self, commands: Sequence[Sequence[str | int | float]]) -> None:
        """Run several commands at once; after one that MPD refuses the others are not run."""
        self._ask("\n".join(["command_list_begin", *(_line(words) for words in commands), "command_list_end"]))

    def wait(self, *subsystems: str, seconds: float) -> frozenset[str]:
        """Wait until one of MPD's subsystems changes, at most ``seconds``; returns those that changed."""
        self._socket.sendall(f"idle {' '.join(subsystems)}\n".encode())
        if not self._buffer and not select.select([self._socket], [], [], seconds)[0]:
            self._socket.sendall(b"noidle\n")  # MPD ignores it if it has just answered
        return frozenset(value for name, value in self._answer() if name == "changed")

    def binary(self, command: str, uri: str, *, max_bytes: int, first_chunk_only: bool = False) -> bytes | None:
        """Read binary data in chunks.

        Args:
            command: "readpicture" or "albumart".
            uri: MPD's name of a song.
            max_bytes: The most to read.
            first_chunk_only: Stop after the first chunk.

        Returns:
            The data; None if there is none, or more than ``max_bytes``.
        """
        data = bytearray()
        while True:
            size = dict(self.ask(command, uri, len(data))).get("size", "0")
            if not size.isdecimal() or not 0 < int(size) <= max_bytes or not self._binary:
                return None
            data += self._binary
            if first_chunk_only or len(data) >= int(size):
                return bytes(data[: int(size)])

    def _ask(self, text: str) -> Pairs:
        self._socket.sendall(text.encode("utf-8", "surrogateescape") + b"\n")
        return self._answer()

    def _answer(self) -> Pairs:
        found: Pairs = []
        size = 0
        self._binary = b""
        ends_s = time.monotonic() + self._answer_timeout_s
        while (line := self._read_line(ends_s)) != b"OK":
            if line.startswith(b"ACK "):
                raise self._refusal(line.decode("utf-8", "replace"))
            size += len(line)
            name, colon, value = line.partition(b": ")
            if not colon or size > _MAX_ANSWER_BYTES:
                raise ProtocolError
            # A name that is not UTF-8 keeps its bytes, so that MPD recognises it.
            found.append((name.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")))
            if name == b"binary":
                if not value.isdigit() or int(value) > _MAX_ANSWER_BYTES:
                    raise ProtocolError
                self._binary = self._read(int(value), ends_s)
                self._read_line(ends_s)
        return found

    def _read_line(self, ends_s: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_LINE_BYTES:
                raise ProtocolError
            self._receive(ends_s)
        return self._take(end + 1)[:-1]

    def _read(self, count: int, ends_s: float) -> bytes:
        while len(self._buffer) < count:
            self._receive(ends_s)
        return self._take(count)

    def _take(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _receive(self, ends_s: float) -> None:
        if time.monotonic() > ends_s:
            raise TimeoutError
        data = self._socket.recv(65_536)
        if not data:
            raise ProtocolError
        self._buffer += data

    def _refusal(self, line: str) -> MpdRefusedError:
        code = line.partition("[")[2].partition("@")[0]
        message = clean_text(line.partition("} ")[2])
        if self._password:
            message = message.replace(self._password, "…")  # a server may repeat what it got
        message = message[:200]
        number = int(code) if code.isdecimal() and len(code) < 9 else 0
        if number == _BAD_PASSWORD:
            return MpdRefusedError("refused the password", Remedy.SIGN_IN, subject=self._name, code=number)
        if number == _NOT_ALLOWED:
            return MpdRefusedError("wants a password for this", Remedy.SIGN_IN, subject=self._name, code=number)
        problem, remedy = refusal_words(message, number)
        return MpdRefusedError(problem, remedy, subject=self._name, code=number)


_CORRECT_ADDRESS = "correct the address"


def _line(words: Sequence[str | int | float]) -> str:
    """A command with its arguments quoted; raises ``SourceError`` if an argument has a line break."""
    command, *arguments = [str(word) for word in words]
    if any("\n" in argument or "\0" in argument for argument in arguments):
        raise SourceError("A name with a line break cannot be sent to MPD", "rename the file")
    quoted = [argument.replace("\\", "\\\\").replace('"', '\\"') for argument in arguments]
    return " ".join([command, *(f'"{argument}"' for argument in quoted)])


def _parse_address(address: str) -> str | tuple[str, int]:
    """The path of a socket, or a host and a port; raises ``SourceError`` if the address is invalid."""
    if address.startswith(("/", "@")) and len(address) > 1:
        return address
    host, _, port = address.rpartition(":") if not address.endswith("]") else (address, "", "")
    if not host:
        host, port = address, str(PORT)
    if ":" in host and not host.startswith("["):
        host, port = address, str(PORT)  # an IPv6 address without a port
    host = host.strip("[]")
    port = port or str(PORT)
    plain = host.isprintable() and not any(letter in host for letter in " @/?#")
    if not host or not plain or not port.isdecimal() or not 0 < int(port[:6]) < 65_536:
        raise SourceError("MPD's address looks like music.local:6600, or /run/mpd/socket", "correct it")
    return host, int(port)
