"""The server from outside: its port, its address, the browser it opens, and how it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request

import cv2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mien.config import load_settings
from mien.errors import WebServerError
from mien.web.serve import WebServer, serve
from tests.waiting import HANG_S

MIEN = """
import os
from mien.config import load_settings
from mien.web.serve import serve
serve(load_settings(os.environ), open_browser={})
"""


@pytest.fixture
def environ(tmp_path):
    return {**os.environ, "MIEN_HOME": str(tmp_path / "home"), "MIEN_PORT": "0"}


@pytest.fixture
def start(environ):
    """A function that starts mien in a process of its own and gives the process and its address."""
    processes = []

    def start(*, open_browser=False, **more):
        process = subprocess.Popen(
            [sys.executable, "-c", MIEN.format(open_browser)],
            env={**environ, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        line = process.stdout.readline()
        assert "http://" in line, process.communicate(timeout=HANG_S)
        return process, line.split()[3]

    yield start
    for process in processes:
        process.kill()
        process.communicate(timeout=HANG_S)


def test_a_free_port_is_taken_and_told(session):
    with WebServer(session) as server:
        assert server.port > 0
        assert server.url == f"http://127.0.0.1:{server.port}/"
        assert urllib.request.urlopen(server.url).status == 200


def test_it_listens_before_it_serves(session):
    server = WebServer(session)
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(f"GET / HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        with server:
            assert wire.recv(15) == b"HTTP/1.1 200 OK"


def test_it_is_on_loopback_only(session):
    with WebServer(session) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: asks which address of this machine faces outside
        address = probe.getsockname()[0]
        if address.startswith("127."):
            pytest.skip("this machine has no address but loopback")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, server.port), timeout=HANG_S)


def test_ipv6_loopback(session):
    try:
        server = WebServer(session, host="::1")
    except WebServerError:
        pytest.skip("this machine has no IPv6")
    with server:
        assert server.url == f"http://[::1]:{server.port}/"
        assert urllib.request.urlopen(server.url).status == 200


def test_a_taken_port_is_a_sentence_with_a_remedy(session):
    with WebServer(session) as server, pytest.raises(WebServerError) as taken:
        WebServer(session, port=server.port)
    assert str(taken.value) == f"Port {server.port} is already in use; choose another port."


def test_a_port_is_free_again_at_once(session):
    with WebServer(session) as server:
        urllib.request.urlopen(server.url).read()
    with WebServer(session, port=server.port) as again:
        assert urllib.request.urlopen(again.url).status == 200


def test_an_address_that_is_not_here_is_a_sentence(session):
    with pytest.raises(WebServerError, match="choose another address"):
        WebServer(session, host="192.0.2.1")


def test_a_taken_port_closes_the_library_again(environ, session):
    with WebServer(session) as server:
        settings = load_settings({**environ, "MIEN_PORT": str(server.port)})
        threads = threading.active_count()
        with pytest.raises(WebServerError, match="is already in use"):
            serve(settings, open_browser=False, announce=pytest.fail)
        assert threading.active_count() == threads


def test_ending_drops_whoever_is_connected(session, library, tmp_path):
    long = tmp_path / "long.wav"
    long.write_bytes(bytes(64 * 1024 * 1024))
    library.files["folder:calm"] = long
    with WebServer(session) as server:
        live_url = server.url.replace("http", "ws", 1) + "api/v1/live"
        live = connect(live_url, origin=server.url.rstrip("/"), proxy=None, open_timeout=HANG_S).__enter__()
        # A player that stands still: it asked for a sound and does not take it.
        player = socket.create_connection(("127.0.0.1", server.port))
        player.sendall(
            f"GET /api/v1/tracks/folder:calm/audio HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
        )
        assert player.recv(15) == b"HTTP/1.1 200 OK"
    with pytest.raises(ConnectionClosed) as ended:
        live.recv(timeout=HANG_S)
    assert ended.value.rcvd.code == 1012
    live.close()
    player.close()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_it_quietly_with_a_live_connection_open(start, smiling_person):
    process, url = start()
    _, jpeg = cv2.imencode(".jpg", smiling_person[..., ::-1])
    with connect(
        url.replace("http", "ws", 1) + "api/v1/live", origin=url.rstrip("/"), proxy=None, open_timeout=HANG_S
    ) as live:
        live.send(jpeg.tobytes())
        assert json.loads(live.recv(timeout=HANG_S))["type"] == "reading"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG_S)
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err
    assert "Error" not in err


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for a browser is a script")
def test_the_browser_opens_once_the_page_is_there(start, tmp_path):
    seen = tmp_path / "seen"
    os.mkfifo(seen)
    browser = tmp_path / "browser"
    browser.write_text(f"""#!{sys.executable}
import sys, urllib.request
status = urllib.request.urlopen(sys.argv[1]).status
open({str(seen)!r}, "w").write(f"{{sys.argv[1]}} {{status}}")
""")
    browser.chmod(0o755)
    _, url = start(open_browser=True, BROWSER=f"{browser} %s")
    assert seen.read_text() == f"{url} 200"


def test_requests_are_not_logged(start):
    process, url = start()
    urllib.request.urlopen(url + "api/v1/status").read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=HANG_S)
    assert out == ""
    assert "status" not in err


def test_a_network_that_is_missing_is_told_at_once(start, repository, tmp_path):
    missing = "face_landmarks_detector.tflite"
    ignored = shutil.ignore_patterns(missing, "starter", "__pycache__")
    shutil.copytree(repository / "src" / "mien", tmp_path / "mien", ignore=ignored)
    process, _ = start(PYTHONPATH=str(tmp_path), MIEN_STARTER="false")
    assert process.stdout.readline().startswith(f"Faces cannot be read: the network {missing} is missing")


def test_importing_makes_nothing():
    program = "import threading, mien.web.app, mien.web.serve; print(threading.active_count())"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "1"
