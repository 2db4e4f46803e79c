"""A real server on a free port of this machine, before fake faces and fake music, and clients for it."""

from contextlib import ExitStack

import cv2
import httpx
import numpy as np
import pytest
from websockets.sync.client import connect

from mien.music.library.database import Database
from mien.music.library.taste_store import TasteStore
from mien.session.session import Session
from mien.web.serve import WebServer
from tests.fakes import FakeClock, FakeLibrary, FakeReader, track
from tests.waiting import HANG_S


def encode(width_px: int = 64, height_px: int = 48) -> bytes:
    return cv2.imencode(".jpg", np.full((height_px, width_px, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture(scope="session")
def jpeg():
    """A function that makes a gray JPEG of a width and height."""
    return encode


@pytest.fixture
def reader():
    return FakeReader()


@pytest.fixture
def library(tmp_path):
    """Three tracks: "calm" has a file and a cover, "lively" a file, "gone" neither."""
    library = FakeLibrary(
        [
            track("calm", valence=0.5, arousal=-0.5, has_cover=True),
            track("lively", valence=0.5, arousal=0.5),
            track("gone", valence=-0.5, arousal=0.5),
        ]
    )
    for key, suffix in (("calm", ".m4a"), ("lively", ".mp3")):
        path = tmp_path / f"{key}{suffix}"
        path.write_bytes(bytes(range(256)) * 4)
        library.files[f"folder:{key}"] = path
    library.covers["folder:calm"] = (b"\x89PNG\r\n\x1a\n picture", "image/png")
    return library


@pytest.fixture
def clock():
    return FakeClock(step_s=0.002)


@pytest.fixture
def tastes(tmp_path):
    with Database.open(tmp_path / "tastes.sqlite3") as database:
        yield TasteStore(database)


@pytest.fixture
def session(reader, library, clock, tastes):
    rng = np.random.default_rng(0)
    with Session(reader=reader, library=library, model="fake-1", rng=rng, clock=clock, tastes=tastes) as session:
        yield session


@pytest.fixture
def server(session):
    with WebServer(session) as server:
        yield server


@pytest.fixture
def origin(server):
    """What the page's own browser sends as Origin."""
    return server.url.rstrip("/")


@pytest.fixture
def client(server, origin):
    """A client that behaves as the page does."""
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=HANG_S) as client:
        yield client


@pytest.fixture
def live(server, origin):
    """A function that opens a live connection as the page does."""
    url = server.url.replace("http", "ws", 1) + "api/v1/live"
    with ExitStack() as opened:
        yield lambda: opened.enter_context(connect(url, origin=origin, proxy=None, open_timeout=HANG_S))
