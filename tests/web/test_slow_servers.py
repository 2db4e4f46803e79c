"""Music servers that are slow or send byte by byte hold up neither the page nor the end of mien."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

import httpx
import pytest

from mien.errors import SourceClosedError
from mien.music.location import ServerFile
from mien.music.servers.mpd import MpdClient
from mien.music.servers.sockets import ServerSockets, SocketsCutError
from mien.music.servers.subsonic import SubsonicClient
from mien.music.sources.source import SourceItem
from mien.music.sources.subsonic import SubsonicSource
from mien.session.session import Session
from mien.web.serve import WebServer
from tests.fakes import FakeLibrary, track
from tests.servers import PASSWORD
from tests.waiting import HANG_S, wait_until

NEVER_S = 100 * HANG_S
ITEM = SourceItem("1", ServerFile("home", PurePosixPath("a.mp3")), 1000, 0)
COVER, AUDIO, EXIT = (f"/api/v1/tracks/folder:a/{kind}" for kind in ("cover", "audio", "exit?from_s=1&until_s=9"))


class ServerLibrary(FakeLibrary):
    """One track, on a Subsonic server."""

    def __init__(self, source):
        super().__init__([track("a", has_cover=True)])
        self.source = source
        self.remote["folder:a"] = lambda: (source.open(ITEM), ".mp3")

    def cover(self, track_id):
        return self.source.cover(ITEM)

    def disconnect(self):
        self.source.disconnect()


@pytest.fixture
def serve(reader, tastes):
    """A function that serves the page with music of a server."""
    opened = []

    def serve(server):
        source = SubsonicSource(server.address, user="ada", password=PASSWORD, timeout_s=NEVER_S)
        session = Session(reader=reader, library=ServerLibrary(source), model="fake", tastes=tastes)
        session.start()
        opened.append(session)
        return WebServer(session)

    yield serve
    for session in opened:
        session.close()


def silent(odd_server):
    """A server that accepts every request and answers none."""
    made = []
    made.append(odd_server(lambda line, headers: made[0].wait()))
    return made[0]


def dripping(odd_server):
    """A server that sends the audio of a track byte by byte."""
    made = []

    def answer(line, headers):
        yield b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 1000000\r\n\r\n"
        yield from made[0].drip(every_s=0.05)

    made.append(odd_server(answer))
    return made[0]


def returns(work):
    """Whether a function returns, not when."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(HANG_S)
    return not thread.is_alive()


def client_of(server):
    headers = {"Sec-Fetch-Site": "same-origin"}
    return httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=HANG_S)


def swallow(client, path):
    try:
        return client.get(path).status_code
    except httpx.HTTPError:
        return None


def test_the_page_answers_while_many_requests_wait_for_a_server(odd_server, serve):
    slow = silent(odd_server)
    with serve(slow) as server, client_of(server) as client, ThreadPoolExecutor(90) as pool:
        waiting = [pool.submit(swallow, client, path) for path in [COVER] * 41 + [AUDIO, EXIT] * 20]
        wait_until(lambda: len(slow.asked) >= 8)
        for path in ("/", "/static/js/api.js", "/api/v1/status"):
            assert client.get(path).status_code == 200
        assert not any(one.done() for one in waiting)
        assert len(slow.asked) == 8 + 4  # four at a time for covers, audio and exit points each
        server.__exit__()


@pytest.mark.parametrize("kind", [silent, dripping])
@pytest.mark.parametrize("path", [COVER, AUDIO, EXIT])
def test_the_end_waits_for_no_server(odd_server, serve, kind, path):
    slow = kind(odd_server)
    server = serve(slow)
    server.__enter__()
    with client_of(server) as client, ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            pool.submit(swallow, client, path)
        wait_until(lambda: slow.asked)
        assert returns(lambda: server.__exit__())


@pytest.mark.parametrize("client_class", [SubsonicClient, MpdClient])
def test_a_client_that_was_disconnected_asks_nothing_more(odd_server, client_class):
    slow = silent(odd_server)
    address = slow.address if client_class is SubsonicClient else f"127.0.0.1:{slow.port}"
    client = client_class(address, timeout_s=NEVER_S)
    failed = []

    def ask():
        try:
            client.ask("ping")
        except SourceClosedError as error:
            failed.append(str(error))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    if client_class is SubsonicClient:
        wait_until(lambda: slow.asked)
    client.disconnect()
    asking.join(HANG_S)
    assert returns(ask)
    assert len(failed) == 2
    assert all("was disconnected, because mien ends" in words for words in failed)


def test_a_name_that_resolves_slowly_holds_nothing_up(monkeypatch):
    asked, release = threading.Event(), threading.Event()

    def resolve(*_, **__):
        asked.set()
        release.wait(HANG_S)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    sockets = ServerSockets()

    def connect():
        with pytest.raises(SocketsCutError), sockets.connect("example.org", 1, timeout_s=NEVER_S):
            pass

    connecting = threading.Thread(target=connect, daemon=True)
    connecting.start()
    assert asked.wait(HANG_S)
    sockets.shut_down()
    connecting.join(HANG_S)
    assert not connecting.is_alive()
    release.set()
