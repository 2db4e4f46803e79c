"""Measures the real server in a process of its own: how many clients it serves, how evenly, and in what memory."""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from mien.bench.timing import Timing, timing

_COMMAND: Final = (sys.executable, "-c", "from mien.cli import main; main()")
_ADDRESS: Final = re.compile(r"http://\S+")
_CAMERA_PER_S: Final = 30


class BenchServer:
    """``mien serve`` in a process of its own, on a free port, with nothing in its library but the starter pieces.

    A context manager; raises ``RuntimeError`` when the server does not start.
    """

    def __init__(self, *, classifier: str, threads: int) -> None:
        self._classifier = classifier
        self._threads = threads
        self._home = tempfile.TemporaryDirectory(prefix="mien-bench-")
        self.url = ""
        self.started_s = 0.0

    def __enter__(self) -> Self:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MIEN_")}
        environ |= {"MIEN_HOME": self._home.name, "MIEN_THREADS": str(self._threads)}
        command = [*_COMMAND, "serve", "--no-open", "--port", "0", "--classifier", self._classifier]
        self.started_s = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603  our own words
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # noqa: S101  it was asked for
        found = _ADDRESS.search(self._process.stdout.readline())
        if found is None:
            self.__exit__()
            raise RuntimeError("the server did not start")
        self.url = found[0]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None  # noqa: S101  see above
        self._process.stdout.close()
        self._home.cleanup()

    @property
    def memory_mb(self) -> float | None:
        """The memory that the process holds (RSS), in millions of bytes; None where the system does not say."""
        try:
            text = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii")
            return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        except (OSError, ValueError):
            return _memory_of(self._process.pid)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[BenchClient]:
        """A live connection, as the page opens it."""
        url, origin = self.url.replace("http", "ws", 1) + "api/v1/live", Origin(self.url.rstrip("/"))
        async with connect(url, origin=origin, proxy=None, compression=None) as connection:
            yield BenchClient(connection)


class BenchClient:
    """A live connection that heeds whose turn it is, as the page does."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._waits = False

    async def turn(self) -> None:
        """Return once the server is ready for the next frame."""
        if self._waits:
            await self._hear()

    async def send(self, jpeg: bytes) -> dict[str, object] | None:
        """Send a frame, in turn, and wait for its reading; None where the server wants a fresher one instead.

        Raises ``RuntimeError`` when the server cannot read it.
        """
        await self._connection.send(jpeg)
        return await self._hear()

    async def ask(self, jpeg: bytes) -> dict[str, object]:
        """The reading of a frame, sent again until it is read; raises ``RuntimeError`` when it cannot be."""
        while True:
            await self.turn()
            if (answer := await self.send(jpeg)) is not None:
                return answer

    async def _hear(self) -> dict[str, object] | None:
        message: dict[str, object] = json.loads(await self._connection.recv())
        self._waits = bool(message.get("wait"))
        if message["type"] == "next":
            return None
        if message["type"] != "reading":
            raise RuntimeError(f"the server said: {message.get('message')}")
        return message


def _memory_of(pid: int) -> float | None:
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own words
        return int(said.stdout) * 1024 / 1e6
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def first_reading_s(server: BenchServer, jpeg: bytes) -> float:
    """Seconds from the start of the server's process to the first mood that a client gets from it."""

    async def ask() -> float:
        async with server.connect() as client:
            while (await client.ask(jpeg)).get("mood") is None:
                pass
            return time.perf_counter() - server.started_s

    return asyncio.run(ask())


@dataclass(frozen=True, slots=True)
class ServedRates:
    """What clients got that each had ``wished_per_s`` frames a second to send, one in flight.

    ``rates_per_s``: the answers that each client got a second. ``latency`` from sending a frame to its answer, over
    all clients. ``moods`` is the share of the answers, 0..1, that had a mood.
    """

    wished_per_s: float
    rates_per_s: tuple[float, ...]
    latency: Timing
    moods: float

    @property
    def evenness(self) -> float:
        """The slowest client's rate by the fastest's, 0..1."""
        fastest = max(self.rates_per_s)
        return min(self.rates_per_s) / fastest if fastest > 0 else 0.0


