"""What the server sends: JSON for tracks, stations and errors."""

import json
import math
from pathlib import Path

import pytest

from mien.errors import LibraryError, MienError, Remedy, SlowSourceError, TrackNotFoundError
from mien.types import Mood, Pick, Reason, ReasonKind, Station, Track
from mien.web.responses import error_json, message_json, station_json, text_of, track_json
from tests.fakes import track


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
    assert [mood["words"] for mood in wire["path"]] == ["neutral", "excited"]
    assert wire["picks"][0]["reasons"] == [{"kind": "mood_fit", "value": 0.25}, {"kind": "same_key", "value": None}]
    assert json.loads(text_of(wire)) == wire


def test_text_never_holds_nan():
    with pytest.raises(ValueError, match="JSON"):
        text_of({"x": math.nan})


def test_an_error_is_sent_in_its_parts_and_as_a_sentence():
    assert error_json(SlowSourceError("did not answer within 5 s", Remedy.SIGN_IN, subject="home")) == {
        "kind": "slow_source",
        "message": "“home” did not answer within 5 s; sign in to it again.",
        "statement": "“home” did not answer within 5 s",
        "problem": "did not answer within 5 s",
        "remedy": "sign in to it again",
        "remedy_code": "sign_in",
        "subject": "home",
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MienError("It failed."), "mien"),
        (LibraryError("is damaged", "repair it", subject=Path("a.db")), "library"),
        (TrackNotFoundError("There is no such track."), "track_not_found"),
    ],
)
def test_an_error_has_the_kind_of_its_class_and_json_for_all_its_parts(error, kind):
    described = error_json(error)
    assert (described["kind"], described["message"], described["remedy_code"]) == (kind, str(error), None)
    assert json.loads(text_of(described)) == described
    assert described.keys() == message_json("other", "It failed.").keys()
