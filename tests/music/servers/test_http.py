"""Servers that are slow, wrong, gone, endless or malicious: an error for each, never with the password."""

import io
import itertools
import socket
import ssl

import pytest
import trustme

from mien.errors import AudioError, SlowSourceError, SourceError
from mien.music.servers.http import HttpClient, NotAFileError
from mien.music.servers.remote_file import RemoteFile
from tests.servers import http
from tests.waiting import HANG_S

SECRET = {"p": "enc:c3a973616d65"}
SOUND = bytes(range(256)) * 4000


def refusal(server, *, timeout_s=HANG_S, max_bytes=10_000):
    """The sentence that a question ends with."""
    with pytest.raises(SourceError) as error:
        HttpClient(server, timeout_s=timeout_s).get("rest/ping.view", SECRET, max_bytes=max_bytes)
    words = str(error.value)
    assert words.endswith(".")
    assert "\n" not in words
    assert SECRET["p"] not in words
    return words


def test_silent_server_times_out(odd_server):
    server = odd_server(lambda line, headers: server.wait())
    assert "did not answer within 0.3 s" in refusal(server.address, timeout_s=0.3)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_endless_slow_answer_times_out(odd_server, head):
    def drip(line, headers):
        yield head
        yield from server.drip(every_s=0.05)

    server = odd_server(drip)
    assert "did not answer within 0.3 s" in refusal(server.address, timeout_s=0.3)


def test_unreachable_server_raises_an_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # taken, and not listened to
        assert "Nothing answers at 127.0.0.1" in refusal(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_unknown_host_raises_an_error():
    assert "no server called nowhere.invalid" in refusal("http://nowhere.invalid")
    assert "no server called" in refusal(f"http://{'x' * 70}.invalid")


def test_oversized_answer_raises_an_error(odd_server):
    server = odd_server(
        lambda line, headers: itertools.chain([b"HTTP/1.1 200 OK\r\n\r\n"], itertools.repeat(b"x" * 9999))
    )
    assert "answers without end" in refusal(server.address)


@pytest.mark.parametrize(
    "answer", [b"220 mail.example.org ESMTP\r\n", b"\x00\xff\x80", b"", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300]
)
def test_answer_that_is_not_http_raises_an_error(odd_server, answer):
    words = refusal(odd_server(lambda line, headers: [answer]).address)
    assert "does not answer as a web server does" in words or "cannot be reached" in words


def test_https_to_a_plain_http_server_raises_an_error(odd_server):
    server = odd_server(lambda line, headers: http("{}"))
    assert "does not speak https" in refusal(server.address.replace("http:", "https:"))


@pytest.fixture(scope="module")
def home_made(tmp_path_factory):
    """A certificate for this machine that no system trusts, and the file of its signer."""
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    path = tmp_path_factory.mktemp("tls") / "home.pem"
    authority.cert_pem.write_to_path(path)
    return tls, path


def test_own_certificate_is_trusted_if_given(odd_server, home_made):
    tls, path = home_made
    server = odd_server(lambda line, headers: http("{}"), tls=tls)
    assert "is not trusted" in (words := refusal(server.address))
    assert "with the file of its certificate" in words
    assert server.asked == []
    trusting = HttpClient(server.address, timeout_s=HANG_S, ca=path)
    assert trusting.get("rest/ping.view", SECRET, max_bytes=100).body == b"{}"
    other_name = HttpClient(server.address.replace("127.0.0.1", "localhost"), timeout_s=HANG_S, ca=path)
    with pytest.raises(SourceError, match="made for another name"):
        other_name.get("", {}, max_bytes=100)


@pytest.mark.parametrize("text", [None, "", "no certificate"])
def test_invalid_certificate_file_raises_an_error(tmp_path, text):
    path = tmp_path / "home.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SourceError, match="holds no certificate"):
        HttpClient("https://127.0.0.1:1", ca=path).get("", {}, max_bytes=100)


def test_redirect_is_not_followed(odd_server):
    thief = odd_server(lambda line, headers: http("{}"))
    where = f"{thief.address}/rest/ping.view?{SECRET['p']}"
    server = odd_server(lambda line, headers: http("", status="302 Found", Location=where))
    assert "redirects to http://127.0.0.1;" in refusal(server.address)
    assert thief.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("", "music.example.org", "ftp://music.example.org", "http://", "http://:80", "http://x:0", "http://x:99999"),
        *("http://ada:secret@music.example.org", "http://[::1", "http://x/?u=ada", "http://x/ y", "file:///etc/passwd"),
        "http://x/\r\nHost: y",
    ],
)
def test_invalid_address_raises_an_error(address):
    with pytest.raises(SourceError) as error:
        HttpClient(address)
    assert "secret" not in str(error.value)


