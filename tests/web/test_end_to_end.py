"""All of it, nothing faked: a photograph of a smiling person in, a piece of music that fits out."""

import io
import json
import os

import av
import cv2
import httpx
import numpy as np
import PIL.Image
import pytest
from websockets.sync.client import connect

from mien.config import load_settings
from mien.session.session import Session
from mien.web.serve import WebServer
from tests.waiting import HANG_S


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    settings = load_settings({**os.environ, "MIEN_HOME": str(tmp_path_factory.mktemp("home")), "MIEN_PORT": "0"})
    with Session.open(settings) as session, WebServer(session, host=settings.host, port=settings.port) as server:
        yield server


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(
        base_url=server.url, headers={"Origin": server.url.rstrip("/")}, trust_env=False, timeout=HANG_S
    ) as client:
        yield client


@pytest.fixture(scope="module")
def answers(server, smiling_person):
    """What the server says of a smiling person who sits still for a while."""
    frame = cv2.imencode(".jpg", smiling_person[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
    answers = []
    url = server.url.replace("http", "ws", 1) + "api/v1/live"
    with connect(url, origin=server.url.rstrip("/"), proxy=None, open_timeout=HANG_S) as live:
        for _ in range(5):
            live.send(frame)
            answers.append(json.loads(live.recv(timeout=HANG_S)))
    return answers


@pytest.fixture(scope="module")
def pick(client, answers):
    """What mien plays for her."""
    mood = answers[-1]["mood"]
    track_filter = {"valence": mood["valence"], "arousal": mood["arousal"], "count": 5}
    picks = client.post("/api/v1/station", json=track_filter).raise_for_status().json()["picks"]
    assert len(picks) == 5
    return picks[0]


def encoded(picture, suffix, *options):
    ok, data = cv2.imencode(suffix, picture, list(options))
    assert ok
    return data.tobytes()


def cmyk(picture):
    file = io.BytesIO()
    PIL.Image.fromarray(picture[..., ::-1]).convert("CMYK").save(file, "JPEG", quality=80)
    return file.getvalue()


ODD_FRAMES = {
    "gray": (lambda smile: encoded(cv2.cvtColor(smile, cv2.COLOR_BGR2GRAY), ".jpg"), "happy"),
    "progressive": (lambda smile: encoded(smile, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1), "happy"),
    "cmyk": (cmyk, "happy"),
    "turned by its width": (lambda smile: encoded(smile[:, 60:300], ".jpg"), "happy"),
    "one pixel": (lambda smile: encoded(smile[:1, :1], ".jpg"), None),
    "one line": (lambda smile: encoded(np.repeat(smile[:1], 3, axis=1), ".jpg"), None),
    "one column": (lambda smile: encoded(smile[:, :1], ".jpg"), None),
    "png": (lambda smile: encoded(smile, ".png"), "not a JPEG"),
    "webp": (lambda smile: encoded(smile, ".webp"), "not a JPEG"),
    "too large": (lambda smile: encoded(np.zeros((1921, 1921, 3), np.uint8), ".jpg"), "pixels"),
    "claims to be huge": (lambda smile: encoded(smile, ".jpg").replace(b"\2\0\2\0\3", b"\xff\xff\xff\xff\3"), "pixels"),
}


def test_frames_of_every_size_and_colour_are_read_or_refused_in_a_sentence_and_the_stream_goes_on(
    server, smiling_person
):
    smile = smiling_person[..., ::-1]
    url = server.url.replace("http", "ws", 1) + "api/v1/live"
    with connect(url, origin=server.url.rstrip("/"), proxy=None, open_timeout=HANG_S) as live:
        for name, (make, wanted) in ODD_FRAMES.items():
            live.send(make(smile))
            answer = json.loads(live.recv(timeout=HANG_S))
            if answer["type"] == "error":
                assert wanted in answer["error"]["message"], name
            else:
                assert [face["expression"] for face in answer["faces"]] == ([wanted] if wanted else []), name
        live.send(encoded(smile, ".jpg"))
        assert len(json.loads(live.recv(timeout=HANG_S))["faces"]) == 1


def test_a_smile_is_happy(answers):
    for number, answer in enumerate(answers):
        assert (answer["type"], answer["index"]) == ("reading", number)
        assert (answer["width"], answer["height"]) == (512, 512)
        (face,) = answer["faces"]
        assert face["expression"] == "happy"
        assert face["valence"] > 0.3
    assert answers[-1]["mood"]["valence"] > 0.3
    assert len({answer["faces"][0]["id"] for answer in answers}) == 1
    assert answers[-1]["faces"][0]["motion"] is not None


def test_the_face_is_where_it_is_in_the_photograph(answers):
    x, y, width, height = answers[-1]["faces"][0]["box"]
    assert 160 < x + width / 2 < 290
    assert 60 < y + height / 2 < 190
    for line in answers[-1]["faces"][0]["contours"].values():
        for point_x, point_y in line:
            assert x - width / 2 < point_x < x + 1.5 * width
            assert y - height / 2 < point_y < y + 1.5 * height


def test_the_music_fits(pick):
    assert pick["track"]["valence"] > 0
    assert pick["reasons"]
    assert pick["track"]["credit"]


def test_the_music_can_be_played_from_anywhere_in_it(client, pick):
    address = pick["track"]["audio"]
    whole = client.get(address)
    assert whole.headers["Content-Type"].startswith("audio/")
    part = client.get(address, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    with av.open(io.BytesIO(whole.content)) as sound:
        assert sound.duration / av.time_base == pytest.approx(pick["track"]["duration_s"], abs=1.0)


def test_plays_are_accepted(client, pick):
    for event, position_s in (("started", 0.0), ("finished", pick["track"]["duration_s"])):
        play = {"track": pick["track"]["id"], "event": event, "position_s": position_s}
        assert client.post("/api/v1/plays", json=play).status_code == 204


def test_the_status_knows_the_starter_library(client):
    status = client.get("/api/v1/status").json()
    assert status["model"].startswith("mien-expression")
    assert status["tracks"] == status["starter_tracks"] >= 20
    listed = client.get("/api/v1/tracks").json()["tracks"]
    assert len(listed) == status["tracks"]
