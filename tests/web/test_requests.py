"""What the HTTP API accepts, and what it refuses, each time with one sentence."""

import json
import math
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.music.library.play_log import PlayEvent
from mien.music.recommender.feedback import Rating
from mien.music.recommender.goals import Goal
from mien.web.decoder import MAX_NAME_CHARS, BadRequestError
from mien.web.requests import (
    MAX_COUNT,
    MAX_LIKE,
    MAX_PLAYED,
    PLAY_EVENT_DECODER,
    RATING_DECODER,
    STATION_DECODER,
    PlayEventRequest,
    RatingRequest,
    StationRequest,
    parse_track_id,
)
from mien.web.responses import text_of

MOOD = {"valence": 0.5, "arousal": -0.5}
PLAY = {"track": "starter:maple-leaf-rag", "event": "skipped", "position_s": 12.5}
RATING = {"track": "starter:a", "rating": "like"}
DECODERS = {"station": STATION_DECODER, "play": PLAY_EVENT_DECODER, "rating": RATING_DECODER}


def encoded(value):
    return json.dumps(value).encode()


def test_a_station_request_has_defaults():
    short = STATION_DECODER.decode(encoded(MOOD))
    full = STATION_DECODER.decode(
        encoded({**MOOD, "count": 3, "played": ["starter:a", "folder:0f"], "goal": "calm", "like": ["starter:b"]})
    )
    assert short == StationRequest(0.5, -0.5, 10, (), Goal.MATCH, ())
    assert full == StationRequest(0.5, -0.5, 3, ("starter:a", "folder:0f"), Goal.CALM, ("starter:b",))


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ([], "object"),
        (None, "object"),
        ("happy", "object"),
        ({}, "valence"),
        ({"valence": 0.5}, "arousal"),
        ({**MOOD, "mood": "happy"}, "an unknown field, “mood”"),
        ({**MOOD, "": 1}, "an unknown field, “”"),
        ({**MOOD, "valence": "0.5"}, "“valence” must be a number from -1 to 1"),
        ({**MOOD, "valence": None}, "valence"),
        ({**MOOD, "valence": True}, "valence"),
        ({**MOOD, "valence": 1.0001}, "valence"),
        ({**MOOD, "arousal": -1.0001}, "arousal"),
        ({**MOOD, "arousal": math.nan}, "JSON"),
        ({**MOOD, "arousal": math.inf}, "JSON"),
        ({**MOOD, "arousal": 10**400}, "arousal"),
        ({**MOOD, "count": 0}, "“count” must be a whole number from 1 to 100"),
        ({**MOOD, "count": MAX_COUNT + 1}, "count"),
        ({**MOOD, "count": 2.0}, "count"),
        ({**MOOD, "count": True}, "count"),
        ({**MOOD, "played": "starter:a"}, "“played” must be a list of at most 1000 track ids"),
        ({**MOOD, "played": ["starter:a"] * (MAX_PLAYED + 1)}, "played"),
        ({**MOOD, "played": [1]}, "track"),
        ({**MOOD, "played": ["../../etc/passwd"]}, "track"),
        ({**MOOD, "goal": "sleep"}, "“goal” must be one of match, lift, calm, focus, energise, contrast"),
        ({**MOOD, "goal": "CALM"}, "goal"),
        ({**MOOD, "goal": None}, "goal"),
        ({**MOOD, "goal": ["calm"]}, "goal"),
        ({**MOOD, "like": "starter:a"}, "like"),
        ({**MOOD, "like": ["starter:a"] * (MAX_LIKE + 1)}, "like"),
        ({**MOOD, "like": [None]}, "track"),
    ],
)
def test_an_invalid_station_request_is_refused_by_field(body, names):
    with pytest.raises(BadRequestError, match=names) as refused:
        STATION_DECODER.decode(encoded(body))
    assert str(refused.value).endswith(".")
    assert "$" not in str(refused.value)


