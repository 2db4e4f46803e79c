"""The HTTP API: stations, plays, ratings, tracks, status, and how bad requests are answered."""

import asyncio
import itertools
import logging
import socket
from pathlib import Path

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mien import __version__
from mien.errors import LibraryError
from mien.music.library.catalogue import AwayFolder
from mien.music.location import LocalFile
from mien.types import Emotion
from mien.web.body import MAX_BODY_BYTES, read_body
from tests.waiting import HANG_S


def test_a_station(client):
    answer = client.post("/api/v1/station", json={"valence": 0.5, "arousal": 0.5, "count": 2})
    assert answer.status_code == 200
    station = answer.json()
    assert station["goal"]["words"] == "excited"
    assert len(station["path"]) == len(station["picks"]) == 2
    first = station["picks"][0]
    assert first["track"]["id"] == "folder:lively"
    assert 0 <= first["score"] <= 1
    assert 0 <= first["propensity"] <= 1
    assert first["reasons"]


def test_a_station_leaves_out_what_was_played(client):
    track_filter = {"valence": 0.5, "arousal": 0.5, "count": 1, "played": ["folder:lively"]}
    picks = client.post("/api/v1/station", json=track_filter).json()["picks"]
    assert [pick["track"]["id"] for pick in picks] != ["folder:lively"]


def test_a_station_leads_to_a_goal(client):
    station = client.post("/api/v1/station", json={"valence": -0.5, "arousal": 0.5, "count": 2, "goal": "calm"}).json()
    assert (station["goal"]["valence"], station["goal"]["arousal"]) == (0.3, -0.6)
    assert station["path"][-1] == station["goal"]
    assert station["picks"][-1]["track"]["id"] == "folder:calm"


@pytest.mark.parametrize("goal", ["sleep", "Calm", "", None])
def test_an_unknown_goal_is_refused_in_one_sentence(client, goal):
    answer = client.post("/api/v1/station", json={"valence": 0, "arousal": 0, "goal": goal})
    sentence = "“goal” must be one of match, lift, calm, focus, energise, contrast."
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, sentence)


def ids_of(answer):
    return [pick["track"]["id"] for pick in answer.json()["picks"]]


def test_a_path_leads_from_one_track_to_another(client):
    body = {"valence": 0, "arousal": 0, "path": {"start": "folder:calm", "end": "folder:lively"}}
    answer = client.post("/api/v1/station", json=body)
    assert (ids_of(answer)[0], ids_of(answer)[-1]) == ("folder:calm", "folder:lively")
    assert {"kind": "goal", "value": answer.json()["picks"][-1]["track"]["title"]} in answer.json()["picks"][0][
        "reasons"
    ]
    unknown = client.post("/api/v1/station", json={**body, "path": {"start": "folder:calm", "end": "folder:none"}})
    same = client.post("/api/v1/station", json={**body, "path": {"start": "folder:calm", "end": "folder:calm"}})
    assert (unknown.status_code, same.status_code) == (404, 404)
    assert "same song" in same.json()["error"]["message"]


def test_a_radio_is_from_a_track_an_artist_or_a_playlist(client):
    def radio(seeds):
        return client.post("/api/v1/station", json={"valence": 0, "arousal": 0, "radio": seeds})

    assert ids_of(radio({"track": "folder:calm"}))[0] == "folder:calm"
    assert "folder:calm" in ids_of(radio({"artist": "calm band"}))
    assert radio({"artist": "nobody"}).status_code == 404
    assert radio({"playlist": "party"}).status_code == 404
    for seeds in ({}, {"track": "folder:calm", "artist": "calm band"}, {"genre": "rock"}, "folder:calm"):
        refused = radio(seeds)
        sentence = "“radio” must be an object with one of “track”, “artist” and “playlist” or null."
        assert (refused.status_code, refused.json()["error"]["message"]) == (400, sentence)


