"""What clients send to the HTTP API: typed requests with their limits, and one decoder for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from mien.music.library.play_log import PlayEvent
from mien.music.recommender.feedback import Rating
from mien.music.recommender.goals import Goal
from mien.music.requests.request import MAX_CHARACTERS
from mien.web.decoder import BadRequestError, RequestDecoder

MAX_COUNT = 100
"""The most picks that one station can have."""

MAX_PLAYED = 1000
"""The most track ids that one station can leave out."""

MAX_LIKE = 10
"""The most tracks that one station can be similar to."""

MAX_POSITION_S = 24 * 60 * 60
"""The furthest position in a track that a play can be reported at."""

MAX_SPAN_S = 30
"""The longest part of a track that can be asked about."""

MAX_NAME = 1000
"""The longest name of an artist or a playlist."""

TrackId = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z0-9_-]{1,32}:[A-Za-z0-9._~-]{1,160}\Z",
        description="a track id, such as “starter:maple-leaf-rag”",
    ),
]
PlayedTracks = Annotated[
    tuple[TrackId, ...], Meta(max_length=MAX_PLAYED, description=f"a list of at most {MAX_PLAYED} track ids")
]
LikedTracks = Annotated[
    tuple[TrackId, ...], Meta(max_length=MAX_LIKE, description=f"a list of at most {MAX_LIKE} track ids")
]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME, description=f"a name of at most {MAX_NAME} characters")]
Coordinate = Annotated[float, Meta(ge=-1, le=1)]


class PathRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A path from one track to another."""

    start: TrackId
    end: TrackId


class RadioRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A radio from one of these: a track, an artist by name, or a stored playlist by name."""

    track: TrackId | None = None
    artist: Name | None = None
    playlist: Name | None = None

    def __post_init__(self) -> None:
        if (self.track, self.artist, self.playlist).count(None) != 2:
            raise ValueError("a radio is from a track, an artist or a playlist")


Path = Annotated[PathRequest, Meta(description="an object with the track ids “start” and “end”")]
Radio = Annotated[RadioRequest, Meta(description="an object with one of “track”, “artist” and “playlist”")]


class StationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for music that leads from a mood to a goal.

    Attributes:
        valence: Of the mood, -1..1; paths and radios have their own.
        arousal: Likewise.
        count: How many picks.
        played: Tracks to leave out for a while, oldest first.
        goal: Where the music leads.
        like: Tracks that the music should be similar to.
        words: A request in words, in place of ``like``; empty without one.
        path: A path between two tracks, in place of a mood.
        radio: What to play more or less like, in place of a mood.
    """

    valence: Coordinate
    arousal: Coordinate
    count: Annotated[int, Meta(ge=1, le=MAX_COUNT)] = 10
    played: PlayedTracks = ()
    goal: Goal = Goal.MATCH
    like: LikedTracks = ()
    words: Annotated[str, Meta(max_length=MAX_CHARACTERS)] = ""
    path: Path | None = None
    radio: Radio | None = None


class PlayEventRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Reports that a track started, finished or was skipped, ``position_s`` seconds into it."""

    track: TrackId
    event: PlayEvent
    position_s: Annotated[float, Meta(ge=0, le=MAX_POSITION_S)]


class RatingRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Rates a track; a rating of null removes the earlier one."""

    track: TrackId
    rating: Rating | None


class AudioSpan(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a track, between two positions in seconds; at most ``MAX_SPAN_S`` long."""

    from_s: Annotated[float, Meta(ge=0, le=MAX_POSITION_S)]
    until_s: Annotated[float, Meta(ge=0, le=MAX_POSITION_S)]


STATION_DECODER = RequestDecoder(StationRequest)
PLAY_EVENT_DECODER = RequestDecoder(PlayEventRequest)
RATING_DECODER = RequestDecoder(RatingRequest)


def parse_track_id(text: str) -> str:
    """A track id from an address, such as ``starter:maple-leaf-rag``.

    Raises:
        BadRequestError: It is not a track id.
    """
    try:
        return msgspec.convert(text, TrackId)
    except msgspec.ValidationError as error:
        raise BadRequestError("A track is named by its id, such as “starter:maple-leaf-rag”.") from error


def parse_span(query: Mapping[str, str]) -> AudioSpan:
    """The part of a track from an address such as ``?from_s=20&until_s=26``.

    Raises:
        BadRequestError: It is not a part of a track.
    """
    try:
        span = msgspec.convert(dict(query), AudioSpan, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequestError("A part of a track has from_s and until_s, in seconds.") from error
    if not 0 <= span.until_s - span.from_s <= MAX_SPAN_S:
        raise BadRequestError(f"A part of a track ends after it begins, at most {MAX_SPAN_S} seconds later.")
    return span
