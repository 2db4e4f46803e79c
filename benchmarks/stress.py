"""Many clients on a server that is killed again and again, while the drive of its music comes and goes.

    python -m benchmarks.stress [--clients 50] [--minutes 6] [--kills 10] [--pulls 3]
    python -m benchmarks.stress --minutes 60 --kills 100 --pulls 5

Each client sends frames, reports plays and rates a track; one corrects the mood. All that the server acknowledged has
to be in place at the end: every track, rating, play and correction. The exit status is 1 if anything is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Final

import cv2
import httpx
import numpy as np
import sqlalchemy as sa
from skimage import data
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from benchmarks import record
from mien.bench.scenes import moving_faces
from mien.music.library.database import Database
from mien.music.library.library import Library
from mien.music.library.tables import PLAYS
from mien.music.library.taste_store import TasteStore
from mien.types import Image

_MIEN: Final = (sys.executable, "-c", "from mien.cli import main; main()")
_PULLED_S: Final = 40.0
"""How long the drive is away: longer than a running server takes until it scans again."""

_MAX_CORRECTIONS: Final = 200


class StressedServer:
    """``mien serve`` on a port that stays the same, in a home of its own.

    Args:
        home: Its data folder.
        port: The port.
    """

    def __init__(self, home: Path, port: int) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith("MIEN_")}
        self._environ = {**others, "MIEN_HOME": str(home), "MIEN_STARTER": "false"}
        self._port = port
        self._errors = (home.parent / "errors").open("a", encoding="utf-8")
        self.url = f"http://127.0.0.1:{port}"

    def run(self, *arguments: str) -> None:
        """Run a command of mien to its end."""
        subprocess.run([*_MIEN, *arguments], env=self._environ, check=True, capture_output=True)

    def start(self) -> None:
        """Start the server, and return when it listens."""
        command = [*_MIEN, "serve", "--no-open", "--port", str(self._port)]
        self.process = subprocess.Popen(
            command, env=self._environ, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        assert self.process.stdout is not None  # noqa: S101  it is a pipe
        if "http://" not in self.process.stdout.readline():
            raise RuntimeError("the server did not start")

    def kill(self) -> None:
        """End the server as a power cut would."""
        self.process.kill()
        self._wait()

    def stop(self) -> float:
        """End the server with Ctrl-C; the seconds until it has ended."""
        began_s = time.perf_counter()
        self.process.send_signal(signal.SIGINT)
        self._wait()
        return time.perf_counter() - began_s

    def close(self) -> None:
        """End the server if it still runs."""
        if self.process.poll() is None:
            self.kill()
        self._errors.close()

    def _wait(self) -> None:
        self.process.wait(60)
        assert self.process.stdout is not None  # noqa: S101  it is a pipe
        self.process.stdout.close()


class Stress:
    """The clients, and what was acknowledged to them.

    Args:
        server: The server.
        tracks: The ids of its tracks.
        frames: The JPEGs to send.
        rng: Decides what is done when.
    """

    def __init__(self, server: StressedServer, tracks: list[str], frames: list[bytes], rng: random.Random) -> None:
        self._server = server
        self._tracks = tracks
        self._frames = frames
        self._rng = rng
        self._headers = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
        self._positions = iter(range(10**9))
        self.ends_s = 0.0
        self.ratings: dict[str, str] = {}
        self.in_doubt: set[str] = set()
        self.plays: set[tuple[str, float]] = set()
        self.corrections = 0
        self.counts: Counter[str] = Counter()
        self.page_ms: list[float] = []

    async def run(self, *, clients: int, kills: int, pulls: int, minutes: float, music: Path) -> None:
        """Do everything at once, for some minutes.

        Args:
            clients: The number of clients.
            kills: How often the server is killed.
            pulls: How often the drive is pulled.
            minutes: How long.
            music: The folder on the drive.
        """
        self.ends_s = time.monotonic() + 60 * minutes
        limits = httpx.Limits(max_connections=clients + 10)
        async with httpx.AsyncClient(
            base_url=self._server.url, headers=self._headers, trust_env=False, timeout=30, limits=limits
        ) as http:
            work = [self._client(number, http) for number in range(clients)]
            work += [self._observe(http), self._kill(kills), self._pull(pulls, music)]
            await asyncio.gather(*work)

    @property
    def _running(self) -> bool:
        return time.monotonic() < self.ends_s

    async def _client(self, number: int, http: httpx.AsyncClient) -> None:
        url = self._server.url.replace("http", "ws", 1) + "/api/v1/live"
        while self._running:
            try:
                async with connect(
                    url, origin=Origin(self._server.url), proxy=None, compression=None, open_timeout=30
                ) as live:
                    while self._running:
                        await self._frame(live, number)
                        await self._report(number, http)
            except (OSError, WebSocketException, httpx.HTTPError, TimeoutError):
                self.counts["connections that failed or were cut"] += 1
                await asyncio.sleep(0.5)

    async def _frame(self, live: ClientConnection, number: int) -> None:
        if number == 0 and self.corrections < _MAX_CORRECTIONS:
            await live.send(json.dumps({"type": "correct", "valence": 0.5, "arousal": 0.1}))
        await live.send(self._rng.choice(self._frames))
        while True:
            answer = json.loads(await asyncio.wait_for(live.recv(), 60))
            if answer["type"] == "reading":
                self.counts["frames read"] += 1
                correction = answer.get("correction") or {}
                self.corrections += bool(correction.get("learnt")) and not correction.get("error")
            if answer["type"] != "next":
                return
            await live.send(self._rng.choice(self._frames))

    async def _report(self, number: int, http: httpx.AsyncClient) -> None:
        track = self._tracks[number % len(self._tracks)]
        position_s = next(self._positions) / 64 % 80_000
        play = {"track": track, "event": "started", "position_s": position_s}
        if (await http.post("/api/v1/plays", json=play)).is_success:
            self.plays.add((track, position_s))
        if number < len(self._tracks):  # each track is rated by one client, so that the last rating is known
            rating = self._rng.choice(["like", "never"])
            self.in_doubt.add(track)
            if (await http.post("/api/v1/ratings", json={"track": track, "rating": rating})).is_success:
                self.ratings[track] = rating
                self.in_doubt.discard(track)

    async def _observe(self, http: httpx.AsyncClient) -> None:
        while self._running:
            began_s = time.perf_counter()
            with suppress(httpx.HTTPError):
                if (await http.get("/")).is_success:
                    self.page_ms.append((time.perf_counter() - began_s) * 1000)
            await asyncio.sleep(0.5)

    async def _kill(self, kills: int) -> None:
        for number in range(kills):
            left_s = max(0.0, self.ends_s - time.monotonic() - 5)
            await asyncio.sleep(left_s / (kills - number) * self._rng.uniform(0.5, 1.0))
            await asyncio.to_thread(self._server.kill)
            await asyncio.to_thread(self._server.start)
            self.counts["kills"] += 1

    async def _pull(self, pulls: int, music: Path) -> None:
        away = music.with_name("unplugged")
        for number in range(pulls):
            left_s = max(0.0, self.ends_s - time.monotonic() - (pulls - number) * _PULLED_S)
            await asyncio.sleep(left_s / (pulls - number + 1))
            await asyncio.to_thread(music.rename, away)
            music.mkdir()
            await asyncio.sleep(_PULLED_S)
            music.rmdir()
            await asyncio.to_thread(away.rename, music)
            self.counts["pulls of the drive"] += 1


def missing(stress: Stress, home: Path, tracks: list[str]) -> dict[str, tuple[int, int]]:
    """What was acknowledged, and how much of it is not in place, by kind.

    Args:
        stress: What was acknowledged.
        home: The data folder of the server that ended.
        tracks: The ids of the tracks that there were.
    """
    with Database.open(home / "library.sqlite3") as database:
        known = {track.id for track in Library(database, starter=False).tracks()}
        ratings = {track: str(rating) for track, rating in TasteStore(database).ratings().items()}
        with database.transaction() as connection:
            rows = connection.execute(sa.select(PLAYS.c.track_id, PLAYS.c.position_s)).all()
    plays = {(track, round(position_s, 3)) for track, position_s in rows}
    acknowledged = {(track, round(position_s, 3)) for track, position_s in stress.plays}
    # A rating that was sent after the last acknowledged one and never answered may have been stored.
    wrong = [one for one, rating in stress.ratings.items() if ratings.get(one) != rating and one not in stress.in_doubt]
    corrections = len(json.loads((home / "corrections.json").read_text(encoding="utf-8"))["corrections"])
    return {
        "tracks": (len(tracks), len(set(tracks) - known)),
        "ratings": (len(stress.ratings), len(wrong)),
        "plays": (len(acknowledged), len(acknowledged - plays)),
        "corrections": (stress.corrections, max(0, stress.corrections - corrections)),
    }


def main() -> int:
    """Run the clients, print the table and store it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--pulls", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mien-stress-") as folder:
        home, music = Path(folder) / "home", Path(folder) / "music"
        music.mkdir()
        for piece in sorted(Path(str(files("mien.music"))).joinpath("starter").glob("*.mp3"))[:12]:
            shutil.copy(piece, music)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            server = StressedServer(home, free.getsockname()[1])
        server.run("library", "add", str(music))
        with Database.open(home / "library.sqlite3") as database:
            tracks = sorted(track.id for track in Library(database, starter=False).tracks())
        rng = random.Random(given.seed)  # noqa: S311  nothing secret
        stress = Stress(server, tracks, _frames(data.astronaut()), rng)
        server.start()
        try:
            asyncio.run(
                stress.run(
                    clients=given.clients,
                    kills=given.kills,
                    pulls=given.pulls,
                    minutes=given.minutes,
                    music=music,
                )
            )
            stop_s = server.stop()
        finally:
            server.close()
        server.run("library", "add", str(music))
        found = missing(stress, home, tracks)
        errors = (Path(folder) / "errors").read_text(encoding="utf-8")
    report = _report(given, stress, found, stop_s, errors)
    print(report)
    print(record.save("stress", report))
    return int(any(lost for _, lost in found.values()) or "Traceback" in errors)


