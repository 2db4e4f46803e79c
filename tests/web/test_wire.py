"""What goes over the wire, and what is refused from it."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.music.library.library import PlayEvent
from mien.music.recommender.feedback import Rating
from mien.music.recommender.goals import Goal
from mien.types import Mood, Pick, Reason, ReasonKind, Station, Track
from mien.web.wire import (
    MAX_COUNT,
    MAX_LIKE,
    MAX_PLAYED,
    BadRequestError,
    RatingRequest,
    StationRequest,
    parse_json,
    parse_play,
    parse_station,
    parse_track_id,
    parse_word,
    station_json,
    text_of,
    track_json,
)
from tests.fakes import track

MOOD = {"valence": 0.5, "arousal": -0.5}
PLAY = {"track": "starter:maple-leaf-rag", "event": "skipped", "position_s": 12.5}


def test_a_station_may_be_asked_for_in_short_and_in_full():
    short, full = (
        parse_station(MOOD),
        parse_station(
            {**MOOD, "count": 3, "played": ["starter:a", "folder:0f"], "goal": "calm", "like": ["starter:b"]}
        ),
    )
    assert short == StationRequest(Mood(0.5, -0.5), 10, (), Goal.MATCH, ())
    assert full == StationRequest(Mood(0.5, -0.5), 3, ("starter:a", "folder:0f"), Goal.CALM, ("starter:b",))


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ([], "object"),
        (None, "object"),
        ("happy", "object"),
        ({}, "arousal"),
        ({"valence": 0.5}, "arousal"),
        ({**MOOD, "mood": "happy"}, "mood"),
        ({**MOOD, "valence": "0.5"}, "valence"),
        ({**MOOD, "valence": None}, "valence"),
        ({**MOOD, "valence": True}, "valence"),
        ({**MOOD, "valence": 1.0001}, "valence"),
        ({**MOOD, "arousal": -1.0001}, "arousal"),
        ({**MOOD, "arousal": math.nan}, "arousal"),
        ({**MOOD, "arousal": math.inf}, "arousal"),
        ({**MOOD, "arousal": 10**400}, "arousal"),
        ({**MOOD, "count": 0}, "count"),
        ({**MOOD, "count": MAX_COUNT + 1}, "count"),
        ({**MOOD, "count": 2.0}, "count"),
        ({**MOOD, "count": True}, "count"),
        ({**MOOD, "played": "starter:a"}, "played"),
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
def test_a_wrong_wish_is_refused_by_name(body, names):
    with pytest.raises(BadRequestError, match=names) as refused:
        parse_station(body)
    assert str(refused.value).endswith(".")


def test_a_play_is_read():
    play = parse_play(PLAY)
    assert (play.track_id, play.event, play.position_s) == ("starter:maple-leaf-rag", PlayEvent.SKIPPED, 12.5)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"track": "starter:a", "event": "started"}, "position_s"),
        ({**PLAY, "event": "loved"}, "event"),
        ({**PLAY, "event": ["started"]}, "event"),
        ({**PLAY, "event": None}, "event"),
        ({**PLAY, "position_s": -0.1}, "position_s"),
        ({**PLAY, "position_s": 1e9}, "position_s"),
        ({**PLAY, "position_s": math.nan}, "position_s"),
        ({**PLAY, "track": 5}, "track"),
        ({**PLAY, "track": ""}, "track"),
        ({**PLAY, "at": "now"}, "at"),
    ],
)
def test_a_wrong_play_is_refused_by_name(body, names):
    with pytest.raises(BadRequestError, match=names):
        parse_play(body)


def test_a_word_on_a_track_is_read():
    assert parse_word({"track": "starter:a", "verdict": "never"}) == RatingRequest("starter:a", Rating.NEVER)
    assert parse_word({"track": "starter:a", "verdict": None}) == RatingRequest("starter:a", None)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"track": "starter:a"}, "verdict"),
        ({"track": "starter:a", "verdict": "hate"}, "“verdict” must be one of like, never"),
        ({"track": "starter:a", "verdict": True}, "verdict"),
        ({"track": "starter:a", "verdict": "like", "at": "now"}, "at"),
        ({"track": "a", "verdict": "like"}, "track"),
        ("like", "object"),
    ],
)
def test_a_wrong_word_is_refused_by_name(body, names):
    with pytest.raises(BadRequestError, match=names):
        parse_word(body)


@pytest.mark.parametrize(
    "word", ["a", "a:", ":b", "a:b c", "a:b/c", "A:b", "a:\ud800", "a:ü", "a:b\n", f"a:{'b' * 161}"]
)
def test_what_is_no_track_id(word):
    with pytest.raises(BadRequestError):
        parse_track_id(word)


NOT_JSON = {
    "nothing": b"",
    "half": b"{",
    "NaN": b"NaN",
    "a NaN inside": b'{"valence": NaN}',
    "infinity": b"[Infinity]",
    "minus infinity": b"-Infinity",
    "not utf-8": b"\xff\xfe",
    "as deep as a body may be": b"[" * 65_000,
    "as long a number": b"1" * 65_000,
    "two": b"{}{}",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json(body):
    with pytest.raises(BadRequestError):
        parse_json(body)


def test_an_exponent_that_overflows_is_out_of_range():
    with pytest.raises(BadRequestError, match="valence"):
        parse_station(parse_json(b'{"valence": 1e999, "arousal": 0}'))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from([*MOOD, *PLAY, "count", "played", "goal", "like", "verdict"]), inner)
    ),
)


@given(anything)
def test_any_value_is_understood_or_refused(value):
    for parse in (parse_station, parse_play, parse_word, parse_track_id):
        with suppress(BadRequestError):
            parse(value)


@given(st.binary())
def test_any_bytes_are_json_or_refused(body):
    with suppress(BadRequestError):
        text_of({"value": parse_json(body)})


def test_a_track_has_the_addresses_of_its_sound_and_cover():
    wire = track_json(track("rag", valence=0.25, has_cover=True))
    assert wire["audio"] == "/api/v1/tracks/folder:rag/audio"
    assert wire["cover"] == "/api/v1/tracks/folder:rag/cover"
    assert (wire["valence"], wire["tempo_bpm"], wire["loudness_lufs"], wire["year"]) == (0.25, 96.0, -18.0, 1901)


def test_a_track_that_was_not_heard_says_so():
    wire = track_json(Track("folder:x", "X", "Y", "Z", 3.5))
    unknown = [name for name, value in wire.items() if value is None]
    assert unknown == ["year", "tempo_bpm", "loudness_lufs", "valence", "arousal", "cover"]


def test_a_station_goes_out_in_playing_order():
    picks = tuple(
        Pick(track(key), 0.9, 0.5, (Reason(ReasonKind.MOOD_FIT, 0.25), Reason(ReasonKind.SAME_KEY)))
        for key in ("b", "a")
    )
    wire = station_json(Station(Mood(0.5, 0.5), (Mood(0, 0), Mood(0.5, 0.5)), picks))
    assert [pick["track"]["title"] for pick in wire["picks"]] == ["B", "A"]
    assert [mood["words"] for mood in wire["path"]] == ["even", "excited, happy"]
    assert wire["picks"][0]["reasons"] == [{"kind": "mood_fit", "value": 0.25}, {"kind": "same_key", "value": None}]
    assert json.loads(text_of(wire)) == wire


def test_text_never_holds_nan():
    with pytest.raises(ValueError, match="JSON"):
        text_of({"x": math.nan})
