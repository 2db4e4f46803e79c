"""What a client may ask for on the live channel besides having its frames read: small text messages, taken strictly."""

from __future__ import annotations

from dataclasses import dataclass

from mien.web.wire import BadRequestError, fields_of, number_of, parse_json

MAX_WISH_CHARS = 1000
"""The longest text message on the live channel."""

_LARGEST_ID = 2**53  # beyond it JavaScript's numbers are not whole


@dataclass(frozen=True, slots=True)
class SelectFace:
    """Make this face "me"; None leaves it to size and place."""

    face: int | None


@dataclass(frozen=True, slots=True)
class SetSteadiness:
    """Let moods follow faces so calmly, 0..1."""

    value: float


@dataclass(frozen=True, slots=True)
class LearnNeutral:
    """Learn my face at rest from the next ten seconds."""


@dataclass(frozen=True, slots=True)
class StopLearning:
    """Learn no further."""


Wish = SelectFace | SetSteadiness | LearnNeutral | StopLearning
"""What a client may ask for on the live channel, in a text message."""


def parse_wish(text: str) -> Wish:
    """A text message of the live channel; raises ``BadRequestError``.

    ``{"type": "select", "face": 3}`` (or null), ``{"type": "steadiness", "value": 0.5}``, ``{"type":
    "learn_neutral"}`` or ``{"type": "stop_learning"}``.
    """
    if len(text) > MAX_WISH_CHARS:
        raise BadRequestError(f"A wish has at most {MAX_WISH_CHARS} characters; pictures are sent as binary messages.")
    value = parse_json(text.encode())
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "select":
        return SelectFace(_face_id(fields_of(value, required={"type", "face"})["face"]))
    if kind == "steadiness":
        fields = fields_of(value, required={"type", "value"})
        return SetSteadiness(number_of(fields["value"], name="value", low=0, high=1))
    if kind == "learn_neutral":
        fields_of(value, required={"type"})
        return LearnNeutral()
    if kind == "stop_learning":
        fields_of(value, required={"type"})
        return StopLearning()
    raise BadRequestError("A wish is an object whose “type” is select, steadiness, learn_neutral or stop_learning.")


def _face_id(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_ID:
        raise BadRequestError("“face” must be the id of a face, or null.")
    return value
