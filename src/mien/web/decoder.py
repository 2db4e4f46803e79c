"""Decodes a client's JSON into typed values; whatever does not fit is refused in one sentence for its author."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar, get_args

import msgspec
from msgspec import inspect

MAX_NAME_CHARS = 40
"""How much of an unknown field's name an error message repeats."""

_Value = TypeVar("_Value")


class BadRequestError(ValueError):
    """A client's JSON is malformed or does not fit; the message is one sentence for its author."""


class RequestDecoder(Generic[_Value]):
    """Decodes one kind of JSON object.

    msgspec decodes and validates in one pass. Its own messages are written for programmers, so an object that it
    refuses is decoded once more, field by field, to find the field and describe what it should be. If a field
    is given twice, its last value counts.

    Args:
        kind: A ``msgspec.Struct`` with ``forbid_unknown_fields``, or a union of tagged ones.
        noun: What the object is called in messages, with its article capitalised, such as "The request".
    """

    def __init__(self, kind: type[_Value], *, noun: str = "The request") -> None:
        self._decoder: msgspec.json.Decoder[_Value] = msgspec.json.Decoder(kind)
        self._structs: tuple[type[msgspec.Struct], ...] = get_args(kind) or (kind,)
        self._noun = noun

    def decode(self, data: bytes | str) -> _Value:
        """The value of a JSON object.

        Args:
            data: JSON in UTF-8.

        Raises:
            BadRequestError: It is not valid JSON, has a missing or an unknown field, or a field's value does not fit.
        """
        try:
            return self._decoder.decode(data)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise BadRequestError(self._explain(data, error)) from error

    def _explain(self, data: bytes | str, error: Exception) -> str:
        try:
            fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        except msgspec.ValidationError:
            return f"{self._noun} must be a JSON object."
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return f"{self._noun} is not valid JSON."
        struct, known = self._struct_of(fields)
        if struct is None:
            return f"“{known}” must be one of {_listed(self._tags())}."
        described = {field.encode_name: field for field in msgspec.structs.fields(struct)}
        missing = [name for name, field in described.items() if field.required and name not in fields]
        if missing:
            return f"{self._noun} lacks the field “{missing[0]}”."
        unknown = sorted(fields.keys() - described.keys() - ({known} if known else set()))
        if unknown:
            return f"{self._noun} has an unknown field, “{unknown[0][:MAX_NAME_CHARS]}”."
        for name, field in described.items():
            if name in fields and not _fits(fields[name], field.type):
                return f"“{name}” must be {_expected(inspect.type_info(field.type))}."
        return f"{self._noun} is not valid JSON." if isinstance(error, UnicodeError) else f"{self._noun} does not fit."

    def _struct_of(self, fields: dict[str, msgspec.Raw]) -> tuple[type[msgspec.Struct] | None, str]:
        """The struct that an object stands for, None if its tag is unknown; and the name of the tag field."""
        if len(self._structs) == 1:
            return self._structs[0], self._structs[0].__struct_config__.tag_field or ""
        tag_field = self._structs[0].__struct_config__.tag_field or ""
        raw = fields.get(tag_field)
        try:
            tag = None if raw is None else msgspec.json.decode(raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            tag = None
        return next((one for one in self._structs if one.__struct_config__.tag == tag), None), tag_field

    def _tags(self) -> list[str]:
        return [str(struct.__struct_config__.tag) for struct in self._structs]


def _fits(raw: msgspec.Raw, kind: object) -> bool:
    try:
        msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return True


def _expected(info: inspect.Type) -> str:
    """What a value should be, in words, from the type and its constraints."""
    match info:
        case inspect.Metadata(type=inner, extra_json_schema=schema):
            return str((schema or {}).get("description") or _expected(inner))
        case inspect.FloatType(ge=low, le=high) if low is not None and high is not None:
            return f"a number from {low:g} to {high:g}"
        case inspect.IntType(ge=low, le=high) if low is not None and high is not None:
            return f"a whole number from {low} to {high}"
        case inspect.EnumType(cls=kind):
            return f"one of {', '.join(str(member.value) for member in kind)}"
        case inspect.UnionType(types=types):
            return " or ".join(_expected(one) for one in types)
        case inspect.NoneType():
            return "null"
    return "of another type"


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}"
