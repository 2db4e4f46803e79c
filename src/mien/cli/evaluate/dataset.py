"""The pictures that people have labelled, and the groups that somebody has sorted them into."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.terminal.files import PHOTO_SUFFIXES, Failures, expand, is_folder
from mien.errors import ImageError, MienError

if TYPE_CHECKING:
    from mien.types import Emotion

_PATH_COLUMN = "path"


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A picture, and what its face shows."""

    path: Path
    emotion: Emotion


def labelled_pictures(folder: Path, failures: Failures) -> list[LabelledImage]:
    """The pictures in the folders of ``folder`` that are named for an expression; ``ImageError`` if there are none."""
    from mien.types import Emotion

    names = f"name its folders {', '.join(Emotion)}"
    pictures: list[LabelledImage] = []
    for inner in sorted(path for path in folder.iterdir() if is_folder(path) and not path.name.startswith(".")):
        try:
            emotion = Emotion(inner.name.lower())
        except ValueError as error:
            raise ImageError(f"“{inner.name}” in {folder} is no expression; {names}.") from error
        pictures += [LabelledImage(path, emotion) for path in expand([inner], PHOTO_SUFFIXES, failures)]
    if not pictures:
        raise ImageError(f"{folder} holds no labelled pictures; {names}.")
    return pictures


def read_groups(path: Path, folder: Path, pictures: Sequence[LabelledImage]) -> dict[str, dict[Path, str]]:
    """Which group each picture belongs to, by column of the table in ``path``: comma-separated values in UTF-8.

    Its header names ``path``, from ``folder``, and one column or more of groups (``age``, ``skin``); an empty cell
    says that the group is not known. ``MienError`` for anything else, and for a picture that ``folder`` does not hold
    or that is named twice.
    """
    known = {os.path.abspath(picture.path): picture.path for picture in pictures}  # noqa: PTH100 - keeps symlinks
    rows = _rows(path)
    _, header = next(rows, (0, [""]))
    columns = [name.strip() for name in header]
    if _PATH_COLUMN not in columns or len(columns) < 2 or len(set(columns)) < len(columns) or "" in columns:
        raise MienError(f"{path} must begin with a line of names: path, and one or more for groups, parted by commas.")
    groups: dict[str, dict[Path, str]] = {name: {} for name in columns if name != _PATH_COLUMN}
    seen: set[Path] = set()
    for line, cells in rows:
        if len(cells) != len(columns):
            raise MienError(f"{path}, line {line}, has {len(cells)} cells; give it {len(columns)}, as the first line.")
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
        picture = known.get(os.path.abspath(folder / row[_PATH_COLUMN]))  # noqa: PTH100
        if picture is None:
            wrong = row[_PATH_COLUMN]
            raise MienError(f"{path}, line {line}: “{wrong}” is no labelled picture; name it from {folder} on.")
        if picture in seen:
            raise MienError(f"{path}, line {line}: “{row[_PATH_COLUMN]}” stands there twice; leave one of them out.")
        seen.add(picture)
        for name, of_picture in groups.items():
            if row[name]:
                of_picture[picture] = row[name]
    return groups


def in_order(of_picture: Mapping[Path, str]) -> list[str]:
    """The names of the groups: numbers by value, before words by the alphabet."""

    def key(name: str) -> tuple[int, float, str]:
        try:
            return (0, float(name), name)
        except ValueError:
            return (1, 0.0, name)

    return sorted(set(of_picture.values()), key=key)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold anything, with their numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            yield from ((lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells))
    except (csv.Error, UnicodeDecodeError) as error:
        raise MienError(f"{path} is not a table of comma-separated values in UTF-8; save it as one.") from error
    except OSError as error:
        raise MienError(f"{path} cannot be opened: {(error.strerror or str(error)).lower()}.") from error
