"""Turns mien's values into the JSON that the API and the live channel send."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mien.errors import MienError, Remedy, clause
from mien.live.correction_store import CorrectionSummary
from mien.live.reader import NeutralLearning
from mien.mood.circumplex import describe
from mien.mood.music_mood import MusicMood
from mien.music.library.catalogue import AwayFolder
from mien.music.recommender.feedback import Rating
from mien.music.requests.part_words import part_words
from mien.session.live_feed import CorrectionOutcome, FrameResult
from mien.session.requested_station import RequestedStation
from mien.types import Activity, Emotion, Gaze, HeadPose, Hint, Mood, Motion, Pick, Quality, Reading, Station, Track
from mien.web.contours import contours_of

Json = dict[str, Any]


def text_of(message: Json) -> str:
    """Compact JSON; raises ``ValueError`` for NaN and infinity, which are not valid JSON."""
    return json.dumps(message, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def error_json(error: MienError) -> Json:
    """The parts of an error, and all of them in one sentence (``message``).

    ``statement`` is the subject and the problem, without a remedy and a full stop.
    ``kind`` is the name of its class, such as "track_not_found". ``remedy_code`` names a remedy that the page words in
    its own way, such as "sign_in".
    """
    return {
        "kind": _kind(type(error)),
        "message": str(error),
        "statement": clause(error.problem, subject=error.subject).rstrip("."),
        "problem": error.problem,
        "remedy": str(error.remedy),
        "remedy_code": error.remedy.name.lower() if isinstance(error.remedy, Remedy) else None,
        "subject": None if error.subject is None else str(error.subject),
    }


def message_json(kind: str, message: str) -> Json:
    """An error that is described by one sentence alone."""
    return {
        "kind": kind,
        "message": message,
        "statement": message.rstrip("."),
        "problem": message,
        "remedy": "",
        "remedy_code": None,
        "subject": None,
    }


def reading_message(reading: FrameResult, *, index: int, wait: bool = False) -> Json:
    """The answer to one frame.

    Args:
        reading: What was read from the frame.
        index: The frame's number on its connection, from 0.
        wait: Whether the client must wait for a "next" message before it sends another frame.
    """
    live = reading.live
    several = len(reading.faces) > 1
    return {
        "type": "reading",
        "index": index,
        "width": reading.width_px,
        "height": reading.height_px,
        "read_ms": round(reading.read_ms, 1),
        "faces": [
            _face(live.shown(face), track, named=live.named(face), words=live.words_of(face))
            for face, track in zip(reading.faces, reading.face_ids, strict=True)
        ],
        "me": live.me,
        "chosen": reading.chosen,
        "mood": {**mood_json(live.mood), "words": live.words} if live.mood else None,
        "held": reading.held,
        "posed": live.posed,
        "music": _music_mood(live.music) if live.music else None,
        "region": str(live.region) if live.region else None,
        "group": mood_json(live.group) if live.group and several else None,
        "hint": hint_json(live.hint) if live.hint else None,
        "skipped": live.skipped,
        "learning": _learning(live.learning) if live.learning else None,
        "correction": _correction(reading.correction) if reading.correction else None,
        "corrections": reading.corrections,
        "halo": None if reading.halo is None else round(reading.halo, 3),
        "wait": wait,
    }


def error_message(error: Json, *, index: int | None = None, wait: bool | None = None) -> Json:
    """Reports an error on the live channel.

    Args:
        error: From ``error_json`` or ``message_json``.
        index: The number of the frame that failed, None if it was a command.
        wait: As in ``reading_message``, None for a command.
    """
    return {"type": "error", "error": error, "index": index, "wait": wait}


def next_message() -> Json:
    """Asks the client for a new frame, after it had to wait or because its last frame became too old."""
    return {"type": "next"}


def hint_json(hint: Hint) -> Json:
    """What would improve the reading most: the hint's name, and a sentence for the user."""
    return {"name": hint.name.lower(), "sentence": f"{hint.value.capitalize()}."}


def neutral_json(*, known: bool, since: datetime | None) -> Json:
    """Whether a neutral face is stored, and since when, if known."""
    return {"known": known, "since": since.isoformat(timespec="seconds") if since else None}


def corrections_json(summary: CorrectionSummary) -> Json:
    """What was learnt from the user's corrections, and why they are not stored, if so."""
    before, now = summary.distance_before, summary.distance_now
    return {
        "count": summary.count,
        "distance_before": None if before is None else round(before, 3),
        "distance_now": None if now is None else round(now, 3),
        "problem": error_json(summary.problem) if summary.problem else None,
    }


def mood_json(mood: Mood) -> Json:
    """A mood and its description in words."""
    return {
        "valence": round(mood.valence, 3),
        "arousal": round(mood.arousal, 3),
        "confidence": round(mood.confidence, 3),
        "words": describe(mood),
    }


