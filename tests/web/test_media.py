"""Sounds and covers: whole, in parts, or a sentence."""

import io
import os

import httpx
import numpy as np
import pytest
import soundfile

from tests.waiting import wait_until

SOUND = bytes(range(256)) * 4


def test_audio_is_served_in_full(client):
    answer = client.get("/api/v1/tracks/folder:calm/audio")
    assert (answer.status_code, answer.content) == (200, SOUND)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-", 0, 1023), ("bytes=100-199", 100, 199), ("bytes=-24", 1000, 1023), ("bytes=1000-5000", 1000, 1023)],
)
def test_audio_is_served_in_ranges(client, wanted, first, last):
    answer = client.get("/api/v1/tracks/folder:calm/audio", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1024"
    assert answer.content == SOUND[first : last + 1]


def test_a_part_beyond_the_end_is_416(client):
    answer = client.get("/api/v1/tracks/folder:calm/audio", headers={"Range": "bytes=2000-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1024"


def test_a_part_of_a_file_that_has_changed_comes_whole(client):
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert client.get("/api/v1/tracks/folder:calm/audio", headers=headers).content == SOUND


def test_the_head_of_a_sound_has_its_length(client):
    answer = client.head("/api/v1/tracks/folder:calm/audio")
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "1024", b"")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.m4a", "audio/mp4"),
        ("a.mp3", "audio/mpeg"),
        ("a.ogg", "audio/ogg"),
        ("a.opus", "audio/ogg"),
        ("a.flac", "audio/flac"),
        ("a.wav", "audio/wav"),
        ("A.MP3", "audio/mpeg"),
    ],
)
def test_audio_has_media_type(client, library, tmp_path, name, media_type):
    library.files["folder:gone"] = tmp_path / name
    (tmp_path / name).write_bytes(SOUND)
    assert client.get("/api/v1/tracks/folder:gone/audio").headers["Content-Type"] == media_type


@pytest.mark.parametrize("name", ["a.wma", "a.html", "a.svg", "a"])
def test_audio_that_browsers_cannot_play_is_not_sent(client, library, tmp_path, name):
    library.files["folder:gone"] = tmp_path / name
    (tmp_path / name).write_bytes(SOUND)
    answer = client.get("/api/v1/tracks/folder:gone/audio")
    assert answer.status_code == 404
    assert "convert" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "folder:gone/audio",
        "folder:none/audio",
        "folder:none/cover",
        "nothing/audio",
        "folder:..%2F..%2Fetc/audio",
        "%00:x/audio",
    ],
)
def test_missing_track_returns_404_with_message(client, path):
    answer = client.get(f"/api/v1/tracks/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].endswith(".")


def test_a_file_that_vanished_after_it_was_looked_up_is_a_sentence(client, library):
    library.files["folder:calm"].unlink()
    answer = client.get("/api/v1/tracks/folder:calm/audio")
    assert answer.status_code == 404
    assert "“calm.m4a” is gone" in answer.json()["error"]["message"]


def test_a_folder_is_not_a_sound(client, library, tmp_path):
    (tmp_path / "folder.mp3").mkdir()
    library.files["folder:gone"] = tmp_path / "folder.mp3"
    assert client.get("/api/v1/tracks/folder:gone/audio").status_code == 404


def test_a_cover_comes_once(client):
    first = client.get("/api/v1/tracks/folder:calm/cover")
    assert (first.status_code, first.headers["Content-Type"]) == (200, "image/png")
    assert first.content.endswith(b"picture")
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get("/api/v1/tracks/folder:calm/cover", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_a_cover_that_changed_comes_again(client, library):
    first = client.get("/api/v1/tracks/folder:calm/cover")
    library.covers["folder:calm"] = (b"\xff\xd8\xff another", "image/jpeg")
    again = client.get("/api/v1/tracks/folder:calm/cover", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Content-Type"]) == (200, "image/jpeg")


@pytest.mark.parametrize("media_type", ["image/svg+xml", "text/html", "application/octet-stream", "", "image/png; x=y"])
def test_cover_of_an_unsafe_type_is_not_sent(client, library, media_type):
    library.covers["folder:calm"] = (b"<svg onload='alert(1)'/>", media_type)
    assert client.get("/api/v1/tracks/folder:calm/cover").status_code == 404


def test_missing_cover_returns_404_with_message(client):
    answer = client.get("/api/v1/tracks/folder:lively/cover")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "This track has no cover.")


def test_a_track_can_be_asked_where_to_leave_it(client, library):
    rate_hz = 22_050
    loud, quiet = (level * np.sin(np.arange(rate_hz) * 0.06) for level in (0.5, 0.01))
    file = io.BytesIO()
    soundfile.write(file, np.concatenate([loud, loud, loud, quiet, loud, loud]), rate_hz, format="WAV")
    library.remote["folder:calm"] = lambda: (io.BytesIO(file.getvalue()), ".wav")
    found = client.get("/api/v1/tracks/folder:calm/exit?from_s=1&until_s=6").json()
    assert found["kind"] == "quiet"
    assert 2.9 <= found["position_s"] <= 4
    assert client.get("/api/v1/tracks/folder:calm/exit?from_s=100&until_s=106").json() == {
        "position_s": None,
        "kind": None,
    }


@pytest.mark.parametrize("query", ["", "from_s=1", "from_s=x&until_s=2", "from_s=2&until_s=1", "from_s=0&until_s=99"])
def test_a_part_of_a_track_has_limits(client, query):
    answer = client.get(f"/api/v1/tracks/folder:calm/exit?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("A part of a track")


def test_an_unknown_track_has_no_exit(client):
    assert client.get("/api/v1/tracks/folder:nothing/exit?from_s=0&until_s=6").status_code == 404


def test_a_file_that_changes_while_it_is_sent_ends_the_answer_early(client, library, caplog):
    path = library.files["folder:calm"]
    path.write_bytes(bytes(30_000_000))
    with client.stream("GET", "/api/v1/tracks/folder:calm/audio") as answer:
        assert (answer.status_code, answer.headers["Content-Length"]) == (200, "30000000")
        path.write_bytes(b"short")
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
    wait_until(lambda: "while it was sent" in caplog.text)
    assert "Traceback" not in caplog.text


def test_what_took_the_place_of_a_file_is_not_opened(client, library):
    path = library.files["folder:calm"]
    path.unlink()
    os.mkfifo(path)
    assert client.get("/api/v1/tracks/folder:calm/audio").status_code == 404


@pytest.mark.parametrize("digits", ["bytes=0-" + "9" * 30, "bytes=" + "9" * 30 + "-", "bytes=-" + "9" * 30])
def test_a_range_of_thirty_digits_is_answered_at_once(client, digits):
    answer = client.get("/api/v1/tracks/folder:calm/audio", headers={"Range": digits})
    assert answer.status_code in {200, 206, 416}