def test_more_like_a_track_is_other_tracks(client):
    track_filter = {"valence": 0.5, "arousal": 0.5, "like": ["folder:lively"]}
    picks = client.post("/api/v1/station", json=track_filter).json()["picks"]
    assert {pick["track"]["id"] for pick in picks} == {"folder:calm", "folder:gone"}
    assert client.post("/api/v1/station", json={**track_filter, "like": ["folder:none"]}).status_code == 404


def test_a_rating_is_stored_used_and_removed(client):
    def rate(rating, track="folder:lively"):
        return client.post("/api/v1/ratings", json={"track": track, "rating": rating}).status_code

    def coming():
        picks = client.post("/api/v1/station", json={"valence": 0.5, "arousal": 0.5}).json()["picks"]
        return {pick["track"]["id"]: pick["reasons"] for pick in picks}

    assert client.get("/api/v1/ratings").json() == {"ratings": {}}
    assert [rate("like"), rate("like"), rate("never", "folder:gone")] == [204, 204, 204]
    assert client.get("/api/v1/ratings").json() == {"ratings": {"folder:lively": "like", "folder:gone": "never"}}
    liking = [reason for reason in coming()["folder:lively"] if reason["kind"].endswith("_taste")]
    assert [reason["value"] > 0 for reason in liking] == [True]
    assert "folder:gone" not in coming()
    assert [rate(None), rate(None), rate(None, "folder:gone")] == [204, 204, 204]
    assert client.get("/api/v1/ratings").json() == {"ratings": {}}
    assert len(coming()) == 3


def test_a_rating_of_an_unknown_track_is_404(client, tastes):
    answer = client.post("/api/v1/ratings", json={"track": "folder:none", "rating": "like"})
    assert (answer.status_code, tastes.ratings()) == (404, {})


@pytest.mark.parametrize("event", ["started", "finished", "skipped"])
def test_a_play(client, library, event):
    answer = client.post("/api/v1/plays", json={"track": "folder:calm", "event": event, "position_s": 1.5})
    assert (answer.status_code, answer.content) == (204, b"")
    ((track_id, kept, position_s, _),) = library.plays
    assert (track_id, kept, position_s) == ("folder:calm", event, 1.5)


def test_a_play_of_an_unknown_track_is_404(client, library):
    answer = client.post("/api/v1/plays", json={"track": "folder:none", "event": "started", "position_s": 0})
    assert (answer.status_code, library.plays) == (404, [])


def test_all_tracks(client):
    tracks = client.get("/api/v1/tracks").json()["tracks"]
    assert [track["id"] for track in tracks] == ["folder:calm", "folder:lively", "folder:gone"]
    assert tracks[0]["cover"] == "/api/v1/tracks/folder:calm/cover"
    assert client.get(tracks[0]["audio"]).status_code == 200


def test_what_is_away_is_in_the_status(client, library):
    library.away_folders = [AwayFolder(LocalFile(Path("/media/disk")), 7)]
    assert client.get("/api/v1/status").json()["away"] == [{"location": "/media/disk", "tracks": 7}]


def test_the_status(client):
    status = client.get("/api/v1/status").json()
    assert {**status, "emotions": list(status["emotions"])} == {
        "version": __version__,
        "model": "fake-1",
        "tracks": 3,
        "starter_tracks": 0,
        "away": [],
        "steadiness": 0.5,
        "follow": "promptly",
        "emotions": [str(emotion) for emotion in Emotion],
    }
    assert status["emotions"]["neutral"] == [0, 0]


STATION = b'{"valence": 0.5, "arousal": 0.5}'
JSON = "application/json"

