"""Speaks MPD's language, over a network or a socket on this machine, with a limit on every answer.

https://mpd.readthedocs.io/en/stable/protocol.html
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Iterator, Sequence

from mien.errors import SlowSourceError, SourceError
from mien.music.text import clean_text

Pairs = list[tuple[str, str]]
"""Lines of an answer: names, and what stands after their colons."""

PORT = 6600
TIMEOUT_S = 10.0
_LINE_BYTES_MOST = 65_536
_ANSWER_BYTES_MOST = 64_000_000
_PATIENCE = 3.0  # a whole answer may take so many times the silence that is allowed
_BAD_PASSWORD, _NOT_ALLOWED = 3, 4


class MpdRefusedError(SourceError):
    """MPD said no; ``code`` is MPD's."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


class MpdClient:
    """One MPD, by ``host``, ``host:port`` or the path of its socket. Each conversation is a connection of its own.

    May be used from any thread, and asks nothing when made.
    """

    def __init__(self, address: str, *, password: str = "", timeout_s: float = TIMEOUT_S) -> None:
        """Take an address; raises ``SourceError`` where it is none."""
        self.name = address.strip()
        self._place = _place(self.name)
        self._password = password
        self._timeout_s = timeout_s

    @property
    def is_here(self) -> bool:
        """Whether it is reached by a socket on this machine, and so plays any file that it may read."""
        return isinstance(self._place, str)

    @contextlib.contextmanager
    def talk(self) -> Iterator[MpdConnection]:
        """A conversation; all that goes wrong in it is a ``SourceError`` that says so in one sentence."""
        with self._telling(), self._connected() as connection:
            talk = MpdConnection(
                connection, patience_s=self._timeout_s * _PATIENCE, name=self.name, password=self._password
            )
            if self._password:
                talk.ask("password", self._password)
            yield talk

    def ask(self, *words: str | int | float) -> Pairs:
        """What a command answers; raises ``MpdRefusedError`` where MPD says no, else ``SourceError``."""
        with self.talk() as talk:
            return talk.ask(*words)

    def picture(self, uri: str, *, bytes_most: int, begin_only: bool = False) -> bytes | None:
        """The picture in a song's file, or else beside it; None where there is none, or it is too large.

        With ``begin_only`` as much of it as comes at once: enough to see what kind of picture it is.
        """
        with self.talk() as talk:
            for command in ("readpicture", "albumart"):
                with contextlib.suppress(MpdRefusedError):
                    if data := talk.binary(command, uri, bytes_most=bytes_most, begin_only=begin_only):
                        return data
        return None

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        if isinstance(self._place, str):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(self._timeout_s)
                connection.connect("\0" + self._place[1:] if self._place.startswith("@") else self._place)
                yield connection
        else:
            with socket.create_connection(self._place, timeout=self._timeout_s) as connection:
                yield connection

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise SlowSourceError(
                f"{self.name} did not answer within {self._timeout_s:g} s; see whether MPD is running there."
            ) from error
        except (_NonsenseError, BrokenPipeError, ConnectionResetError) as error:
            raise SourceError(f"{self.name} does not answer as MPD does; correct the address.") from error
        except (socket.gaierror, UnicodeError) as error:
            raise SourceError(f"There is no server called {self.name}; correct the address.") from error
        except (ConnectionRefusedError, FileNotFoundError) as error:
            raise SourceError(f"Nothing answers at {self.name}; start MPD, or correct the address.") from error
        except OSError as error:
            raise SourceError(
                f"{self.name} cannot be reached ({error.strerror or 'the connection broke'}); try again later."
            ) from error