def test_a_play_event_is_decoded():
    play = PLAY_EVENT_DECODER.decode(encoded(PLAY))
    assert play == PlayEventRequest("starter:maple-leaf-rag", PlayEvent.SKIPPED, 12.5)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"track": "starter:a", "event": "started"}, "position_s"),
        ({**PLAY, "event": "loved"}, "event"),
        ({**PLAY, "event": ["started"]}, "event"),
        ({**PLAY, "event": None}, "event"),
        ({**PLAY, "position_s": -0.1}, "“position_s” must be a number from 0 to 86400"),
        ({**PLAY, "position_s": 1e9}, "position_s"),
        ({**PLAY, "position_s": math.nan}, "JSON"),
        ({**PLAY, "track": 5}, "“track” must be a track id, such as"),
        ({**PLAY, "track": ""}, "track"),
        ({**PLAY, "at": "now"}, "at"),
    ],
)
def test_an_invalid_play_event_is_refused_by_field(body, names):
    with pytest.raises(BadRequestError, match=names):
        PLAY_EVENT_DECODER.decode(encoded(body))


def test_a_rating_is_decoded():
    assert RATING_DECODER.decode(encoded({"track": "starter:a", "rating": "never"})) == RatingRequest(
        "starter:a", Rating.NEVER
    )
    assert RATING_DECODER.decode(encoded({"track": "starter:a", "rating": None})) == RatingRequest("starter:a", None)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"track": "starter:a"}, "rating"),
        ({"track": "starter:a", "rating": "hate"}, "“rating” must be one of like, never or null"),
        ({"track": "starter:a", "rating": True}, "rating"),
        ({**RATING, "at": "now"}, "at"),
        ({"track": "a", "rating": "like"}, "track"),
        ("like", "object"),
    ],
)
def test_an_invalid_rating_is_refused_by_field(body, names):
    with pytest.raises(BadRequestError, match=names):
        RATING_DECODER.decode(encoded(body))


@pytest.mark.parametrize(
    "text", ["a", "a:", ":b", "a:b c", "a:b/c", "A:b", "a:\ud800", "a:ü", "a:b\n", f"a:{'b' * 161}"]
)
def test_an_invalid_track_id_is_refused(text):
    with pytest.raises(BadRequestError):
        parse_track_id(text)
    with suppress(UnicodeEncodeError), pytest.raises(BadRequestError):
        RATING_DECODER.decode(text_of({**RATING, "track": text}).encode())


NOT_JSON = {
    "nothing": b"",
    "half": b"{",
    "NaN": b"NaN",
    "a NaN inside": b'{"valence": NaN}',
    "infinity": b"[Infinity]",
    "minus infinity": b"-Infinity",
    "not utf-8": b"\xff\xfe",
    "a field that is not utf-8": b'{"\xff": 1}',
    "a value that is not utf-8": b'{"track": "\xff"}',
    "half a character": b'{"a\\ud800": 1}',
    "as deep as a body may be": b"[" * 65_000,
    "as deep inside": b'{"valence": ' + b"[" * 65_000,
    "as long a number": b"1" * 65_000,
    "two": b"{}{}",
}


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_invalid_json_is_refused(decoder, body):
    with pytest.raises(BadRequestError) as refused:
        decoder.decode(body)
    assert str(refused.value).endswith(".")


def test_an_exponent_that_overflows_is_out_of_range():
    with pytest.raises(BadRequestError, match="valence"):
        STATION_DECODER.decode(b'{"valence": 1e999, "arousal": 0}')


def test_of_a_long_unknown_name_only_the_beginning_is_repeated():
    with pytest.raises(BadRequestError, match=f"“{'x' * MAX_NAME_CHARS}”"):
        STATION_DECODER.decode(encoded({**MOOD, "x" * 60_000: 1}))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from([*MOOD, *PLAY, "count", "played", "goal", "like", "rating"]), inner)
    ),
)


@given(anything)
def test_any_value_is_decoded_or_refused(value):
    for decoder in DECODERS.values():
        with suppress(BadRequestError):
            decoder.decode(encoded(value))


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(body):
    for decoder in DECODERS.values():
        with suppress(BadRequestError):
            msgspec.json.encode(decoder.decode(body))
