"""Who may talk to mien: a table of requests and what becomes of each. PORT stands for the server's own port."""

import http.client
import re
import socket

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mien.web.security import loopback_hosts
from tests.waiting import HANG_S

OWN = "http://127.0.0.1:PORT"
JSON = {"Content-Type": "application/json"}
STATION = b'{"valence": 0.5, "arousal": 0.5}'
TAB = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FETCH = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}


def get(path: str, **headers: str) -> tuple[str, str, dict[str, str]]:
    return "GET", path, headers_of(headers)


def post(path: str, **headers: str) -> tuple[str, str, dict[str, str]]:
    return "POST", path, {**JSON, **headers_of(headers)}


def headers_of(words: dict[str, str]) -> dict[str, str]:
    headers = {"Host": words.pop("host", "127.0.0.1:PORT")}
    if "origin" in words:
        headers["Origin"] = words.pop("origin")
    if "site" in words:
        headers["Sec-Fetch-Site"] = words.pop("site")
    headers |= {"tab": TAB, "frame": {**TAB, "Sec-Fetch-Dest": "iframe"}, "": {}}[words.pop("into", "")]
    assert not words
    return headers


REQUESTS = [
    # -- the page itself
    ("its own fetch", get("/api/v1/status", site="same-origin"), 200),
    ("its own fetch by another of its names", get("/api/v1/status", host="localhost:PORT", site="same-origin"), 200),
    ("its own fetch over IPv6", get("/api/v1/status", host="[::1]:PORT", site="same-origin"), 200),
    ("its own names in capitals", get("/", host="LOCALHOST:PORT"), 200),
    ("its own post", post("/api/v1/station", origin=OWN, site="same-origin"), 200),
    ("its own post, old browser", post("/api/v1/station", origin=OWN), 200),
    ("its own post, no Origin", post("/api/v1/station", site="same-origin"), 200),
    ("its own image", get("/static/icon.svg", site="same-origin"), 200),
    # -- the person
    ("an address that was typed", get("/", site="none", into="tab"), 200),
    ("an address of the interface that was typed", get("/api/v1/status", site="none", into="tab"), 200),
    ("a link from another site", get("/", site="cross-site", into="tab"), 200),
    ("a link from another port", get("/", site="same-site", into="tab"), 200),
    # -- other programs of the person
    ("curl reads", get("/api/v1/status"), 200),
    ("curl posts", post("/api/v1/station"), 403),
    ("curl posts with the Origin", post("/api/v1/station", origin=OWN), 200),
    # -- DNS rebinding: a foreign name for this machine
    ("a foreign host reads the page", get("/", host="evil.example:PORT"), 403),
    ("a foreign host reads the interface", get("/api/v1/tracks", host="evil.example:PORT", site="same-origin"), 403),
    (
        "a foreign host that is its own origin",
        post("/api/v1/station", host="evil.example:PORT", origin="http://evil.example:PORT", site="same-origin"),
        403,
    ),
    ("a host that only begins like ours", get("/", host="127.0.0.1.evil.example:PORT"), 403),
    ("our name without the port", get("/", host="127.0.0.1"), 403),
    ("our name at another port", get("/", host="127.0.0.1:1"), 403),
    ("a host with a user", get("/", host="127.0.0.1:PORT@evil.example"), 403),
    ("an empty host", get("/", host=""), 403),
    ("another address of this machine", get("/", host="192.168.1.50:PORT"), 403),
    # -- other pages: cross-origin
    ("another site posts", post("/api/v1/station", origin="https://evil.example", site="cross-site"), 403),
    ("another port posts", post("/api/v1/station", origin="http://127.0.0.1:1", site="same-site"), 403),
    ("another port posts, old browser", post("/api/v1/station", origin="http://127.0.0.1:1"), 403),
    ("our other name posts", post("/api/v1/station", origin="http://localhost:PORT", site="cross-site"), 403),
    ("https of our name posts", post("/api/v1/station", origin="https://127.0.0.1:PORT"), 403),
    ("a sandboxed frame posts", post("/api/v1/station", origin="null", site="cross-site"), 403),
    ("another site reads with cors", get("/api/v1/tracks", origin="https://evil.example", site="cross-site"), 403),
    ("another site reads without cors", get("/api/v1/tracks", site="cross-site"), 403),
    ("another port reads without cors", get("/api/v1/tracks", site="same-site"), 403),
    ("another site takes a sound", get("/api/v1/tracks/folder:calm/audio", site="cross-site"), 403),
    ("another port takes a cover", get("/api/v1/tracks/folder:calm/cover", site="same-site"), 403),
    ("another site takes a script", get("/static/js/api.js", site="cross-site"), 403),
    ("another site frames the page", get("/", site="cross-site", into="frame"), 403),
    ("another site opens the interface in a tab", get("/api/v1/tracks", site="cross-site", into="tab"), 403),
    (
        "a form of another site, sent into a tab",
        ("POST", "/api/v1/plays", headers_of({"site": "cross-site", "into": "tab"})),
        403,
    ),
    ("curl likes a track", post("/api/v1/ratings"), 403),
    ("another site likes a track", post("/api/v1/ratings", origin="https://evil.example", site="cross-site"), 403),
    ("another port likes a track", post("/api/v1/ratings", origin="http://127.0.0.1:1", site="same-site"), 403),
    ("a word that is not a site", get("/api/v1/tracks", site="SAME-ORIGIN"), 403),
    ("none, but not in a tab", get("/api/v1/tracks", site="none"), 403),
    ("none, but it changes something", post("/api/v1/station", site="none", into="tab"), 403),
    ("an unknown address from another site", get("/api/v1/nothing", site="cross-site"), 403),
    (
        "a method that nobody asked for, from another port",
        ("DELETE", "/api/v1/tracks", headers_of({"site": "same-site"})),
        403,
    ),
    # -- let in, but not there
    ("a preflight from nowhere", ("OPTIONS", "/api/v1/station", headers_of({"origin": OWN})), 405),
    ("an unknown address", get("/api/v1/nothing", site="same-origin"), 404),
]


