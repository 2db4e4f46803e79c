"""All of it, nothing faked: a photograph of a smiling person in, a piece of music that fits out."""

import io
import json
import os

import av
import cv2
import httpx
import pytest
from websockets.sync.client import connect

from mien.config import load_settings
from mien.session import Session
from mien.web.serve import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    settings = load_settings({**os.environ, "MIEN_HOME": str(tmp_path_factory.mktemp("home")), "MIEN_PORT": "0"})
    with Session.open(settings) as session, Server(session, host=settings.host, port=settings.port) as server:
        yield server


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, headers={"Origin": server.url.rstrip("/")}, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def answers(server, smiling_person):
    """What the server says of a smiling person who sits still for a while."""
    frame = cv2.imencode(".jpg", smiling_person[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
    answers = []
    url = server.url.replace("http", "ws", 1) + "api/v1/live"
    with connect(url, origin=server.url.rstrip("/"), proxy=None) as live:
        for _ in range(5):
            live.send(frame)
            answers.append(json.loads(live.recv(timeout=60)))
    return answers


@pytest.fixture(scope="module")
def pick(client, answers):
    """What mien plays for her."""
    mood = answers[-1]["mood"]
    wish = {"valence": mood["valence"], "arousal": mood["arousal"], "count": 5}
    picks = client.post("/api/v1/station", json=wish).raise_for_status().json()["picks"]
    assert len(picks) == 5
    return picks[0]


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
    assert pick["reason"]
    assert pick["track"]["credit"]


def test_the_music_can_be_played_from_anywhere_in_it(client, pick):
    address = pick["track"]["audio"]
    whole = client.get(address)
    assert whole.headers["Content-Type"].startswith("audio/")
    part = client.get(address, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    with av.open(io.BytesIO(whole.content)) as sound:
        assert sound.duration / av.time_base == pytest.approx(pick["track"]["duration_s"], abs=1.0)


def test_what_played_is_taken_down(client, pick):
    for event, position_s in (("started", 0.0), ("finished", pick["track"]["duration_s"])):
        play = {"track": pick["track"]["id"], "event": event, "position_s": position_s}
        assert client.post("/api/v1/plays", json=play).status_code == 204


def test_the_status_knows_the_starter_library(client):
    status = client.get("/api/v1/status").json()
    assert status["model"].startswith("mien-expression")
    assert status["tracks"] == status["starter_tracks"] >= 20
    listed = client.get("/api/v1/tracks").json()["tracks"]
    assert len(listed) == status["tracks"]
