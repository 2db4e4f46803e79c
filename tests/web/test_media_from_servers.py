"""Music on a server that goes, lies or sleeps: the page gets one sentence, in time, and no half song for a whole."""

import json
from pathlib import PurePosixPath

import httpx
import pytest

from mien.errors import AudioError, TrackNotFoundError
from mien.music.location import ServerFile
from mien.music.sources.source import SourceItem
from mien.music.sources.subsonic import SubsonicSource
from tests.servers import http
from tests.waiting import HANG_S

SOUND = bytes(range(256)) * 2000
ITEM = SourceItem("1", ServerFile("home", PurePosixPath("a.mp3")), len(SOUND), 0)
AUDIO = "/api/v1/tracks/folder:gone/audio"


@pytest.fixture
def on_server(library, odd_server):
    """Puts the track on a server that answers as a test likes."""

    def put(answer, *, item=ITEM, timeout_s=HANG_S):
        server = odd_server(answer)
        source = SubsonicSource(server.address, user="ada", password="hush-hush", timeout_s=timeout_s)  # noqa: S106
        library.remote["folder:gone"] = lambda: (source.open(item), ".mp3")
        return server

    return put


def no(code):
    said = {"status": "failed", "version": "1.16.1", "error": {"code": code, "message": "No."}}
    return http(json.dumps({"subsonic-response": said}))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(http("<!doctype html>", kind="text/html"), "The server has no such file", id="a web page"),
        pytest.param(http("no", status="503 Service Unavailable", kind="text/plain"), "no such file", id="an error"),
        pytest.param(no(70), "refused the request", id="a song that is gone"),
    ],
)
def test_track_missing_on_its_server_is_404(on_server, client, library, answer, words):
    on_server(lambda line, headers: answer)
    source_open = library.remote["folder:gone"]

    def open_audio():
        try:
            return source_open()
        except AudioError as error:  # as the library has it
            raise TrackNotFoundError(str(error)) from error

    library.remote["folder:gone"] = open_audio
    said = client.get(AUDIO)
    assert said.status_code == 404
    assert words in said.json()["error"]["message"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param([b"220 mail.example.org ESMTP\r\n"], "does not answer as a web server", id="another kind"),
        pytest.param(
            http("", status="302 Found", Location="http://127.0.0.2/"), "redirects to http://127.0.0.2", id="redirect"
        ),
        pytest.param(no(40), "refused the name or the password", id="a password that was changed"),
        pytest.param(
            http(SOUND[:9], status="206 Partial Content", kind="audio/mpeg", Content_Range="bytes 9-17/18"),
            "does not answer as a web server",
            id="another part",
        ),
    ],
)
def test_invalid_server_response_is_502(on_server, client, answer, words):
    on_server(lambda line, headers: answer)
    said = client.get(AUDIO)
    assert said.status_code == 502
    assert words in said.json()["error"]["message"]
    assert "hush" not in said.text


def test_unresponsive_server_is_504_in_time(on_server, client):
    server = on_server(lambda line, headers: server.wait(), timeout_s=0.3)
    said = client.get(AUDIO)
    assert said.status_code == 504
    assert "did not answer within 0.3 s" in said.json()["error"]["message"]


def test_a_connection_that_breaks_is_taken_up_again_where_it_broke(on_server, client):
    def thirds(line, headers):
        begin = int(headers.partition("bytes=")[2].partition("-")[0])
        place = f"bytes {begin}-{len(SOUND) - 1}/{len(SOUND)}"
        length = str(len(SOUND) - begin)
        part = SOUND[begin : begin + len(SOUND) // 3 + 1]
        return http(part, status="206 Partial Content", kind="audio/mpeg", Content_Range=place, Content_Length=length)

    server = on_server(thirds)
    assert client.get(AUDIO).content == SOUND
    assert len(server.asked) <= 5


@pytest.mark.parametrize("promised", [len(SOUND) * 2, len(SOUND) // 2])
def test_a_server_that_lies_about_a_length_never_makes_a_song_look_whole(on_server, client, caplog, promised):
    def lie(line, headers):
        return http(SOUND, kind="audio/mpeg", Content_Length=str(promised))

    on_server(lie)
    if promised < len(SOUND):
        assert client.get(AUDIO).content == SOUND[:promised]
        return
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(AUDIO)
    assert "ended in the middle of a file" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_server_that_falls_asleep_on_the_way_breaks_off_in_time(on_server, client, caplog):
    def half(line, headers):
        yield from http(SOUND[:1000], kind="audio/mpeg", Content_Length=str(len(SOUND)))
        yield from server.wait()

    server = on_server(half, timeout_s=2)  # the first half takes less, also on a busy machine
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(AUDIO)
    assert "did not answer within" in caplog.text
