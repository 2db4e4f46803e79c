"""Real music servers for the tests, each started once per process on loopback, with generated music."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.waiting import HANG_S, wait_until

ROOT = Path(__file__).resolve().parent.parent
SUPYSONIC = "supysonic==0.7.9"  # AGPL: run as a server of its own, never part of mien

USER, PASSWORD = "ada", "sésame & Öl"
_RATE_HZ = 44_100
_TLS_HELLO = b"\x16"


@dataclass(frozen=True)
class SubsonicServer:
    """A supysonic server and the folder that it serves."""

    address: str
    music: Path
    user: str = USER
    password: str = PASSWORD


@dataclass(frozen=True)
class MpdServer:
    """An MPD server: its port, its socket and the folder that it plays from."""

    port: int
    socket: Path
    music: Path

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


def write_sound(
    path: Path, *, seconds: float = 3.0, hz: float = 330.0, codec: str = "libmp3lame", rate: int = _RATE_HZ, **tags: str
) -> Path:
    """Write a stereo tone with tags, in the container of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(int(seconds * rate)) / rate
    wave = (0.3 * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)
    with av.open(str(path), "w") as container:
        container.metadata.update(tags)
        stream = container.add_stream(codec, rate=rate, layout="stereo")
        stream.codec_context.bit_rate = 128_000  # some encoders need it
        stream.codec_context.open()
        frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.format, layout="stereo", rate=rate, frame_size=stream.codec_context.frame_size
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(piece))
    return path


def write_music(folder: Path) -> Path:
    """Write three songs: an MP3 with a cover, a FLAC with names in two alphabets, an ALAC file."""
    about = {"artist": "Ann Example", "album": "First", "genre": "Jazz", "date": "1999"}
    write_sound(folder / "Ann" / "01 Song.mp3", title="Song", **about)
    Image.new("RGB", (32, 32), "teal").save(folder / "Ann" / "cover.jpg")
    write_sound(
        folder / "Björk & Группа" / "Ночь.flac", codec="flac", hz=220, title="Ночь", artist="Группа", album="Два"
    )
    write_sound(folder / "apple.m4a", codec="alac", hz=500, title="Apple", artist="Ann Example", album="Second")
    return folder


@pytest.fixture(scope="session")
def subsonic_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SubsonicServer]:
    """A supysonic server with three songs."""
    music = write_music(tmp_path_factory.mktemp("subsonic-music"))
    home = tmp_path_factory.mktemp("supysonic")
    command = [str(_supysonic_python()), str(ROOT / "tests" / "serve_supysonic.py"), str(home), str(music)]
    with (
        (home / "log").open("w", encoding="utf-8") as log,
        _running(command, stdout=subprocess.PIPE, stderr=log) as run,
    ):
        assert run.stdout is not None
        port = run.stdout.readline().decode().strip()
        assert port, (home / "log").read_text(encoding="utf-8")
        yield SubsonicServer(f"http://127.0.0.1:{port}", music)


@pytest.fixture(scope="session")
def mpd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    """An MPD server with three songs and a silent output."""
    music = write_music(tmp_path_factory.mktemp("mpd-music"))
    # The path of a socket is limited to about a hundred characters; pytest's folders have longer ones.
    with _short_folder() as short, running_mpd(tmp_path_factory.mktemp("mpd"), music, Path(short)) as server:
        yield server


@pytest.fixture(scope="session")
def mpd_server_of_long_songs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MpdServer]:
    """An MPD server with three songs that no test outlasts, however busy the machine is."""
    music = tmp_path_factory.mktemp("long-music")
    for title in ("First", "Second", "Third"):
        write_sound(music / f"{title}.flac", seconds=600, codec="flac", rate=8000, title=title)
    with _short_folder() as short, running_mpd(tmp_path_factory.mktemp("mpd"), music, Path(short)) as server:
        yield server


