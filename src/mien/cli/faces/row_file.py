"""The output file of ``mien faces``, CSV or JSON lines, which can be resumed wherever it was cut off."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from mien.cli.faces.pictures import Picture
from mien.cli.faces.row_reader import PARSE_ERRORS, Face, StoredPicture, read_csv, read_json_lines
from mien.cli.faces.video import ResumePoint
from mien.cli.terminal.rows import RowFormat
from mien.errors import MienError
from mien.types import Box


class RowFile:
    """An unbuffered file of rows; a context manager that opens it for writing.

    Rows that the file holds already are kept, and no picture is written twice; only the last picture is replaced when
    it is written again, because it may lack a face. Paths are resolved before they are compared: ``a.mp4`` may be
    ``/films/a.mp4``. Entering raises ``MienError`` if the file cannot be written or holds anything else than rows of
    this command; it is then not changed.
    """

    def __init__(self, path: Path, layout: RowFormat[Picture]) -> None:
        self.path = path
        self._layout = layout
        self._as_csv = path.suffix.lower() == ".csv"
        self._file: BinaryIO | None = None
        self._resolved: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._resume_points: dict[str, ResumePoint] = {}
        self._photos: set[str] = set()
        self._last: StoredPicture | None = None
        """The last picture in the file; None once something was written after it."""
        self._end: int | None = 0
        """The offset at which complete rows end; None once the rest has been truncated."""

    def __enter__(self) -> Self:
        for stored in self._read():
            self._note(stored.path, stored.time_s, stored.faces)
            self._last, self._end = stored, stored.end
        try:
            self._file = self._open()
        except OSError as error:
            raise _unwritable(self.path, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def holds_photo(self, path: Path) -> bool:
        """Whether a photo is in the file with all its faces."""
        resolved = self._resolve(str(path))
        return resolved in self._photos and not self._ends_with(resolved)

    def resume_point(self, path: Path) -> ResumePoint | None:
        """Where to resume a video; None if the file has no row of it."""
        return self._resume_points.get(self._resolve(str(path)))

    def readings(self, path: Path) -> Iterator[tuple[float, tuple[Face, ...]]]:
        """Time and faces of each picture of a video before its resume point, which will be read again."""
        resolved, held = self._resolve(str(path)), None
        for stored in self._read():
            if stored.time_s is not None and self._resolve(stored.path) == resolved:
                if held is not None:
                    yield held
                held = stored.time_s, tuple(face for face in stored.faces if face["track"] is not None)

    def write(self, picture: Picture) -> None:
        """Add a picture, unless the file holds it already."""
        if self._file is None:
            raise ValueError("enter the file before writing to it")
        resolved = self._resolve(str(picture.path))
        picture = replace(picture, path=Path(self._names.get(resolved, picture.path)))
        found = self._layout.as_json(picture)
        if self._is_stored(resolved, found["time_s"]):
            if not self._ends_with(resolved) or self._last is None:
                return
            self._end = self._last.start
        rows = self._bytes(picture)
        if self._end is not None:
            self._file.seek(self._end)
            self._file.truncate()
            if self._as_csv and self._end == 0:
                rows = _csv_line(self._layout.header) + rows
        self._last = self._end = None
        left = memoryview(rows)
        while left:
            left = left[self._file.write(left) :]
        self._note(found["path"], found["time_s"], found["faces"])

    def _is_stored(self, resolved: str, time_s: float | None) -> bool:
        if time_s is None:
            return resolved in self._photos
        point = self._resume_points.get(resolved)
        return point is not None and time_s <= point.time_s

    def _ends_with(self, resolved: str) -> bool:
        return self._last is not None and self._resolve(self._last.path) == resolved

    def _note(self, name: str, time_s: float | None, faces: Sequence[Face]) -> None:
        """Record that a picture is in the file."""
        resolved = self._resolve(name)
        self._names.setdefault(resolved, name)
        if time_s is None:
            self._photos.add(resolved)
            return
        before = self._resume_points.get(resolved)
        boxes = {face["track"]: Box(*face["box"]) for face in faces if face["track"] is not None}
        self._resume_points[resolved] = ResumePoint(
            time_s,
            boxes,
            tracks=max([before.tracks if before else 0, *boxes]),
            first_s=(*before.first_s, time_s)[:3] if before else (time_s,),
        )

    def _resolve(self, name: str) -> str:
        if name not in self._resolved:
            self._resolved[name] = os.path.realpath(name)
        return self._resolved[name]

    def _bytes(self, picture: Picture) -> bytes:
        if self._as_csv:
            return b"".join(map(_csv_line, self._layout.as_values(picture)))
        # File names that are not valid UTF-8 are escaped.
        line = json.dumps(self._layout.as_json(picture), ensure_ascii=False, allow_nan=False)
        return f"{line}\n".encode("utf-8", "backslashreplace")

    def _open(self) -> BinaryIO:
        try:
            return self.path.open("r+b", buffering=0)
        except FileNotFoundError:
            return self.path.open("w+b", buffering=0)

    def _read(self) -> Iterator[StoredPicture]:
        header = [str(name) for name in self._layout.header]
        try:
            with self.path.open("rb") as file:
                yield from read_csv(file, header) if self._as_csv else read_json_lines(file)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unwritable(self.path, error) from error
        except PARSE_ERRORS as error:
            raise MienError(
                "holds something else than rows of this command", "name another file", subject=self.path
            ) from error


def _csv_line(values: Any) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue().encode("utf-8", "surrogateescape")


def _unwritable(path: Path, error: OSError) -> MienError:
    reason = error.strerror or type(error).__name__
    return MienError(f"cannot be written ({reason})", "name a file in a folder of yours", subject=path)
