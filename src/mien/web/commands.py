"""Commands of the live channel: small JSON messages that change how a client's frames are read."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from mien.mood.smooth import Steadiness
from mien.session.live_feed import MAX_CORRECTION_AGO_S, LiveFeed
from mien.web.decoder import BadRequestError, RequestDecoder

MAX_COMMAND_CHARS = 1000
"""The longest text message on the live channel."""

_MAX_SAFE_INTEGER = 2**53  # JavaScript's numbers are exact up to here

FaceId = Annotated[int, Meta(ge=-_MAX_SAFE_INTEGER, le=_MAX_SAFE_INTEGER, description="a face id")]


class SelectFace(Struct, frozen=True, forbid_unknown_fields=True, tag="select"):
    """Reads the user's mood from this face; None selects the primary face automatically."""

    face: FaceId | None


class SetSteadiness(Struct, frozen=True, forbid_unknown_fields=True, tag="steadiness"):
    """Sets how steadily the mood follows the face: 0 at once, 1 very slowly."""

    value: Annotated[float, Meta(ge=0, le=1)]


class LearnNeutral(Struct, frozen=True, forbid_unknown_fields=True, tag="learn_neutral"):
    """Starts learning the user's neutral face, from the next ten seconds of frames."""


class StopLearning(Struct, frozen=True, forbid_unknown_fields=True, tag="stop_learning"):
    """Stops learning the neutral face; an earlier one is kept."""


class CorrectMood(Struct, frozen=True, forbid_unknown_fields=True, tag="correct"):
    """Says what mood the face meant that was shown ``ago_s`` seconds ago."""

    valence: Annotated[float, Meta(ge=-1, le=1)]
    arousal: Annotated[float, Meta(ge=-1, le=1)]
    ago_s: Annotated[float, Meta(ge=0, le=MAX_CORRECTION_AGO_S)] = 0.0


LiveCommand: TypeAlias = SelectFace | SetSteadiness | LearnNeutral | StopLearning | CorrectMood
"""A text message that a client sends on the live channel."""

_DECODER: RequestDecoder[LiveCommand] = RequestDecoder(LiveCommand, noun="The command")  # type: ignore[arg-type]  # to mypy a union is not a type[...]


def parse_command(text: str) -> LiveCommand:
    """A command from a text message.

    One of ``{"type": "select", "face": 3}`` (or null), ``{"type": "steadiness", "value": 0.5}``, ``{"type":
    "learn_neutral"}``, ``{"type": "stop_learning"}`` and ``{"type": "correct", "valence": 0.2, "arousal": -0.4,
    "ago_s": 1.5}``.

    Raises:
        BadRequestError: The message is too long, or not a command.
    """
    if len(text) > MAX_COMMAND_CHARS:
        raise BadRequestError(
            f"A command has at most {MAX_COMMAND_CHARS} characters; send frames as binary messages instead."
        )
    return _DECODER.decode(text)


def apply(command: LiveCommand, feed: LiveFeed) -> None:
    """Apply a command to a client's feed, from its next frame on."""
    match command:
        case SelectFace(face):
            feed.select(face)
        case SetSteadiness(value):
            feed.steadiness = Steadiness(value)
        case LearnNeutral():
            feed.learn_neutral()
        case StopLearning():
            feed.stop_learning()
        case CorrectMood(valence, arousal, ago_s):
            feed.correct((valence, arousal), ago_s=ago_s)
