"""Frames of people stay in memory: while a real reader reads them over a real connection, nothing is written."""

import os
import sys
import tempfile

import cv2
import pytest
from websockets.sync.client import connect

from mien.face.reader import FaceReader
from mien.session.session import Session
from mien.web.serve import WebServer
from tests.fakes import FakeLibrary
from tests.waiting import HANG_S

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND


class Watch:
    """Notes each file that Python opens for writing, or moves or makes, while it is on.

    An audit hook cannot be taken away again; this one sleeps between tests.
    """

    def __init__(self) -> None:
        self.on = False
        self.written: list[tuple[str, object]] = []
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple) -> None:
        if not self.on:
            return
        if event == "open":
            path, mode, flags = args
            # What goes to the null device is kept nowhere.
            if path != os.devnull and (flags & WRITING or (mode and set(mode) & set("wax+"))):
                self.written.append((event, path))
        elif event in {"os.rename", "os.link", "os.symlink", "os.mkdir", "tempfile.mkstemp", "tempfile.mkdtemp"}:
            self.written.append((event, args[0]))


@pytest.fixture(scope="module")
def watch():
    return Watch()


def test_write_watch_records_opened_files(watch, tmp_path):
    watch.on = True
    (tmp_path / "a").write_bytes(b"frame")
    with tempfile.TemporaryFile():
        pass
    os.close(os.open(tmp_path / "b", os.O_WRONLY | os.O_CREAT))
    (tmp_path / "a").read_bytes()
    watch.on = False
    paths = [str(path) for event, path in watch.written if event == "open"]
    watch.written.clear()
    assert str(tmp_path / "a") in paths
    assert str(tmp_path / "b") in paths
    assert len(paths) >= 3


def test_frames_are_never_written(watch, tmp_path, monkeypatch, smiling_person):
    # The watch does not see what compiled code opens by itself, so all its usual places lead to one empty folder.
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "MIEN_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(tmp_path)
    frame = cv2.imencode(".jpg", cv2.resize(smiling_person[..., ::-1], (640, 480)))[1].tobytes()

    with (
        Session(reader=FaceReader(), library=FakeLibrary(), model="mien") as session,
        WebServer(session) as server,
        connect(
            server.url.replace("http", "ws", 1) + "api/v1/live",
            origin=server.url.rstrip("/"),
            proxy=None,
            open_timeout=HANG_S,
        ) as live,
    ):
        watch.on = True
        try:
            for message in [frame, frame[:5000], b"", frame, "text", frame]:
                live.send(message)
                answer = live.recv(timeout=HANG_S)
        finally:
            watch.on = False

    assert '"happy"' in answer
    assert watch.written == []
    assert list(tmp_path.iterdir()) == []
