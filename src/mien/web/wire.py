"""Turns mien's values into JSON and what a client sent into mien's values, strictly; the only place that knows both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from mien.live.reader import NeutralLearning
from mien.mood.circumplex import describe
from mien.music.library.library import PlayEvent
from mien.music.recommender.feedback import Rating
from mien.music.recommender.goals import Goal
from mien.session import LiveReading
from mien.types import Activity, Hint, Mood, Motion, Pick, Quality, Reading, Station, Track
from mien.web.contours import contours_of

Json = dict[str, Any]

_Name = TypeVar("_Name", bound=StrEnum)

MAX_COUNT = 100
"""The most picks that one station may be asked for."""

MAX_PLAYED = 1000
"""The most track ids that one station may be told to leave out."""

MAX_LIKE = 10
"""The most tracks that one station may be asked for more of."""

MAX_POSITION_S = 24 * 60 * 60
"""The furthest into a track that a play may be reported at."""

_TRACK_ID = re.compile(r"[a-z0-9_-]{1,32}:[A-Za-z0-9._~-]{1,160}")


class BadRequestError(ValueError):
    """What a client sent means nothing to mien; the message is one sentence for its author."""


@dataclass(frozen=True, slots=True)
class StationRequest:
    """A wish for music: from which mood to which goal, how many picks, what was played already, more like what."""

    mood: Mood
    count: int
    played: tuple[str, ...]
    goal: Goal
    like: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayEventRequest:
    """What became of a track in the player, ``position_s`` seconds into it."""

    track_id: str
    event: PlayEvent
    position_s: float


@dataclass(frozen=True, slots=True)
class RatingRequest:
    """What a person says of a track; None takes back what they said."""

    track_id: str
    verdict: Rating | None


# -- out -------------------------------------------------------------------------------------------------------------


def text_of(message: Json) -> str:
    """JSON without spaces; raises ``ValueError`` for NaN, which no browser parses."""
    return json.dumps(message, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def reading_message(reading: LiveReading, *, index: int, wait: bool = False) -> Json:
    """The answer to the connection's frame number ``index``; whether the next has to ``wait`` until it is asked for."""
    live = reading.live
    several = len(reading.faces) > 1
    return {
        "type": "reading",
        "index": index,
        "width": reading.width_px,
        "height": reading.height_px,
        "read_ms": round(reading.read_ms, 1),
        "faces": [_face(face, track) for face, track in zip(reading.faces, reading.tracks, strict=True)],
        "me": live.me,
        "chosen": reading.chosen,
        "mood": mood_json(reading.mood) if reading.mood else None,
        "held": reading.held,
        "region": str(live.region) if live.region else None,
        "group": mood_json(live.group) if live.group and several else None,
        "hint": hint_json(live.hint) if live.hint else None,
        "skipped": live.skipped,
        "learning": _learning(live.learning) if live.learning else None,
        "wait": wait,
    }


def error_message(sentence: str, *, index: int | None = None, wait: bool | None = None) -> Json:
    """What went wrong with frame number ``index``, or with a message that was no frame: then nothing has to wait."""
    return {"type": "error", "message": sentence, "index": index, "wait": wait}


def next_message() -> Json:
    """Asks for a fresh frame: the last answer bade the client wait, or what it sent since has grown old unread."""
    return {"type": "next"}


def hint_json(hint: Hint) -> Json:
    """What would help most: its name, and a sentence for people."""
    return {"name": hint.name.lower(), "sentence": f"{hint.value.capitalize()}."}


def neutral_json(*, known: bool, since: datetime | None) -> Json:
    """Whether a face at rest is kept, and since when, where that is known."""
    return {"known": known, "since": since.isoformat(timespec="seconds") if since else None}


def mood_json(mood: Mood) -> Json:
    """A mood, with words for it."""
    return {
        "valence": round(mood.valence, 3),
        "arousal": round(mood.arousal, 3),
        "confidence": round(mood.confidence, 3),
        "words": describe(mood),
    }


def station_json(station: Station) -> Json:
    """A station, its picks in playing order."""
    return {
        "goal": mood_json(station.goal),
        "path": [mood_json(mood) for mood in station.path],
        "picks": [_pick(pick) for pick in station.picks],
    }


def track_json(track: Track) -> Json:
    """A track, with the addresses of its sound and its cover."""
    heard = track.features
    address = f"/api/v1/tracks/{track.id}"
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "duration_s": track.duration_s,
        "year": track.year,
        "genre": track.genre,
        "credit": track.credit,
        "tempo_bpm": heard.tempo_bpm if heard else None,
        "loudness_lufs": heard.loudness_lufs if heard else None,
        "valence": heard.valence if heard else None,
        "arousal": heard.arousal if heard else None,
        "audio": f"{address}/audio",
        "cover": f"{address}/cover" if track.has_cover else None,
    }


def verdicts_json(verdicts: Mapping[str, Rating]) -> Json:
    """What was said of which tracks."""
    return {"verdicts": {track_id: str(verdict) for track_id, verdict in verdicts.items()}}


def _pick(pick: Pick) -> Json:
    return {
        "track": track_json(pick.track),
        "score": pick.score,
        "propensity": pick.propensity,
        "reasons": [{"kind": str(reason.kind), "value": reason.value} for reason in pick.reasons],
    }


