"""A running page and ``mien corrections`` share one file: each sees at once what the other changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import cv2
import httpx
import pytest
from websockets.sync.client import connect

from mien.config import load_settings
from mien.session.session import Session
from mien.web.serve import WebServer
from tests.waiting import HANG_S


@pytest.fixture
def environ(tmp_path):
    return {**os.environ, "MIEN_HOME": str(tmp_path / "home"), "MIEN_PORT": "0"}


@pytest.fixture
def server(environ):
    settings = load_settings(environ)
    with Session.open(settings) as session, WebServer(session, host=settings.host, port=settings.port) as server:
        yield server


@pytest.fixture
def mien(environ):
    """A function that runs the command in a process of its own and gives what it prints."""

    def run(*words: str) -> str:
        command = [sys.executable, "-c", "from mien.cli import main; main()", *words]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=HANG_S)
        return done.stdout + done.stderr

    return run


def test_undo_and_deletion_with_the_command_reach_a_running_page_and_back(server, mien, smiling_person):
    frame = cv2.imencode(".jpg", smiling_person[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
    origin = server.url.rstrip("/")
    live = connect(server.url.replace("http", "ws", 1) + "api/v1/live", origin=origin, proxy=None, open_timeout=HANG_S)
    client = httpx.Client(base_url=server.url, headers={"Origin": origin}, trust_env=False, timeout=HANG_S)

    def read():
        live.send(frame)
        return json.loads(live.recv(timeout=HANG_S))

    def correct(valence: float):
        live.send(json.dumps({"type": "correct", "valence": valence, "arousal": 0.0}))
        return read()["corrections"]

    with live, client:
        read()
        assert [correct(valence) for valence in (0.1, 0.2, 0.3)] == [1, 2, 3]
        assert "3 corrections" in mien("corrections", "show")

        assert "is removed" in mien("corrections", "undo")
        assert read()["corrections"] == 2
        assert client.get("/api/v1/corrections").json()["count"] == 2
        assert correct(0.4) == 3
        targets = [one["target"][0] for one in json.loads(mien("corrections", "export"))["corrections"]]
        assert targets == [0.1, 0.2, 0.4]

        client.delete("/api/v1/corrections/last").raise_for_status()
        assert "2 corrections" in mien("corrections", "show")

        assert "2 corrections deleted" in mien("corrections", "delete", "--yes")
        assert read()["corrections"] == 0
        assert correct(0.5) == 1
        assert "1 correction." in mien("corrections", "show")