@pytest.mark.parametrize(("request_", "status"), [v[1:] for v in REQUESTS], ids=[v[0] for v in REQUESTS])
def test_requests(server, request_, status):
    method, path, headers = request_
    answer, body = ask(server.port, method, path, headers, STATION if method == "POST" else None)
    assert answer.status == status, body
    if status == 403:
        assert re.fullmatch(rb'\{"error":\{"kind":"forbidden","message":"[^"]+\.".*\}\}', body)


OPEN_LIVE = [
    ("the page", "127.0.0.1:PORT", OWN, True),
    ("the page by its other name", "localhost:PORT", "http://localhost:PORT", True),
    ("no Origin", "127.0.0.1:PORT", None, False),
    ("another site", "127.0.0.1:PORT", "https://evil.example", False),
    ("another port", "127.0.0.1:PORT", "http://127.0.0.1:1", False),
    ("another scheme", "127.0.0.1:PORT", "https://127.0.0.1:PORT", False),
    ("our other name", "127.0.0.1:PORT", "http://localhost:PORT", False),
    ("an opaque origin", "127.0.0.1:PORT", "null", False),
    ("a rebound name", "evil.example:PORT", "http://evil.example:PORT", False),
    ("a rebound name with our Origin", "evil.example:PORT", OWN, False),
]


