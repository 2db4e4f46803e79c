"""A client that sends and never reads costs the server little, and the others nothing."""

import socket
import threading
from urllib.parse import urlsplit

import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.uri import parse_uri

from mien.web.channel import MAX_EMPTY_FRAMES
from mien.web.serve import WebServer
from tests.waiting import HANG_S
from tests.web.test_live import ask, until

HIGH_WATER_BYTES = 64 * 1024
"""How much asyncio lets wait before it asks the server to stop writing."""

LITTLE_BYTES = 512 * 1024
"""What may wait for one client: the server's high water mark and one reading fit many times."""


class DeafClient:
    """A live connection that is opened properly and then only written to."""

    def __init__(self, server: WebServer) -> None:
        address = urlsplit(server.url)
        self._in_message = False
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(HANG_S)
        self._socket.connect((address.hostname, address.port))
        uri = parse_uri(f"ws://{address.netloc}/api/v1/live")
        self._protocol = ClientProtocol(uri, origin=f"http://{address.netloc}")
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(1)
        self._protocol.receive_data(answer)
        assert answer.startswith(b"HTTP/1.1 101")

    def send(self, jpeg: bytes) -> None:
        """A frame."""
        self._protocol.send_binary(jpeg)
        self._flush()

    def send_pings(self, count: int) -> None:
        """So many pings, as long as pings may be."""
        for _ in range(count):
            self._protocol.send_ping(bytes(125))
        self._flush()

    def send_pongs(self, count: int) -> None:
        """So many pongs that nobody asked for."""
        for _ in range(count):
            self._protocol.send_pong(b"")
        self._flush()

    def send_empty_fragments(self, count: int) -> None:
        """So many parts of a message that says nothing and does not end."""
        if not self._in_message:
            self._protocol.send_text(b"", fin=False)
            self._in_message = True
        for _ in range(count):
            self._protocol.send_continuation(b"", fin=False)
        self._flush()

    def repeat(self, send: str, count: int) -> None:
        """Call a method until the connection ends, which raises an ``OSError``."""
        while True:
            getattr(self, send)(count)

    def send_invalid_commands_for_ever(self) -> None:
        """Raises ``TimeoutError`` once the server has taken nothing for a second."""
        self._socket.settimeout(1)
        while True:
            self._protocol.send_text(b"[]" * 400)
            self._flush()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _flush(self) -> None:
        self._socket.sendall(b"".join(self._protocol.data_to_send()))


@pytest.fixture
def server(session):
    """A server with as little room in the system's buffers as there can be, so that they fill soon."""
    with WebServer(session, send_buffer_bytes=4096) as server:
        yield server


@pytest.fixture
def deaf(server):
    client = DeafClient(server)
    yield client
    client.close()


def stall(server, client, jpeg):
    """Send frames until their readings no longer go out."""
    for _ in range(20_000):
        client.send(jpeg)
        threading.Event().wait(0.001)  # one in flight, more or less
        if server.unsent_bytes()[-1] > HIGH_WATER_BYTES:
            return
    pytest.fail("the client stopped reading, and the server went on writing")


def test_a_client_that_stops_reading_is_no_longer_read_for_and_others_are(server, deaf, live, reader, jpeg):
    stall(server, deaf, jpeg(40, 40))
    other = live()
    assert ask(other, jpeg(50, 50))["width"] == 50
    read_for_it = sum(frame.image.shape[1] == 40 for frame in reader.frames)
    for _ in range(200):
        deaf.send(jpeg(40, 40))
    widths = [ask(other, jpeg(50, 50))["width"] for _ in range(50)]
    assert widths == [50] * 50
    assert sum(frame.image.shape[1] == 40 for frame in reader.frames) <= read_for_it + 1
    assert max(server.unsent_bytes(), default=0) < LITTLE_BYTES


@pytest.mark.parametrize("send", ["send_pings", "send_pongs", "send_empty_fragments"])
def test_a_flood_of_frames_without_content_ends_its_connection_only(server, deaf, live, jpeg, send):
    honest = live()
    assert ask(honest, jpeg())["type"] == "reading"
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        deaf.repeat(send, 250)
    until(lambda: len(server.unsent_bytes()) == 1)
    assert ask(honest, jpeg())["type"] == "reading"


def ping_for_ever(connection):
    while True:
        connection.ping()


def test_a_client_may_ping_now_and_then(server, live, jpeg):
    connection = live()
    for number in range(MAX_EMPTY_FRAMES // 2):
        assert connection.ping(str(number)).wait(timeout=HANG_S)
    assert ask(connection, jpeg())["type"] == "reading"
    with pytest.raises(ConnectionClosed):
        ping_for_ever(connection)


def test_a_ping_is_answered(live, jpeg):
    connection = live()
    assert connection.ping("are you there?").wait(timeout=HANG_S)
    assert ask(connection, jpeg())["type"] == "reading"


def test_client_that_answers_no_ping_is_disconnected(session, reader, jpeg):
    with WebServer(session, ping_interval_s=0.3, send_buffer_bytes=4096) as server:
        client = DeafClient(server)
        client.send(jpeg())
        until(lambda: reader.frames)
        until(lambda: not reader.followers)
        client.close()


def test_endless_invalid_commands_hold_up_only_their_sender(server, deaf, live, jpeg):
    with pytest.raises(TimeoutError):  # the server takes no more than it has answered
        deaf.send_invalid_commands_for_ever()
    assert max(server.unsent_bytes(), default=0) < LITTLE_BYTES
    assert ask(live(), jpeg())["type"] == "reading"
