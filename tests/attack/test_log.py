"""What ``mien serve --log-level`` says: nothing by default, and never a password, a token, a query or a face."""

import json
import re

import httpx
import pytest
from websockets.sync.client import connect

from mien.music.connections import Connection, Connections
from tests.servers import http
from tests.waiting import HANG_S
from tests.web.conftest import encode

SECRET, QUERY_TOKEN, COOKIE = "s3cret-p4ssword", "t0ken-in-the-query", "c00kie-of-a-page"


@pytest.fixture
def home(tmp_path, odd_server):
    """A home with a server that takes the password, repeats it, and refuses everything."""

    def answer(line, headers):
        said = {"status": "failed", "version": "1.16.1", "error": {"code": 41 if "&t=" in line else 0, "message": line}}
        return http(json.dumps({"subsonic-response": said}))

    server = odd_server(answer)
    folder = tmp_path / "home"
    connection = Connection("nas", "subsonic", server.address, {"user": "ada"}, "password")
    Connections.open(folder, portable=True).put(connection, secret=SECRET)
    return folder


def use(program):
    """All that a page does, and a program that sends what it must not."""
    origin = f"http://127.0.0.1:{program.port}"
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin", "Cookie": f"session={COOKIE}"}
    with httpx.Client(base_url=origin, headers=headers, trust_env=False, timeout=HANG_S) as client:
        assert client.get(f"/?token={QUERY_TOKEN}").status_code == 200
        assert client.post("/api/v1/ratings", json={"track": f"nas:{SECRET}", "rating": "like"}).status_code == 404
        client.get(f"/api/v1/tracks/nas:1/audio?token={QUERY_TOKEN}")
        client.get("/api/v1/a\nb%0aINFO forged".replace("\n", "%0a"))
    url = f"ws://127.0.0.1:{program.port}/api/v1/live?token={QUERY_TOKEN}"
    more = {"Cookie": f"session={COOKIE}"}
    with connect(url, origin=origin, additional_headers=more, proxy=None, open_timeout=HANG_S) as live:
        for message in (encode(), b"\xff\xd8\xff broken", "{}"):
            live.send(message)
            live.recv(timeout=HANG_S)


def test_a_server_is_quiet_by_default(serve):
    program = serve()
    use(program)
    assert program.stop() == 0
    assert program.said() == ""


def test_the_most_detailed_log_tells_no_secret_and_no_face(serve, home):
    program = serve("--log-level", "debug", home=home)
    use(program)
    assert program.stop() == 0
    said = program.said()
    assert re.search(r"INFO GET /: 200, \d+ ms", said)
    assert re.search(r"INFO POST /api/v1/ratings: 404", said)
    assert re.search(r"INFO LIVE /api/v1/live: closed", said)
    assert not [line for line in said.splitlines() if not re.match(r"\d{4}-\d\d-\d\d ", line)], said
    for secret in (SECRET, SECRET.encode().hex(), QUERY_TOKEN, COOKIE, "\\xff\\xd8", "ff d8"):
        assert secret not in said
