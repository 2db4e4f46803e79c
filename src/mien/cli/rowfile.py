"""A file of rows, CSV or JSON lines, that can be stopped at any byte and gone on with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from mien.cli.pictures import Picture
from mien.cli.rows import Layout
from mien.cli.video import Stop
from mien.errors import MienError
from mien.types import Box, Emotion

SUFFIXES = (".csv", ".jsonl")

Face = Mapping[str, Any]


@dataclass(slots=True)
class Reached:
    """How far a file of rows has come.

    ``finished`` are the paths with another one after them; ``path`` is the last, with its last picture at ``time_s``,
    which begins at the byte ``start``, because it may lack a face; ``faces`` in it by track, ``tracks`` the highest
    number of that path.
    """

    finished: set[str] = field(default_factory=set)
    path: str | None = None
    time_s: float | None = None
    start: int = 0
    faces: dict[int, Box] = field(default_factory=dict)
    tracks: int = 0

    def stop_in(self, path: Path) -> Stop | None:
        """Where to go on in a video; None where there is nothing of it."""
        if str(path) != self.path or self.time_s is None:
            return None
        return Stop(self.time_s, self.faces, self.tracks)


class RowFile:
    """Rows that are in the file as soon as they are written; enter it to write.

    What stands in the file already is kept; the picture that it stops with is replaced by the first that is written.
    Raises ``MienError`` where the file cannot be written or was not made by this command.
    """

    def __init__(self, path: Path, layout: Layout[Picture]) -> None:
        self.path = path
        self._layout = layout
        self._as_csv = path.suffix.lower() == ".csv"
        self._file: BinaryIO | None = None
        self._start = 0

    def reached(self, *, seen: Callable[[float, Sequence[Face]], None] | None = None) -> Reached:
        """How far the file has come; ``seen`` gets the time and faces of every picture of a video that stays in it."""
        found = Reached()
        if not self.path.exists():
            return found
        held: list[Face] = []
        for start, path, time_s, faces in self._pictures():
            if (path, time_s) != (found.path, found.time_s):
                if seen is not None and found.time_s is not None:
                    seen(found.time_s, held)
                held = []
                found.start, found.time_s, found.faces = start, time_s, {}
                if path != found.path:
                    found.tracks = 0
                    if found.path is not None:
                        found.finished.add(found.path)
                found.path = path
            for face in faces:
                if face["track"] is not None:
                    held.append(face)
                    found.faces[face["track"]] = Box(*face["box"])
                    found.tracks = max(found.tracks, face["track"])
        self._start = found.start
        return found

    def __enter__(self) -> Self:
        try:
            self._file = self.path.open("r+b" if self.path.exists() else "w+b", buffering=0)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, picture: Picture) -> None:
        """Add a picture."""
        if self._file is None:
            raise ValueError("enter the file before writing to it")
        rows = self._bytes(picture)
        if self._start >= 0:  # the first one
            self._file.seek(self._start)
            self._file.truncate()
            if self._as_csv and self._start == 0:
                rows = _csv_line(self._layout.header) + rows
            self._start = -1
        left = memoryview(rows)
        while left:
            left = left[self._file.write(left) :]

    def _bytes(self, picture: Picture) -> bytes:
        if self._as_csv:
            return b"".join(map(_csv_line, self._layout.as_values(picture)))
        # A file name that is no text stays valid JSON.
        line = json.dumps(self._layout.as_json(picture), ensure_ascii=False, allow_nan=False)
        return f"{line}\n".encode("utf-8", "backslashreplace")

    def _pictures(self) -> Iterator[tuple[int, str, float | None, list[Face]]]:
        """The byte where each begins, its path, time and faces; a picture in CSV comes in parts of one face."""
        try:
            with self.path.open("rb") as file:
                yield from (self._from_csv if self._as_csv else self._from_json)(file)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            raise self._foreign() from error

    def _from_json(self, file: BinaryIO) -> Iterator[tuple[int, str, float | None, list[Face]]]:
        start = 0
        for line in file:
            if not line.endswith(b"\n"):
                return
            picture = json.loads(line)
            yield start, picture["path"], picture["time_s"], picture["faces"]
            start += len(line)

    def _from_csv(self, file: BinaryIO) -> Iterator[tuple[int, str, float | None, list[Face]]]:
        end = 0

        def lines() -> Iterator[str]:
            nonlocal end
            for line in file:
                if not line.endswith(b"\n"):
                    return
                end += len(line)
                yield line.decode("utf-8", "surrogateescape")

        start = 0
        for index, values in enumerate(csv.reader(lines())):
            if index == 0:
                if values != [str(name) for name in self._layout.header]:
                    raise ValueError("another header")
            elif len(values) == len(self._layout.header):
                row = dict(zip(self._layout.header, values, strict=True))
                yield start, row["path"], float(row["time_s"]) if row["time_s"] else None, _faces_of(row)
            elif next(file, None) is not None:  # not merely cut off in a name of two lines
                raise ValueError("a row of another length")
            start = end

    def _foreign(self) -> MienError:
        return MienError(f"{self.path} holds something else than rows of this command; name another file")


def _faces_of(row: Mapping[str, str]) -> list[Face]:
    """The face in a row of CSV, as JSON would have it, as far as it is needed."""
    if not row["expression"]:
        return []
    return [
        {
            "track": int(row["track"]) if row["track"] else None,
            "box": [float(row[side]) for side in ("x", "y", "width", "height")],
            "probabilities": {str(emotion): float(row[emotion]) for emotion in Emotion},
            "valence": float(row["valence"]),
            "arousal": float(row["arousal"]),
        }
    ]


def _csv_line(values: Any) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue().encode("utf-8", "surrogateescape")


def _unwritable(path: Path, error: OSError) -> MienError:
    reason = (error.strerror or str(error)).lower()
    return MienError(f"{path} cannot be written ({reason}); name a file in a folder of yours")
