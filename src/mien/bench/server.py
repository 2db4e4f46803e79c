"""Measures the real server in a process of its own: its rates with many clients, and its memory."""

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
    """``mien serve`` in a process of its own, on a free port, with only the starter music in its library.

    A context manager; entering raises ``RuntimeError`` if the server does not start.

    Args:
        classifier: What reads the expression.
        threads: How many threads a network may use.
        library_path: Another library, without the starter music.
    """

    def __init__(self, *, classifier: str, threads: int, library_path: Path | None = None) -> None:
        self._classifier = classifier
        self._threads = threads
        self._library_path = library_path
        self._home = tempfile.TemporaryDirectory(prefix="mien-bench-")
        self.url = ""
        self.started_s = 0.0

    def __enter__(self) -> Self:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MIEN_")}
        environ |= {"MIEN_HOME": self._home.name, "MIEN_THREADS": str(self._threads)}
        if self._library_path is not None:
            environ |= {"MIEN_LIBRARY_PATH": str(self._library_path), "MIEN_STARTER": "false"}
        command = [*_COMMAND, "serve", "--no-open", "--port", "0", "--classifier", self._classifier]
        self.started_s = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603  fixed arguments
            command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None  # noqa: S101  it is a pipe
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
        """The resident memory of the process in MB (10^6 bytes); None if the system does not tell."""
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
    """A live connection that waits for its turn, as the page does."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._must_wait = False

    async def wait_for_turn(self) -> None:
        """Wait until the server is ready for the next frame."""
        if self._must_wait:
            await self._receive()

    async def send(self, jpeg: bytes) -> dict[str, object] | None:
        """Send a frame and wait for its reading; None if the server wants a more recent frame instead.

        Raises ``RuntimeError`` if the server refuses the frame.
        """
        await self._connection.send(jpeg)
        return await self._receive()

    async def ask(self, jpeg: bytes) -> dict[str, object]:
        """Send a frame until it is read, and return its reading; raises ``RuntimeError`` if it is refused."""
        while True:
            await self.wait_for_turn()
            if (answer := await self.send(jpeg)) is not None:
                return answer

    async def _receive(self) -> dict[str, object] | None:
        message: dict[str, object] = json.loads(await self._connection.recv())
        self._must_wait = bool(message.get("wait"))
        if message["type"] == "next":
            return None
        if message["type"] != "reading":
            raise RuntimeError(f"the server answered: {message.get('message')}")
        return message


def _memory_of(pid: int) -> float | None:
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  fixed arguments
        return int(output.stdout) * 1024 / 1e6
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def first_reading_s(server: BenchServer, jpeg: bytes) -> float:
    """Seconds from the start of the server's process to the first mood that a client receives."""

    async def ask() -> float:
        async with server.connect() as client:
            while (await client.ask(jpeg)).get("mood") is None:
                pass
            return time.perf_counter() - server.started_s

    return asyncio.run(ask())


@dataclass(frozen=True, slots=True)
class ServedRates:
    """The rates of clients that send frames at the same time, each one frame at a time.

    Attributes:
        target_per_s: How many frames per second each client tried to send.
        rates_per_s: How many answers per second each client received.
        latency: From sending a frame to its answer, over all clients.
        moods: The share of answers with a mood, 0..1.
    """

    target_per_s: float
    rates_per_s: tuple[float, ...]
    latency: Timing
    moods: float

    @property
    def evenness(self) -> float:
        """The rate of the slowest client over that of the fastest, 0..1."""
        fastest = max(self.rates_per_s)
        return min(self.rates_per_s) / fastest if fastest > 0 else 0.0


def measure_clients(
    server: BenchServer, jpegs: Sequence[bytes], *, clients: int, duration_s: float = 5.0, target_per_s: float = 10.0
) -> ServedRates:
    """Connect clients that send frames at the same time.

    Like the page, a client has a camera with 30 frames per second, sends one frame at a time, and waits for its turn;
    then it sends the next frame of the camera.

    Args:
        server: The server.
        jpegs: The frames of the cameras.
        clients: How many clients there are.
        duration_s: How long each sends after its first answer.
        target_per_s: How many frames per second each tries to send.
    """
    return asyncio.run(_serve_clients(server, jpegs, clients, duration_s, target_per_s))


async def _serve_clients(
    server: BenchServer, jpegs: Sequence[bytes], clients: int, duration_s: float, target_per_s: float
) -> ServedRates:
    all_ready = asyncio.Barrier(clients)

    async def watch(number: int) -> list[_Answer]:
        # Each starts at another moment and with another frame.
        first = number * len(jpegs) // clients
        async with server.connect() as client:
            await client.ask(jpegs[first])
            await all_ready.wait()
            begin_s = time.perf_counter() + number / clients / target_per_s
            return await _watch(client, [*jpegs[first:], *jpegs[:first]], begin_s, duration_s, target_per_s)

    found = await asyncio.gather(*(watch(number) for number in range(clients)))
    answers = [answer for client in found for answer in client]
    return ServedRates(
        target_per_s,
        tuple(sum(answer.in_time for answer in client) / duration_s for client in found),
        timing([answer.latency_ms for answer in answers]),
        statistics.fmean(answer.has_mood for answer in answers),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer to a frame that was sent within the duration; ``in_time`` if it also arrived within it."""

    latency_ms: float
    has_mood: bool
    in_time: bool


async def _watch(
    client: BenchClient, jpegs: Sequence[bytes], begin_s: float, duration_s: float, target_per_s: float
) -> list[_Answer]:
    answers: list[_Answer] = []
    picture = 0
    while True:
        await client.wait_for_turn()
        # Send the next frame of the camera, which ran on meanwhile.
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
            picture += round(_CAMERA_PER_S / target_per_s)
    return answers


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """The server's memory in MB after each minute of frames."""

    frames_per_minute: int
    by_minute_mb: tuple[float, ...]

    @property
    def drift_mb(self) -> float:
        """How much it grew from the first minute to the last."""
        return self.by_minute_mb[-1] - self.by_minute_mb[0]


def measure_memory(
    server: BenchServer, jpegs: Sequence[bytes], *, minutes: int, frames_per_s: int = 10
) -> MemoryUse | None:
    """Send minutes of frames as fast as they are read, and measure the server's memory.

    Args:
        server: The server.
        jpegs: The frames, sent in a loop.
        minutes: How many minutes of frames to send.
        frames_per_s: How many frames make a second.

    Returns:
        The memory by minute; None if the system does not tell.
    """
    if server.memory_mb is None:
        return None
    frames_per_minute = 60 * frames_per_s

    async def feed() -> list[float]:
        memory_mb: list[float] = []
        async with server.connect() as client:
            for minute in range(minutes):
                for frame in range(frames_per_minute):
                    await client.ask(jpegs[(minute * frames_per_minute + frame) % len(jpegs)])
                memory_mb.append(server.memory_mb or 0.0)
        return memory_mb

    return MemoryUse(frames_per_minute, tuple(asyncio.run(feed())))
