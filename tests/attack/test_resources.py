"""Too few files, too little memory, and a crash: a true sentence, no flood of them, and no frame on the disk."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys

import pytest
from PIL import Image

from mien.errors import ModelError, is_short_of_memory, network_error
from tests.waiting import HANG_S, wait_until

resource = pytest.importorskip("resource", reason="only POSIX limits what a process may use")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")


def status_of(port, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG_S)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def test_a_server_without_files_waits_says_so_once_and_recovers(serve):
    program = serve(limit=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80)))
    assert status_of(program.port) == 200
    with contextlib.ExitStack() as opened:
        for _ in range(120):
            opened.enter_context(socket.create_connection(("127.0.0.1", program.port)))
        wait_until(lambda: "Too many files and connections are open" in program.said(), program.said)
    wait_until(lambda: status_of(program.port) == 200)
    assert program.stop() == 0
    assert len(program.said().splitlines()) < 5
    assert "Traceback" not in program.said()


def test_a_crash_leaves_no_core(serve, tmp_path):
    def allow_cores():
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    program = serve(limit=allow_cores)
    assert resource.prlimit(program.process.pid, resource.RLIMIT_CORE) == (0, 0)
    program.process.send_signal(signal.SIGABRT)
    assert program.process.wait(HANG_S) == -signal.SIGABRT
    assert not [path for path in tmp_path.rglob("core*") if path.is_file()]


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("std::bad_alloc"), ImportError("x.so: failed to map segment from shared object")],
)
def test_a_lack_of_memory_is_no_damage(error):
    assert is_short_of_memory(error)
    said = network_error(error, subject="net.onnx")
    assert isinstance(said, ModelError)
    assert str(said) == "There is too little memory to load a network; close other programs, and try again."


def test_damage_is_no_lack_of_memory():
    assert str(network_error(RuntimeError("bad magic number"), subject="net")) == "“net” is damaged; reinstall mien."


def test_a_program_with_too_little_memory_says_so(tmp_path):
    Image.new("RGB", (64, 48)).save(tmp_path / "photo.jpg")
    ended = subprocess.run(
        [sys.executable, "-c", "from mien.cli import main; main()", "faces", "photo.jpg"],
        cwd=tmp_path,
        env={**os.environ, "MIEN_HOME": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20)),
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr.endswith("There is too little memory; close other programs, and try again.\n"), ended.stderr