def _face(reading: Reading, track: int) -> Json:
    box, expression, features = reading.face.box, reading.expression, reading.features
    return {
        "id": track,
        "box": [round(side, 1) for side in (box.x, box.y, box.width, box.height)],
        "contours": contours_of(reading.face),
        "expression": str(expression.top),
        "probabilities": {str(emotion): round(p, 4) for emotion, p in expression.probabilities.items()},
        "confident": expression.confident,
        "valence": round(reading.mood.valence, 3),
        "arousal": round(reading.mood.arousal, 3),
        "motion": _motion(features.motion) if features.motion else None,
        "quality": _quality(features.quality) if features.quality else None,
        "activity": _activity(features.activity) if features.activity else None,
    }


def _quality(quality: Quality) -> Json:
    return {"score": round(quality.score, 3), "hint": hint_json(quality.hint) if quality.hint else None}


def _activity(activity: Activity) -> Json:
    return {"speaking": activity.speaking, "blinking": activity.blinking, "phase": str(activity.phase)}


def _learning(learning: NeutralLearning) -> Json:
    return {
        "share": round(learning.share, 3),
        "done": learning.neutral is not None,
        "refusal": learning.refusal,
    }


def _motion(motion: Motion) -> Json:
    speeds = {
        "brows": motion.brows_per_s,
        "lids": motion.lids_per_s,
        "jaw": motion.jaw_per_s,
        "mouth_corners": motion.mouth_corners_per_s,
    }
    return {name: round(speed, 3) for name, speed in speeds.items()}


# -- in --------------------------------------------------------------------------------------------------------------


def parse_json(body: bytes) -> object:
    """A JSON value from bytes; raises ``BadRequestError`` for anything else, NaN and infinity included."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequestError("The request is not valid JSON.") from error


def parse_station(value: object) -> StationRequest:
    """``{"valence", "arousal", "count"?, "played"?, "goal"?, "like"?}``; raises ``BadRequestError``."""
    fields = fields_of(value, required={"valence", "arousal"}, optional={"count", "played", "goal", "like"})
    mood = Mood(
        number_of(fields["valence"], name="valence", low=-1, high=1),
        number_of(fields["arousal"], name="arousal", low=-1, high=1),
    )
    return StationRequest(
        mood,
        _count(fields.get("count", 10)),
        _ids(fields.get("played", []), name="played", most=MAX_PLAYED),
        _one_of(Goal, fields.get("goal", "match"), name="goal"),
        _ids(fields.get("like", []), name="like", most=MAX_LIKE),
    )


def parse_play(value: object) -> PlayEventRequest:
    """``{"track", "event", "position_s"}``; raises ``BadRequestError``."""
    fields = fields_of(value, required={"track", "event", "position_s"})
    event = _one_of(PlayEvent, fields["event"], name="event")
    position_s = number_of(fields["position_s"], name="position_s", low=0, high=MAX_POSITION_S)
    return PlayEventRequest(parse_track_id(fields["track"]), event, position_s)


def parse_word(value: object) -> RatingRequest:
    """``{"track", "verdict"}``, a verdict of null takes one back; raises ``BadRequestError``."""
    fields = fields_of(value, required={"track", "verdict"})
    verdict = fields["verdict"]
    said = None if verdict is None else _one_of(Rating, verdict, name="verdict")
    return RatingRequest(parse_track_id(fields["track"]), said)


def parse_track_id(value: object) -> str:
    """A track id such as ``starter:maple-leaf-rag``; raises ``BadRequestError``."""
    if not isinstance(value, str) or not _TRACK_ID.fullmatch(value):
        raise BadRequestError("A track is named by its id, such as “starter:maple-leaf-rag”.")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def fields_of(value: object, *, required: set[str], optional: Iterable[str] = ()) -> dict[str, object]:
    """The fields of a JSON object that has these and no others; raises ``BadRequestError``."""
    if not isinstance(value, dict):
        raise BadRequestError("The request must be a JSON object.")
    if missing := sorted(required - value.keys()):
        raise BadRequestError(f"The request lacks “{missing[0]}”.")
    if unknown := sorted(value.keys() - required - set(optional)):
        # A name may hold half a character, which JSON can write and UTF-8 cannot.
        name = unknown[0][:40].encode("utf-8", "backslashreplace").decode("utf-8")
        raise BadRequestError(f"The request has an unknown field, “{name}”.")
    return value


def number_of(value: object, *, name: str, low: float, high: float) -> float:
    """A JSON number within bounds; raises ``BadRequestError``."""
    # A bool is an int in Python, not in JSON; the comparison is false for NaN.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadRequestError(f"“{name}” must be a number from {low} to {high}.")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_COUNT:
        raise BadRequestError(f"“count” must be a whole number from 1 to {MAX_COUNT}.")
    return value


def _ids(value: object, *, name: str, most: int) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > most:
        raise BadRequestError(f"“{name}” must be a list of at most {most} track ids.")
    return tuple(parse_track_id(item) for item in value)


def _one_of(kind: type[_Name], value: object, *, name: str) -> _Name:
    names = {member.value: member for member in kind}
    if not isinstance(value, str) or value not in names:
        raise BadRequestError(f"“{name}” must be one of {', '.join(names)}.")
    return names[value]
