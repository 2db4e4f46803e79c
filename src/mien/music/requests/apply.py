"""Turns a request in words into what the recommender takes: a mood, conditions, tracks to resemble, a length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mien.music.names import artist_forms, comparison_form
from mien.music.recommender.conditions import (
    ArtistCondition,
    DurationCondition,
    GenreCondition,
    KeyCondition,
    LanguageCondition,
    PointCondition,
    SoundCondition,
    TempoCondition,
    TrackCondition,
    TrackSetCondition,
    YearCondition,
)
from mien.music.recommender.listening import ListeningHistory
from mien.music.recommender.preference import TrackPreference
from mien.music.requests.part_words import part_words
from mien.music.requests.request import MusicRequest, PartKind, RequestPart
from mien.types import Mood, Track

_SOUND_WEIGHT: Final = 0.9
_TEMPO_WEIGHT: Final = 0.6
_KEY_WEIGHT: Final = 0.4
_POINT_WEIGHT: Final = 0.8
_SCENE_WEIGHT: Final = 0.25
_HEARD_BEFORE_WEIGHT: Final = 0.8
_LONG_AGO: Final = timedelta(days=60)
_LATELY: Final = timedelta(days=14)
_MAX_LIKE: Final = 10
_DEGREE_BPM: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRequest:
    """A request in the recommender's terms.

    Attributes:
        mood: The mood that it names, None if it names none.
        preference: Its conditions on tracks.
        like: The ids of tracks to resemble.
        explicit: Whether tracks with explicit lyrics are allowed.
    """

    mood: Mood | None
    preference: TrackPreference
    like: tuple[str, ...] = ()
    explicit: bool = True


def apply_request(
    request: MusicRequest, tracks: Sequence[Track], *, history: ListeningHistory, now: datetime
) -> AppliedRequest:
    """Turn a request into conditions.

    Years, genres, languages, artists, lengths and the history are required; sounds, tempo and key only count. A mood
    that is not wanted is a place to keep away from.

    Args:
        request: What was asked for.
        tracks: The tracks to choose from; those of a named artist are resembled.
        history: What the listener has heard.
        now: The present time, aware.
    """
    conditions = tuple(found for part in request.parts for found in _conditions(part, history, now))
    similar = {
        comparison_form(part.meaning.artist) for part in request.parts if part.meaning.similar and not part.negated
    }
    alike = (
        {artist for artist in {track.artist for track in tracks} if similar & artist_forms(artist)} if similar else {}
    )
    like = tuple(track.id for track in tracks if track.features is not None and track.artist in alike)
    return AppliedRequest(
        mood=None if request.mood is None else Mood(*request.mood),
        preference=TrackPreference(conditions),
        like=like[:_MAX_LIKE],
        explicit=not any(part.kind is PartKind.EXPLICIT for part in request.parts),
    )


def _conditions(part: RequestPart, history: ListeningHistory, now: datetime) -> Iterator[TrackCondition]:
    meaning, label, negated = part.meaning, part_words(part), part.negated
    soft = _SCENE_WEIGHT if part.kind is PartKind.SCENE else None
    if part.kind is PartKind.MOOD and negated:
        point = ((meaning.valence or 0.0), (meaning.arousal or 0.0))
        yield PointCondition(
            label=label, negated=True, valence=point[0], arousal=point[1], weight=_POINT_WEIGHT * min(1.0, part.degree)
        )
    if meaning.genres:
        yield GenreCondition(label=label, negated=negated, required=True, groups=meaning.genres, tags=meaning.sounds)
    elif meaning.sounds:
        yield SoundCondition(label=label, negated=negated, tags=meaning.sounds, weight=soft or _SOUND_WEIGHT)
    if meaning.without:
        yield SoundCondition(label=label, negated=not negated, tags=meaning.without, weight=_SCENE_WEIGHT)
    if meaning.tempo_bpm is not None:
        low, high = _tempo_range(part, *meaning.tempo_bpm)
        yield TempoCondition(label=label, negated=negated, low_bpm=low, high_bpm=high, weight=soft or _TEMPO_WEIGHT)
    if meaning.minor is not None:
        yield KeyCondition(label=label, negated=negated, minor=meaning.minor, tonic=meaning.tonic, weight=_KEY_WEIGHT)
    if meaning.years is not None:
        first, last = meaning.years
        yield YearCondition(label=label, negated=negated, required=True, first=first, last=last)
    if meaning.languages:
        yield LanguageCondition(label=label, negated=negated, required=True, languages=meaning.languages)
    if meaning.artist and (negated or not meaning.similar):
        yield ArtistCondition(label=label, negated=negated, required=True, artist=meaning.artist)
    if meaning.duration_s is not None:
        shortest, longest = meaning.duration_s
        yield DurationCondition(label=label, negated=negated, required=True, shortest_s=shortest, longest_s=longest)
    if part.kind is PartKind.HISTORY:
        yield from _history_conditions(part, label, history, now)


def _history_conditions(
    part: RequestPart, label: str, history: ListeningHistory, now: datetime
) -> Iterator[TrackCondition]:
    def played_since(age: timedelta) -> frozenset[str]:
        return frozenset(name for name, at in history.last_played.items() if now - at <= age)

    negated, heard = part.negated, frozenset(history.last_played)
    match part.name:
        case "favourites":
            yield TrackSetCondition(label=label, negated=negated, required=True, ids=history.favourites)
        case "unheard":
            yield TrackSetCondition(label=label, negated=not negated, required=True, ids=heard)
        case "recent":
            yield TrackSetCondition(label=label, negated=negated, required=True, ids=played_since(_LATELY))
        case "long-ago":
            yield TrackSetCondition(label=label, negated=not negated, required=True, ids=played_since(_LONG_AGO))
            yield TrackSetCondition(label=label, ids=heard, weight=_HEARD_BEFORE_WEIGHT)


def _tempo_range(part: RequestPart, low: float, high: float) -> tuple[float, float]:
    """The range of a tempo, narrower for "very slow" and "very fast"."""
    shift = _DEGREE_BPM * (part.degree - 1)
    match part.name:
        case "slow":
            return low, high - shift
        case "fast":
            return low + shift, high
        case _:
            return low, high