def measure_clients(
    server: BenchServer, jpegs: Sequence[bytes], *, clients: int, duration_s: float = 5.0, wished_per_s: float = 10.0
) -> ServedRates:
    """Let so many clients show their camera at once, each for ``duration_s`` after its first answer.

    Like the page, a client has a camera with 30 pictures a second, keeps one in flight, and waits for its turn: then it
    sends the next one that the camera takes.
    """
    return asyncio.run(_serve_clients(server, jpegs, clients, duration_s, wished_per_s))


async def _serve_clients(
    server: BenchServer, jpegs: Sequence[bytes], clients: int, duration_s: float, wished_per_s: float
) -> ServedRates:
    everybody = asyncio.Barrier(clients)

    async def watch(number: int) -> list[_Answer]:
        # They look neither at their cameras at the same moment, nor at the same picture.
        first = number * len(jpegs) // clients
        async with server.connect() as client:
            await client.ask(jpegs[first])
            await everybody.wait()
            begin_s = time.perf_counter() + number / clients / wished_per_s
            return await _watch(client, [*jpegs[first:], *jpegs[:first]], begin_s, duration_s, wished_per_s)

    found = await asyncio.gather(*(watch(number) for number in range(clients)))
    answers = [answer for client in found for answer in client]
    return ServedRates(
        wished_per_s,
        tuple(sum(answer.in_time for answer in client) / duration_s for client in found),
        timing([answer.latency_ms for answer in answers]),
        statistics.fmean(answer.has_mood for answer in answers),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer to a frame that was sent while clients were counted; ``in_time`` if it came while they were."""

    latency_ms: float
    has_mood: bool
    in_time: bool


async def _watch(
    client: BenchClient, jpegs: Sequence[bytes], begin_s: float, duration_s: float, wished_per_s: float
) -> list[_Answer]:
    answers: list[_Answer] = []
    picture = 0
    while True:
        await client.turn()
        # The camera went on meanwhile: what is sent is its next picture.
        picture = max(picture, math.ceil((time.perf_counter() - begin_s) * _CAMERA_PER_S))
        due_s = begin_s + picture / _CAMERA_PER_S
        if due_s >= begin_s + duration_s:
            break
        await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
        sent_s = time.perf_counter()
        answer = await client.send(jpegs[picture % len(jpegs)])
        ended_s = time.perf_counter()
        if answer is not None:
            in_time = ended_s <= begin_s + duration_s
            answers.append(_Answer(1000 * (ended_s - sent_s), answer.get("mood") is not None, in_time))
            picture += round(_CAMERA_PER_S / wished_per_s)
    return answers


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """What the server held, in millions of bytes: after the frames of each minute, the first of them first."""

    frames_a_minute: int
    by_minute_mb: tuple[float, ...]

    @property
    def drift_mb(self) -> float:
        """How much more it held at the end than after the first minute."""
        return self.by_minute_mb[-1] - self.by_minute_mb[0]


def measure_memory(
    server: BenchServer, jpegs: Sequence[bytes], *, minutes: int, frames_per_s: int = 10
) -> MemoryUse | None:
    """Feed the frames of so many minutes, one after the other as fast as they are read.

    None where the system does not say what memory a process holds.
    """
    if server.memory_mb is None:
        return None
    frames_a_minute = 60 * frames_per_s

    async def feed() -> list[float]:
        held_mb: list[float] = []
        async with server.connect() as client:
            for minute in range(minutes):
                for frame in range(frames_a_minute):
                    await client.ask(jpegs[(minute * frames_a_minute + frame) % len(jpegs)])
                held_mb.append(server.memory_mb or 0.0)
        return held_mb

    return MemoryUse(frames_a_minute, tuple(asyncio.run(feed())))