def _frames(photo: Image) -> list[bytes]:
    small = np.asarray(cv2.resize(photo, (512, 512)), dtype=np.uint8)
    return moving_faces([small], width_px=320, height_px=240, count=10)


def _report(
    given: argparse.Namespace,
    stress: Stress,
    found: dict[str, tuple[int, int]],
    stop_s: float,
    errors: str,
) -> str:
    page = sorted(stress.page_ms)
    lines = [
        f"# {given.clients} clients, {given.minutes:g} minutes, {given.kills} kills, {given.pulls} pulls of the drive",
        "",
        *record.circumstances(),
        "",
        "| acknowledged | number | missing |",
        "|---|--:|--:|",
        *(f"| {kind} | {number} | {lost} |" for kind, (number, lost) in found.items()),
        "",
        "| | |",
        "|---|--:|",
        *(f"| {kind} | {number} |" for kind, number in sorted(stress.counts.items())),
        f"| `GET /`: median, p99, longest | {statistics.median(page):.0f}, {page[int(0.99 * len(page))]:.0f}, "
        f"{page[-1]:.0f} ms |",
        f"| Ctrl-C until the end | {stop_s:.1f} s |",
        f"| lines on stderr, tracebacks | {len(errors.splitlines())}, {errors.count('Traceback')} |",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
