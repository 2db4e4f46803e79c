"""A file of rows, CSV or JSON lines, that can be stopped at any byte and gone on with."""

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
from mien.cli.faces.row_reader import BROKEN, Face, StoredPicture, kept_in_csv, kept_in_json
from mien.cli.faces.video import ResumePoint
from mien.cli.terminal.rows import RowFormat
from mien.errors import MienError
from mien.types import Box


class RowFile:
    """Rows that are in the file as soon as they are written; enter it to write.

    What stands in the file already is kept, and nothing is written twice; only the picture that the file ends with is
    replaced when it is written again, because it may lack a face. Files are told by their place: a row for ``a.mp4``
    is one for ``/films/a.mp4`` too. Entering raises ``MienError`` where the file cannot be written, or holds something
    else than rows of this command; it is then as it was.
    """

    def __init__(self, path: Path, layout: RowFormat[Picture]) -> None:
        self.path = path
        self._layout = layout
        self._as_csv = path.suffix.lower() == ".csv"
        self._file: BinaryIO | None = None
        self._places: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._stops: dict[str, ResumePoint] = {}
        self._photos: set[str] = set()
        self._last: StoredPicture | None = None
        """The picture that the file ends with; None once something was written behind it."""
        self._end: int | None = 0
        """Where whole rows end, None once everything behind was cut off."""

    def __enter__(self) -> Self:
        for kept in self._kept():
            self._note(kept.path, kept.time_s, kept.faces)
            self._last, self._end = kept, kept.end
        try:
            self._file = self._opened()
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
        """Whether a photo is in the file, surely with all its faces."""
        place = self._place(str(path))
        return place in self._photos and not self._ends_with(place)

    def stop_in(self, path: Path) -> ResumePoint | None:
        """Where to go on in a video; None where there is nothing of it."""
        return self._stops.get(self._place(str(path)))

    def looks(self, path: Path) -> Iterator[tuple[float, tuple[Face, ...]]]:
        """Time and faces of each picture of a video up to its stop, which is to be looked at again."""
        place, held = self._place(str(path)), None
        for kept in self._kept():
            if kept.time_s is not None and self._place(kept.path) == place:
                if held is not None:
                    yield held
                held = kept.time_s, tuple(face for face in kept.faces if face["track"] is not None)

    def write(self, picture: Picture) -> None:
        """Add a picture, unless it is there already."""
        if self._file is None:
            raise ValueError("enter the file before writing to it")
        place = self._place(str(picture.path))
        picture = replace(picture, path=Path(self._names.get(place, picture.path)))
        found = self._layout.as_json(picture)
        if self._is_there(place, found["time_s"]):
            if not self._ends_with(place) or self._last is None:
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

    def _is_there(self, place: str, time_s: float | None) -> bool:
        if time_s is None:
            return place in self._photos
        stop = self._stops.get(place)
        return stop is not None and time_s <= stop.time_s

    def _ends_with(self, place: str) -> bool:
        return self._last is not None and self._place(self._last.path) == place

    def _note(self, name: str, time_s: float | None, faces: Sequence[Face]) -> None:
        """Remember that a picture is in the file."""
        place = self._place(name)
        self._names.setdefault(place, name)
        if time_s is None:
            self._photos.add(place)
            return
        before = self._stops.get(place)
        boxes = {face["track"]: Box(*face["box"]) for face in faces if face["track"] is not None}
        self._stops[place] = ResumePoint(
            time_s,
            boxes,
            tracks=max([before.tracks if before else 0, *boxes]),
            first_s=(*before.first_s, time_s)[:3] if before else (time_s,),
        )

    def _place(self, name: str) -> str:
        if name not in self._places:
            self._places[name] = os.path.realpath(name)
        return self._places[name]

    def _bytes(self, picture: Picture) -> bytes:
        if self._as_csv:
            return b"".join(map(_csv_line, self._layout.as_values(picture)))
        # A file name that is no text stays valid JSON.
        line = json.dumps(self._layout.as_json(picture), ensure_ascii=False, allow_nan=False)
        return f"{line}\n".encode("utf-8", "backslashreplace")

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("r+b", buffering=0)
        except FileNotFoundError:
            return self.path.open("w+b", buffering=0)

    def _kept(self) -> Iterator[StoredPicture]:
        header = [str(name) for name in self._layout.header]
        try:
            with self.path.open("rb") as file:
                yield from kept_in_csv(file, header) if self._as_csv else kept_in_json(file)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _unwritable(self.path, error) from error
        except BROKEN as error:
            raise MienError(f"{self.path} holds something else than rows of this command; name another file") from error


def _csv_line(values: Any) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue().encode("utf-8", "surrogateescape")


def _unwritable(path: Path, error: OSError) -> MienError:
    reason = (error.strerror or str(error)).lower()
    return MienError(f"{path} cannot be written ({reason}); name a file in a folder of yours")