@pytest.mark.parametrize(("host", "origin", "opens"), [c[1:] for c in OPEN_LIVE], ids=[c[0] for c in OPEN_LIVE])
def test_live_connections(server, host, origin, opens, jpeg):
    url = f"ws://{host}/api/v1/live".replace("PORT", str(server.port))
    origin = origin and origin.replace("PORT", str(server.port))
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        if opens:
            with connect(url, sock=wire, origin=origin, proxy=None, open_timeout=HANG_S) as live:
                live.send(jpeg())
                assert '"reading"' in live.recv(timeout=HANG_S)
        else:
            with (
                pytest.raises(InvalidStatus) as refused,
                connect(url, sock=wire, origin=origin, proxy=None, open_timeout=HANG_S),
            ):
                pass
            assert refused.value.response.status_code == 403


def test_two_hosts_are_no_host(server):
    raw = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert exchange(server.port, raw).startswith(b"HTTP/1.1 400")


def test_a_request_without_a_host_is_refused(server):
    assert exchange(server.port, "GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 403")


def test_two_origins_are_a_foreign_one(server):
    own = f"http://127.0.0.1:{server.port}"
    raw = (
        f"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {own}\r\nOrigin: http://evil.example\r\n"
        "Connection: close\r\n\r\n"
    )
    assert exchange(server.port, raw).startswith(b"HTTP/1.1 403")


ANSWERS = [
    ("the page", "GET", "/", {}, 200),
    ("the page's script", "GET", "/static/js/api.js", {}, 200),
    ("the interface", "GET", "/api/v1/status", {}, 200),
    ("a sound", "GET", "/api/v1/tracks/folder:calm/audio", {}, 200),
    ("a cover", "GET", "/api/v1/tracks/folder:calm/cover", {}, 200),
    ("a refusal", "GET", "/", {"Host": "evil.example"}, 403),
    ("not there", "GET", "/nothing", {}, 404),
    ("not so", "DELETE", "/", {"Origin": OWN}, 405),
    ("not understood", "POST", "/api/v1/station", {"Origin": OWN, **JSON}, 400),
    ("a failure that nobody foresaw", "GET", "/api/v1/tracks/folder:gone/audio", {}, 500),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), [a[1:] for a in ANSWERS], ids=[a[0] for a in ANSWERS])
def test_every_answer_carries_the_headers(server, library, method, path, headers, status):
    library.files["folder:gone"] = None
    headers = {"Host": "127.0.0.1:PORT", **headers}
    answer, _ = ask(server.port, method, path, headers, b"[]" if method == "POST" else None)
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    features = dict(feature.split("=") for feature in answer.headers["Permissions-Policy"].split(", "))
    assert features["camera"] == "(self)"
    assert {features[name] for name in ("microphone", "geolocation", "usb", "payment", "display-capture")} == {"()"}
    policy = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
    own = {} if answer.status == 403 else {"connect-src": f"'self' ws://127.0.0.1:{server.port}"}
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' blob: data:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'none'",
        **own,
    }
    assert "Server" not in answer.headers
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_api_responses_are_not_cached(client):
    assert client.get("/api/v1/status").headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/nothing").headers["Cache-Control"] == "no-store"


def test_a_refused_name_is_not_repeated_in_a_header(server):
    answer, _ = ask(server.port, "GET", "/", {"Host": "x; script-src *"})
    assert answer.status == 403
    assert "script-src *" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("port", "host", "expected"),
    [
        (8765, "127.0.0.1", {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}),
        (8765, "::1", {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}),
        (8765, "127.0.0.2", {"127.0.0.1:8765", "localhost:8765", "[::1]:8765", "127.0.0.2:8765"}),
        (80, "127.0.0.1", {"127.0.0.1:80", "localhost:80", "[::1]:80", "127.0.0.1", "localhost", "[::1]"}),
    ],
)
def test_the_names_that_a_server_goes_by(port, host, expected):
    assert loopback_hosts(port, host=host) == expected


def ask(port, method, path, headers, body=None):
    """One request, its path and headers sent as they are."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG_S)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value.replace("PORT", str(port)))
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def exchange(port, raw):
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as wire:
        wire.sendall(raw.encode("ascii"))
        return b"".join(iter(lambda: wire.recv(4096), b""))
