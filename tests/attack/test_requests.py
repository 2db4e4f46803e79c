"""Thousands of requests, handshakes and bodies made at random from a seed: nobody gets in, nothing breaks."""

import contextlib
import json
import logging
import random
import socket
from collections import Counter

import pytest
from websockets.sync.client import connect

from tests.waiting import HANG_S
from tests.web.conftest import encode

SEEDS = range(4)
FINE_STATUSES = {200, 204, 206, 304, 400, 403, 404, 405, 411, 413, 414, 415, 416, 426, 431}
METHODS = ["GET", "POST", "HEAD", "DELETE", "PUT", "OPTIONS", "TRACE", "CONNECT", "get", "G\x00T", "", "A" * 9000]
PATHS = [
    "/", "/static/js/api.js", "/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/api/v1/tracks",
    "/api/v1/tracks/folder:calm/audio", "/api/v1/tracks/..%2f..%2fetc%2fpasswd/audio", "/api/v1/tracks/%00/cover",
    "/api/v1/tracks/folder:calm/exit?from_s=nan&until_s=inf", "/api/v1/ratings", "/api/v1/plays", "/api/v1/station",
    "/api/v1/neutral", "/api/v1/corrections", "/api/v1/live", "//evil.example/", "http://evil.example/",
    "*", "/" + "a" * 9000,
]  # fmt: skip
HEADERS = [
    "Host: 127.0.0.1:PORT", "Host: localhost:PORT", "Host: evil.example", "Host: 127.0.0.1:PORT@evil.example", "Host:",
    "Origin: http://127.0.0.1:PORT", "Origin: http://evil.example", "Origin: null", "Origin: http://127.0.0.1:PORT.evil",
    "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate",
    "Range: bytes=0-", "Range: bytes=-1", "Range: bytes=9-1", "Range: bytes=0-9,5-7", "Range: bytes=" + "9" * 30 + "-",
    "Content-Type: application/json", "Content-Type: text/plain", "Content-Length: 2", "Content-Length: -1",
    "Content-Length: " + "9" * 30, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked, identity",
    "If-None-Match: *", "If-Range: x", "Connection: close", "Expect: 100-continue", "X: " + "y" * 20_000, "\x00: \x00",
    "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_failures(caplog):
    """Whatever comes, nothing in the server fails unexpectedly."""
    yield
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def exchange(port, data):
    """The answer to bytes that are sent on a connection of their own; empty if there is none."""
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as wire, contextlib.suppress(OSError):
        wire.sendall(data)
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65_536), b""))
    return b""


def raw_request(rng, port):
    lines = [f"{rng.choice(METHODS)} {rng.choice(PATHS)} HTTP/{rng.choice(['1.1', '1.1', '1.0', '0.9', '9'])}"]
    lines += rng.sample(HEADERS, rng.randint(0, 8))
    body = rng.choice(["", "{}", "2\r\n{}\r\n0\r\n\r\n", "\x00" * 50])
    data = bytearray("\r\n".join([*lines, "", body]).replace("PORT", str(port)).encode("latin-1"))
    for _ in range(rng.choice([0, 0, 1, 5])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("seed", SEEDS)
def test_requests_at_random(server, client, library, seed):
    rng = random.Random(seed)
    for _ in range(100):
        data = raw_request(rng, server.port)
        answer = exchange(server.port, data)
        assert b"root:" not in answer
        if answer:
            status = int(answer.split(b" ", 2)[1])
            assert status in FINE_STATUSES, (data, answer[:300])
    assert client.get("/api/v1/status").status_code == 200
    assert not library.plays


@pytest.mark.parametrize("seed", SEEDS)
def test_handshakes_at_random_open_only_for_the_page(server, seed):
    rng = random.Random(seed)
    names = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]", "evil.example", "127.0.0.1.evil.example")
             for port in (server.port, 80)]  # fmt: skip
    own = {f"{name}:{server.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    counted = Counter()
    for _ in range(40):
        host = rng.choice(names)
        others = [None, "null", "", *(f"{scheme}://{name}" for scheme in ("http", "https") for name in names)]
        origin = rng.choice([f"http://{host}", rng.choice(others)])
        lines = [
            f"GET /api/v1/live{rng.choice(['', '?token=x'])} HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            *([] if origin is None else [f"Origin: {origin}"]),
        ]
        answer = exchange(server.port, "\r\n".join([*lines, "", ""]).encode())
        opened = answer.startswith(b"HTTP/1.1 101")
        counted[opened] += 1
        assert opened == (host in own and origin == f"http://{host}"), (lines, answer[:200])
    assert min(counted[True], counted[False]) > 3


BODIES = {
    "/api/v1/station": {"valence": 0.5, "arousal": -0.5, "count": 3, "played": ["folder:calm"], "goal": "lift"},
    "/api/v1/plays": {"track": "folder:calm", "event": "started", "position_s": 1.0},
    "/api/v1/ratings": {"track": "folder:calm", "rating": "like"},
}
ODD_VALUES = [
    None, True, -1, 0, 1e308, -1e308, 10**30, "", "x" * 1000, "\x00", "\ud800", "folder:calm", "../../etc", [], {},
    [[]] * 50,
    {"$ref": "#"}, [None] * 2000, float("nan"), float("inf"),
]  # fmt: skip


def mutated(rng, value):
    """A JSON body with odd values, names and bytes."""
    body = dict(value)
    for _ in range(rng.randint(1, 3)):
        name = rng.choice([*body, "__proto__", "admin", ""])
        body[name] = rng.choice(ODD_VALUES)
    data = bytearray(json.dumps(body).encode())
    if rng.random() < 0.4:
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(rng.choice([data, data, data, data[: rng.randrange(len(data))], b"[" * 60_000, data * 300]))


@pytest.mark.parametrize("seed", SEEDS)
def test_bodies_at_random(client, seed):
    rng = random.Random(seed)
    for _ in range(120):
        path, body = rng.choice(list(BODIES.items()))
        data = mutated(rng, body)
        answer = client.post(path, content=data, headers={"Content-Type": "application/json"})
        assert answer.status_code in {200, 204, 400, 404, 413}, (path, data[:300], answer.text)
        if answer.status_code >= 400:
            assert answer.json()["error"]["message"].endswith((".", "?")), answer.text
    for path, body in BODIES.items():
        assert client.post(path, json=body).status_code in {200, 204}


COMMANDS = [
    {"type": "select", "face": 3},
    {"type": "steadiness", "value": 0.5},
    {"type": "correct", "valence": 0.2, "arousal": -0.4, "ago_s": 1.5},
]


@pytest.mark.parametrize("seed", SEEDS)
def test_messages_at_random_end_no_live_connection(server, origin, seed):
    rng = random.Random(seed)
    url = server.url.replace("http", "ws", 1) + "api/v1/live"
    with connect(url, origin=origin, proxy=None, open_timeout=HANG_S) as live:
        for _ in range(80):
            if rng.random() < 0.5:
                live.send(mutated(rng, rng.choice(COMMANDS))[:3000].decode("utf-8", "replace"))
                continue
            data = bytearray(encode())
            for _ in range(rng.randint(1, 20)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            live.send(bytes(data[: rng.randint(0, len(data))]))
        live.send(encode(50, 50))
        while True:
            answer = json.loads(live.recv(timeout=HANG_S))
            if answer["type"] == "next":
                live.send(encode(50, 50))
            if answer["type"] == "reading" and answer["width"] == 50:
                break
