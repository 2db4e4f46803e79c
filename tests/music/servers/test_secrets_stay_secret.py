"""No secret appears in an error, its traceback or a log, at any log level."""

import logging
import re
import traceback
from urllib.parse import quote, quote_plus

import pytest

from mien.errors import SourceError
from mien.music.players.mpd import MpdPlayer
from mien.music.sources.mpd import MpdSource
from mien.music.sources.subsonic import SubsonicSource
from tests.servers import http
from tests.waiting import HANG_S

SECRET = "hush & hüsh/42"  # noqa: S105
FORMS = {SECRET, SECRET.encode().hex(), quote(SECRET), quote_plus(SECRET), repr(SECRET), ascii(SECRET)[1:-1]}


FAILED = '{"subsonic-response": {"status": "failed", "error": {"code": %d, "message": "no: %s"}}}'


def told(caplog, ask):
    """All that a person or a log could see of a question that fails."""
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as error:
        ask()
    words = "".join(traceback.format_exception(error.value)) + repr(error.value) + caplog.text
    proofs = set(re.findall(r"\bt=([0-9a-f]{16,})", words))
    return {form for form in FORMS if form in words} | proofs


@pytest.mark.parametrize("way", [{"user": "ada", "password": SECRET}, {"api_key": SECRET}], ids=["password", "key"])
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda line, headers: [f"{line}\r\n\r\n".encode("latin-1")], id="no answer but the question"),
        pytest.param(lambda line, headers: http(line, kind="text/html"), id="a page that repeats it"),
        pytest.param(lambda line, headers: http(f"<html>{line}", kind="text/html"), id="a web page"),
        pytest.param(lambda line, headers: http("", status="302 Found", Location=f"http://x/{line}"), id="a redirect"),
        pytest.param(lambda line, headers: http("", status=f"500 {line}"), id="a status"),
        pytest.param(lambda line, headers: http(FAILED % (30, line)), id="a refusal of tokens that repeats it"),
        pytest.param(lambda line, headers: http(FAILED % (0, SECRET)), id="a refusal that says it"),
        pytest.param(lambda line, headers: [], id="nothing"),
    ],
)
def test_subsonic_errors_and_logs_hide_the_password(odd_server, caplog, answer, way):
    server = odd_server(answer)
    source = SubsonicSource(server.address, timeout_s=HANG_S, **way)
    assert told(caplog, source.sign_in) == set()
    assert told(caplog, lambda: list(source.items())) == set()
    assert server.asked
    assert SECRET not in repr(source) + repr(source.client)


@pytest.mark.parametrize(
    "answer",
    [
        lambda line: [f"ACK [5@0] {{x}} unknown: {line}\n".encode()],
        lambda line: [f"{line}\n".encode()],
        lambda line: [f"ACK [3@0] {{password}} {SECRET}\n".encode()],
    ],
)
def test_mpd_errors_and_logs_hide_the_password(odd_server, caplog, answer):
    server = odd_server(lambda line, _: answer(line.encode("latin-1").decode()), greeting=b"OK MPD 0.23\n")
    address = f"127.0.0.1:{server.port}"
    assert told(caplog, MpdSource(address, password=SECRET).sign_in) == set()
    assert told(caplog, MpdPlayer(address, password=SECRET).now) == set()
    assert server.asked


def test_failed_login_at_a_real_server_hides_the_password(subsonic_server, caplog):
    source = SubsonicSource(subsonic_server.address, user="ada", password=SECRET)
    assert told(caplog, source.sign_in) == set()