@contextlib.contextmanager
def running_mpd(home: Path, music: Path, short: Path, *, port: int | None = None) -> Iterator[MpdServer]:
    """Run MPD with the songs of a folder; with an earlier run's ``home`` and ``port`` it resumes that state."""
    program = shutil.which("mpd", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/bin")
    assert program, "these tests need MPD: sudo apt-get install mpd (macOS: brew install mpd)"
    (home / "playlists").mkdir(exist_ok=True)
    (short / "mpd").unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        port = port or _free_port()
        settings = home / "mpd.conf"
        settings.write_text(
            f'music_directory "{music}"\nplaylist_directory "{home}/playlists"\ndb_file "{home}/database"\n'
            f'state_file "{home}/state"\nsticker_file "{home}/stickers.sqlite"\nlog_file "{home}/log"\n'
            f'bind_to_address "127.0.0.1"\nbind_to_address "{short}/mpd"\nport "{port}"\n'
            'audio_output {\n  type "null"\n  name "silence"\n  mixer_type "software"\n}\n',
            encoding="utf-8",
        )
        stack.enter_context(_running([program, "--no-daemon", str(settings)], stderr=subprocess.DEVNULL))
        wait_until(
            lambda: (home / "database").exists() and (short / "mpd").exists(),
            lambda: (home / "log").read_text(encoding="utf-8"),
        )
        yield MpdServer(port, short / "mpd", music)


@contextlib.contextmanager
def _running(command: list[str], **streams: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **streams)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=HANG_S)


@contextlib.contextmanager
def _short_folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="mien-") as folder:
        yield folder


def _free_port() -> int:
    """A free port below those that systems give to clients, so that none of them takes it before the server does."""
    while True:
        port = int(np.random.default_rng().integers(20_000, 32_000))
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


def _supysonic_python() -> Path:
    """The Python of an environment with supysonic, created on first use; it is separate because of its licence."""
    folder = ROOT / ".venv-supysonic"
    python, stamp = folder / "bin" / "python", folder / SUPYSONIC
    with (ROOT / ".venv-supysonic.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SUPYSONIC]
            subprocess.run(install, check=True)
            stamp.touch()
    return python


class OddServer:
    """A server on this machine whose answers a test scripts.

    Args:
        answer: Returns the bytes to send, piece by piece, for the first line and the headers of a request.
        greeting: Sent first to each client, whose lines are then answered one by one, as MPD does.
        tls: Serve https.

    Attributes:
        asked: The first lines of the requests.
    """

    def __init__(
        self,
        answer: Callable[[str, str], Iterable[bytes]],
        *,
        greeting: bytes | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.asked: list[str] = []
        self._tls = tls
        self._greeting = greeting
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._closing = threading.Event()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._listen)

    def wait(self) -> Iterator[bytes]:
        """Send nothing until the test ends."""
        self._closing.wait(HANG_S)
        yield b""

    def drip(self, *, every_s: float) -> Iterator[bytes]:
        """Send one byte at a time until the test ends."""
        while not self._closing.wait(every_s):
            yield b"x"

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls is not None:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            if self._greeting is not None:
                connection.sendall(self._greeting)
                for line in connection.makefile("r", encoding="latin-1"):
                    self.asked.append(line.rstrip("\n"))
                    for piece in self._answer(line.rstrip("\n"), ""):
                        connection.sendall(piece)
                return
            head = b""
            while b"\r\n\r\n" not in head and head[:1] != _TLS_HELLO and (more := connection.recv(65_536)):
                head += more
            line, _, headers = head.decode("latin-1").partition("\r\n")
            self.asked.append(line)
            for piece in self._answer(line, headers):
                connection.sendall(piece)

    def close(self) -> None:
        """Stop listening and hang up on every client."""
        self._closing.set()
        for one in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(HANG_S)


@pytest.fixture
def odd_server() -> Iterator[Callable[..., OddServer]]:
    """Starts servers whose answers a test scripts."""
    with contextlib.ExitStack() as stack:
        yield lambda answer, **options: stack.enter_context(contextlib.closing(OddServer(answer, **options)))


def http(body: bytes | str, *, status: str = "200 OK", kind: str = "application/json", **headers: str) -> list[bytes]:
    """An HTTP response with a Content-Length."""
    body = body.encode() if isinstance(body, str) else body
    lines = {"Content-Type": kind, "Content-Length": str(len(body)), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return [f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1"), body]