def station_json(station: Station) -> Json:
    """A station with its picks in playing order."""
    return {
        "goal": mood_json(station.target),
        "path": [mood_json(mood) for mood in station.route],
        "picks": [_pick(pick) for pick in station.picks],
    }


def requested_station_json(asked: RequestedStation) -> Json:
    """A station for a request in words, and what was understood.

    Each part of the request has its own words, what they mean, and the rest of the request without them (``rest``).
    """
    request = asked.request
    return {
        **station_json(asked.station),
        "request": {
            "names_mood": request.mood is not None,
            "parts": [
                {"words": part.words.text, "meaning": part_words(part), "rest": request.without(part.words)}
                for part in request.parts
            ],
            "unknown": [{"words": words.text, "rest": request.without(words)} for words in request.unknown],
            "unmet": list(asked.unmet),
        },
    }


def track_json(track: Track) -> Json:
    """A track with the addresses of its audio and its cover."""
    features = track.features
    address = f"/api/v1/tracks/{track.id}"
    return {
        "id": track.id,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "duration_s": track.duration_s,
        "year": track.year,
        "genre": "; ".join(track.genres),
        "genres": list(track.genres),
        "credit": track.credit,
        "tempo_bpm": features.tempo_bpm if features else None,
        "loudness_lufs": features.loudness_lufs if features else None,
        "valence": features.valence if features else None,
        "arousal": features.arousal if features else None,
        "relative": features is not None and features.absolute is not None,
        "audio": f"{address}/audio",
        "cover": f"{address}/cover" if track.has_cover else None,
    }


def away_json(away: AwayFolder) -> Json:
    """A folder or server that is away, and the number of its tracks."""
    return {"location": str(away.location).encode("utf-8", "replace").decode(), "tracks": away.track_count}


def ratings_json(ratings: Mapping[str, Rating]) -> Json:
    """The ratings of tracks, by track id."""
    return {"ratings": {track_id: str(rating) for track_id, rating in ratings.items()}}


def _pick(pick: Pick) -> Json:
    return {
        "track": track_json(pick.track),
        "score": pick.score,
        "propensity": pick.propensity,
        "reasons": [{"kind": str(reason.kind), "value": reason.value} for reason in pick.reasons],
    }


def _face(reading: Reading, track: int, *, named: Emotion, words: str) -> Json:
    box, expression, features = reading.face.box, reading.expression, reading.features
    return {
        "id": track,
        "box": [round(side, 1) for side in (box.x, box.y, box.width, box.height)],
        "contours": contours_of(reading.face),
        "expression": str(named),
        "words": words,
        "probabilities": {str(emotion): round(p, 4) for emotion, p in expression.probabilities.items()},
        "confident": expression.confident,
        "valence": round(reading.mood.valence, 3),
        "arousal": round(reading.mood.arousal, 3),
        "motion": _motion(features.motion) if features.motion else None,
        "quality": _quality(features.quality) if features.quality else None,
        "activity": _activity(features.activity) if features.activity else None,
        "head_pose": _head_pose(features.head_pose) if features.head_pose else None,
        "gaze": _gaze(features.gaze) if features.gaze else None,
    }


def _quality(quality: Quality) -> Json:
    return {"score": round(quality.score, 3), "hint": hint_json(quality.hint) if quality.hint else None}


def _head_pose(pose: HeadPose) -> Json:
    return {name: round(angle_deg, 1) for name, angle_deg in asdict(pose).items()}


def _gaze(gaze: Gaze) -> Json:
    return {
        "horizontal_deg": round(gaze.horizontal_deg, 1),
        "vertical_deg": round(gaze.vertical_deg, 1),
        "looking_at_screen": gaze.looking_at_screen,
    }


def _activity(activity: Activity) -> Json:
    return {"speaking": activity.speaking, "blinking": activity.blinking, "phase": str(activity.phase)}


def _music_mood(music: MusicMood) -> Json:
    return {
        **mood_json(music.mood),
        "moment": mood_json(music.moment),
        "settled": music.settled,
        "held_s": round(music.held_s, 2),
        "away_s": round(music.away_s, 2),
    }


def _learning(learning: NeutralLearning) -> Json:
    return {
        "share": round(learning.share, 3),
        "done": learning.neutral is not None,
        "error": error_json(learning.error) if learning.error else None,
    }


def _correction(outcome: CorrectionOutcome) -> Json:
    return {"learnt": outcome.learnt, "error": error_json(outcome.error) if outcome.error else None}


def _kind(error: type[MienError]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", error.__name__.removesuffix("Error")).lower()


def _motion(motion: Motion) -> Json:
    speeds = {
        "brows": motion.brows_per_s,
        "lids": motion.lids_per_s,
        "jaw": motion.jaw_per_s,
        "mouth_corners": motion.mouth_corners_per_s,
    }
    return {name: round(speed, 3) for name, speed in speeds.items()}