class MpdConnection:
    """One conversation with an MPD, for one thread; ``version`` is that of the protocol."""

    def __init__(self, connection: socket.socket, *, patience_s: float, name: str, password: str = "") -> None:
        self._connection = connection
        self._password = password
        self._patience_s = patience_s
        self._name = name
        self._buffer = bytearray()
        self._binary = b""
        greeting = self._read_line(time.monotonic() + patience_s)
        if not greeting.startswith(b"OK MPD "):
            raise _NonsenseError
        self.version = clean_text(greeting[7:].decode("utf-8", "replace"))

    def ask(self, *words: str | int | float) -> Pairs:
        """What a command answers; raises ``MpdRefusedError`` where MPD says no."""
        return self._ask(_line(words))

    def ask_all(self, commands: Sequence[Sequence[str | int | float]]) -> None:
        """Send several commands at once; those after one that MPD refuses are not carried out."""
        self._ask("\n".join(["command_list_begin", *(_line(words) for words in commands), "command_list_end"]))

    def wait(self, *subsystems: str, seconds: float) -> frozenset[str]:
        """Which of MPD's subsystems changed, as soon as one does; none once so many seconds are over."""
        self._connection.sendall(f"idle {' '.join(subsystems)}\n".encode())
        if not self._buffer and not select.select([self._connection], [], [], seconds)[0]:
            self._connection.sendall(b"noidle\n")  # MPD passes over it where it has just answered
        return frozenset(value for name, value in self._answer() if name == "changed")

    def binary(self, command: str, uri: str, *, bytes_most: int, begin_only: bool = False) -> bytes | None:
        """What a command gives piece by piece; None where there is nothing, or more than ``bytes_most``."""
        data = bytearray()
        while True:
            size = dict(self.ask(command, uri, len(data))).get("size", "0")
            if not size.isdecimal() or not 0 < int(size) <= bytes_most or not self._binary:
                return None
            data += self._binary
            if begin_only or len(data) >= int(size):
                return bytes(data[: int(size)])

    def _ask(self, text: str) -> Pairs:
        self._connection.sendall(text.encode("utf-8", "surrogateescape") + b"\n")
        return self._answer()

    def _answer(self) -> Pairs:
        found: Pairs = []
        size = 0
        self._binary = b""
        ends_s = time.monotonic() + self._patience_s
        while (line := self._read_line(ends_s)) != b"OK":
            if line.startswith(b"ACK "):
                raise self._refusal(line.decode("utf-8", "replace"))
            size += len(line)
            name, colon, value = line.partition(b": ")
            if not colon or size > _ANSWER_BYTES_MOST:
                raise _NonsenseError
            # A name in another encoding than UTF-8 keeps its bytes, so that MPD knows it again.
            found.append((name.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")))
            if name == b"binary":
                if not value.isdigit() or int(value) > _ANSWER_BYTES_MOST:
                    raise _NonsenseError
                self._binary = self._read(int(value), ends_s)
                self._read_line(ends_s)
        return found

    def _read_line(self, ends_s: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE_BYTES_MOST:
                raise _NonsenseError
            self._receive(ends_s)
        return self._taken(end + 1)[:-1]

    def _read(self, count: int, ends_s: float) -> bytes:
        while len(self._buffer) < count:
            self._receive(ends_s)
        return self._taken(count)

    def _taken(self, count: int) -> bytes:
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _receive(self, ends_s: float) -> None:
        if time.monotonic() > ends_s:
            raise TimeoutError
        data = self._connection.recv(65_536)
        if not data:
            raise _NonsenseError
        self._buffer += data

    def _refusal(self, line: str) -> MpdRefusedError:
        code = line.partition("[")[2].partition("@")[0]
        said = clean_text(line.partition("} ")[2])
        if self._password:
            said = said.replace(self._password, "…")  # a server may repeat what it was told
        said = said[:200]
        number = int(code) if code.isdecimal() and len(code) < 9 else 0
        if number == _BAD_PASSWORD:
            return MpdRefusedError(f"{self._name} refused the password; run: mien source login", number)
        if number == _NOT_ALLOWED:
            return MpdRefusedError(f"{self._name} wants a password for this; run: mien source login", number)
        return MpdRefusedError(f"{self._name} said no: {said.rstrip('.') or code}; see its own log.", number)


class _NonsenseError(Exception):
    """What came is not MPD's language, or has no end, or ends too early."""


def _line(words: Sequence[str | int | float]) -> str:
    """A command with its arguments quoted; raises ``SourceError`` for one that would begin another command."""
    command, *arguments = [str(word) for word in words]
    if any("\n" in argument or "\0" in argument for argument in arguments):
        raise SourceError("A name with a line break in it cannot be said to MPD; rename the file.")
    quoted = [argument.replace("\\", "\\\\").replace('"', '\\"') for argument in arguments]
    return " ".join([command, *(f'"{argument}"' for argument in quoted)])


def _place(address: str) -> str | tuple[str, int]:
    """The path of a socket, or a host and a port."""
    if address.startswith(("/", "@")) and len(address) > 1:
        return address
    host, _, port = address.rpartition(":") if not address.endswith("]") else (address, "", "")
    if not host:
        host, port = address, str(PORT)
    if ":" in host and not host.startswith("["):
        host, port = address, str(PORT)  # an address of IPv6 without a port
    host = host.strip("[]")
    port = port or str(PORT)
    plain = host.isprintable() and not any(letter in host for letter in " @/?#")
    if not host or not plain or not port.isdecimal() or not 0 < int(port[:6]) < 65_536:
        raise SourceError("MPD's address looks like music.local:6600, or /run/mpd/socket; correct it.")
    return host, int(port)
