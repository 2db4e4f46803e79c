"""Reads the output file of an earlier ``mien faces`` and validates it."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

from mien.types import Emotion

Face = Mapping[str, Any]
"""``track``, ``box``, ``probabilities``, ``valence`` and ``arousal``, as in the JSON of ``mien faces``."""

PARSE_ERRORS: Final = (ValueError, KeyError, TypeError, OverflowError, RecursionError, csv.Error)
"""What reading raises if the file holds anything else."""

_JSON_OPENING: Final = b'{"path": "'


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture in a file of rows, from the byte offset ``start`` to ``end``."""

    path: str
    time_s: float | None
    faces: tuple[Face, ...]
    start: int
    end: int


def read_json_lines(file: BinaryIO) -> Iterator[StoredPicture]:
    """The pictures in JSON lines; an incomplete last line is skipped. Raises one of ``PARSE_ERRORS``."""
    start = 0
    for line in file:
        if not line.endswith(b"\n"):
            _check_opening(line, of=_JSON_OPENING)
            return
        picture = json.loads(line)
        time_s = None if picture["time_s"] is None else _number(picture["time_s"])
        faces = tuple(map(_face, picture["faces"]))
        yield StoredPicture(_path(picture["path"]), time_s, faces, start, start + len(line))
        start += len(line)


def read_csv(file: BinaryIO, header: Sequence[str]) -> Iterator[StoredPicture]:
    """The pictures in CSV; an incomplete last row is skipped. Raises one of ``PARSE_ERRORS``."""
    held: StoredPicture | None = None
    for row in _rows(file, header):
        if held is not None and (held.path, held.time_s) == (row.path, row.time_s):
            held = replace(held, faces=held.faces + row.faces, end=row.end)
            continue
        if held is not None:
            yield held
        held = row
    if held is not None:
        yield held


def _rows(file: BinaryIO, header: Sequence[str]) -> Iterator[StoredPicture]:
    """One picture per row, with at most one face; a picture with several faces comes in several."""
    end = 0

    def lines() -> Iterator[str]:
        nonlocal end
        for line in file:
            if not line.endswith(b"\n"):
                if end == 0:
                    _check_opening(line, of=",".join(header).encode())
                return
            end += len(line)
            yield line.decode("utf-8", "surrogateescape")

    start = 0
    try:
        for index, values in enumerate(csv.reader(lines(), strict=True)):
            if index == 0 and values != list(header):
                raise ValueError("a different header")
            if index > 0:
                row = dict(zip(header, values, strict=True))
                time_s = _number(float(row["time_s"])) if row["time_s"] else None
                yield StoredPicture(_path(row["path"]), time_s, _faces_of(row), start, end)
            start = end
    except csv.Error:
        if file.read(1) or start == 0:
            raise
        # The last row was cut off within a quoted line break.


def _check_opening(line: bytes, *, of: bytes) -> None:
    """Raise ``ValueError`` unless an incomplete line may be the beginning of one of ours."""
    if line[: len(of)] != of[: len(line)]:
        raise ValueError("not a line of this command")


def _faces_of(row: Mapping[str, str]) -> tuple[Face, ...]:
    """The face in a row of CSV, or none."""
    if not row["expression"]:
        return ()
    face = {
        "track": int(row["track"]) if row["track"] else None,
        "box": [float(row[side]) for side in ("x", "y", "width", "height")],
        "probabilities": {str(emotion): float(row[emotion]) for emotion in Emotion},
        "valence": float(row["valence"]),
        "arousal": float(row["arousal"]),
    }
    return (_face(face),)


def _face(found: Mapping[str, Any]) -> Face:
    """The needed values of a face, each checked for its type."""
    track = found["track"]
    if track is not None and (type(track) is not int or track < 1):
        raise ValueError("not a track id")
    x, y, width, height = map(_number, found["box"])
    return {
        "track": track,
        "box": [x, y, width, height],
        "probabilities": {str(emotion): _number(found["probabilities"][emotion]) for emotion in Emotion},
        "valence": _number(found["valence"]),
        "arousal": _number(found["arousal"]),
    }


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _path(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise TypeError("not a path")
    os.fsencode(value)  # raises ValueError if no file can have this name
    return value
