"""Music that is asked for in words, over the API."""

from __future__ import annotations

import pytest

ASK = {"valence": 0.0, "arousal": 0.0, "count": 2}


def test_a_request_is_answered_with_what_was_understood(client):
    answer = client.post("/api/v1/station", json={**ASK, "words": "sad and calm, gribbly, not fast"})
    assert answer.status_code == 200
    told = answer.json()
    assert told["request"] == {
        "names_mood": True,
        "parts": [
            {"words": "sad", "meaning": "sad", "rest": "and calm, gribbly, not fast"},
            {"words": "calm", "meaning": "calm", "rest": "sad and, gribbly, not fast"},
            {"words": "not fast", "meaning": "not fast", "rest": "sad and calm, gribbly"},
        ],
        "unknown": [{"words": "gribbly", "rest": "sad and calm, not fast"}],
        "unmet": [],
    }
    assert told["goal"]["valence"] < 0
    assert told["goal"]["arousal"] < 0
    assert len(told["picks"]) == 2


def test_without_words_for_a_mood_the_users_counts(client):
    told = client.post("/api/v1/station", json={**ASK, "valence": 0.9, "words": "reggae"}).json()
    assert told["goal"]["valence"] == 0.9
    assert told["request"]["names_mood"] is False
    assert told["request"]["unmet"] == ["reggae"]


@pytest.mark.parametrize("words", ["gribbly", "and the", "no"])
def test_words_without_a_meaning_are_refused_in_one_sentence(client, words: str):
    answer = client.post("/api/v1/station", json={**ASK, "words": words})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["kind"] == "request"
    assert error["message"].startswith("Nothing in the request says what music to choose; name a mood")


def test_too_long_a_request_is_refused(client):
    answer = client.post("/api/v1/station", json={**ASK, "words": "sad " * 200})
    assert answer.status_code == 400
    assert client.post("/api/v1/station", json={**ASK, "words": "   "}).json().keys() == {"goal", "path", "picks"}