BAD = [
    ("not json", STATION[:-1], JSON, 400, "not valid JSON"),
    ("nothing", b"", JSON, 400, "not valid JSON"),
    ("a list", b"[]", JSON, 400, "object"),
    ("NaN", b'{"valence": NaN, "arousal": 0}', JSON, 400, "not valid JSON"),
    ("beyond the plane", b'{"valence": 1.5, "arousal": 0}', JSON, 400, "valence"),
    ("a word too many", b'{"valence": 0, "arousal": 0, "mood": 1}', JSON, 400, "mood"),
    ("half a character too many", b'{"valence": 0, "arousal": 0, "a\\ud800": 1}', JSON, 400, "not valid JSON"),
    ("text", STATION, "text/plain", 415, "application/json"),
    ("a form", b"valence=1&arousal=1", "application/x-www-form-urlencoded", 415, "application/json"),
    ("no type", STATION, None, 415, "application/json"),
    ("a type that is nearly json", STATION, "application/json-patch", 415, "application/json"),
    ("too much", b" " * MAX_BODY_BYTES + STATION, JSON, 413, "too large"),
    ("far too much", b" " * (8 * 1024 * 1024), JSON, 413, "too large"),
]


@pytest.mark.parametrize("path", ["/api/v1/station", "/api/v1/plays", "/api/v1/ratings"])
@pytest.mark.parametrize(("body", "content_type", "status", "says"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_request_gets_one_sentence(client, path, body, content_type, status, says):
    answer = client.post(path, content=body, headers={"Content-Type": content_type} if content_type else {})
    assert answer.status_code == status
    sentence = answer.json()["error"]["message"]
    assert says in sentence or not path.endswith("station")
    assert sentence.count(".") >= 1
    assert client.get("/api/v1/status").status_code == 200


def test_a_body_of_unknown_length_is_stopped_at_the_limit(client):
    pieces = itertools.repeat(b" " * 16 * 1024, 1024)
    answer = client.post("/api/v1/station", content=pieces, headers={"Content-Type": JSON})
    assert answer.status_code == 413


def test_no_more_of_a_body_is_kept_than_the_limit():
    pieces = itertools.count()

    async def receive():
        next(pieces)
        return {"type": "http.request", "body": b" " * 1024, "more_body": True}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", JSON.encode())]}
    with pytest.raises(HTTPException) as refused:
        asyncio.run(read_body(Request(scope, receive)))
    assert refused.value.status_code == 413
    assert next(pieces) == MAX_BODY_BYTES // 1024 + 1


def test_a_body_in_pieces_is_put_together(client):
    pieces = iter([STATION[:5], STATION[5:]])
    assert client.post("/api/v1/station", content=pieces, headers={"Content-Type": JSON}).status_code == 200


def test_json_in_a_character_set_is_json(client):
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert client.post("/api/v1/station", content=STATION, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/api/v1/station"), ("GET", "/api/v1/station"), ("POST", "/api/v1/tracks"), ("DELETE", "/api/v1/status")],
)
def test_another_method_is_405(client, method, path):
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        405,
        "This address does not support this method.",
    )


def test_a_library_that_fails_says_so_itself(client, library):
    def fail():
        raise LibraryError("cannot be read", "make room", subject="disk")

    library.tracks = fail
    answer = client.get("/api/v1/tracks")
    assert answer.status_code == 500
    assert answer.json() == {
        "error": {
            "kind": "library",
            "message": "“disk” cannot be read; make room.",
            "statement": "“disk” cannot be read",
            "problem": "cannot be read",
            "remedy": "make room",
            "remedy_code": None,
            "subject": "disk",
        }
    }


def test_a_page_that_closes_in_the_middle_of_a_request_is_no_failure(client, server, origin, caplog):
    head = f"POST /api/v1/plays HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {origin}\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as wire:
        wire.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{".encode())
        assert client.get("/api/v1/status").status_code == 200  # by now the request is being read
    # While it answers these it finds that the page is gone.
    for _ in range(3):
        assert client.get("/api/v1/status").status_code == 200
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_unexpected_error_discloses_no_details(client, server, library):
    def fail():
        raise RuntimeError("a secret of the library")

    library.tracks = fail
    answer = client.get("/api/v1/tracks")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert httpx.get(server.url, trust_env=False, timeout=HANG_S).status_code == 200