def test_only_https_and_loopback_are_private():
    private = {"https://music.example.org": True, "http://127.0.0.1:4533": True, "http://192.168.1.2": False}
    assert {address: HttpClient(address).is_private for address in private} == private
    assert [HttpClient(address).host for address in private] == ["music.example.org", "127.0.0.1:4533", "192.168.1.2"]


def ranged(line, headers):
    begin = int(headers.partition("bytes=")[2].partition("-")[0])
    place = f"bytes {begin}-{len(SOUND) - 1}/{len(SOUND)}"
    return http(SOUND[begin:], status="206 Partial Content", kind="audio/mpeg", Content_Range=place)


def whole(line, headers):
    return http(SOUND, kind="audio/mpeg")


def remote(server, **options):
    web = HttpClient(server.address, timeout_s=HANG_S)
    return io.BufferedReader(RemoteFile(lambda start: web.stream("song", {}, start=start), **options))


@pytest.mark.parametrize("answer", [ranged, whole])
def test_file_is_read_in_ranges_even_if_the_server_has_none(odd_server, answer):
    with remote(odd_server(answer)) as file:
        for start in (900_000, 5, 300_000, len(SOUND) - 3):
            file.seek(start)
            assert file.read(1000) == SOUND[start : start + 1000]
        assert file.seek(0, io.SEEK_END) == len(SOUND)
        assert file.read(1) == b""
        with pytest.raises(ValueError, match="before"):
            file.seek(-1)


def test_sequential_reads_use_one_request(odd_server):
    server = odd_server(ranged)
    with remote(server) as file:
        assert file.read() == SOUND
    assert len(server.asked) == 1


def test_fetching_stops_at_the_limit(odd_server):
    with (
        remote(odd_server(ranged), max_bytes=100_000) as file,
        pytest.raises(AudioError, match="too large to be heard"),
    ):
        file.read()


def test_truncated_file_raises_an_error(odd_server):
    server = odd_server(lambda line, headers: http(SOUND[:1000], kind="audio/mpeg", Content_Length="5000"))
    with remote(server) as file, pytest.raises(SourceError, match="in the middle of a file"):
        file.read()


def test_file_of_unknown_length_needs_a_size(odd_server):
    answer = [b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n", SOUND]
    with pytest.raises(AudioError, match="size of the file"):
        remote(odd_server(lambda line, headers: answer))
    with remote(odd_server(lambda line, headers: answer), size_bytes=len(SOUND)) as file:
        assert file.read() == SOUND


def test_endless_slow_file_times_out(odd_server):
    def drip(line, headers):
        yield http(b"", kind="audio/mpeg", Content_Length="100000")[0]
        yield from server.drip(every_s=0.02)

    server = odd_server(drip)
    web = HttpClient(server.address, timeout_s=0.2)
    with (
        pytest.raises(SlowSourceError, match=r"did not answer within 0\.2 s"),
        io.BufferedReader(RemoteFile(lambda start: web.stream("song", {}, start=start))) as file,
    ):
        file.read()


@pytest.mark.parametrize("place", ["", "bytes 0-9/x-", "bytes x-y/z", "lines 0-9/10", "bytes 999-1000/2000"])
def test_wrong_range_raises_an_error(odd_server, place):
    odd = http(SOUND[:10], status="206 Partial Content", kind="audio/mpeg", Content_Range=place)
    if place == "bytes 0-9/x-":  # the place is right, the length not said
        with remote(odd_server(lambda line, headers: odd), size_bytes=10) as file:
            assert file.read() == SOUND[:10]
        return
    with pytest.raises(SourceError):
        remote(odd_server(lambda line, headers: odd))


@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/xml"])
def test_text_answer_is_not_a_file(odd_server, kind):
    with pytest.raises(NotAFileError) as error:
        remote(odd_server(lambda line, headers: http("no", kind=kind)))
    assert error.value.answer.body == b"no"
