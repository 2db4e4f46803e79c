"""Labelled pictures, and the groups that they belong to."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mien.cli.terminal.files import PHOTO_SUFFIXES, Failures, expand, is_folder
from mien.errors import ImageError, MienError, file_remedy

if TYPE_CHECKING:
    from mien.types import Emotion

_PATH_COLUMN = "path"

VOTERS = 10
"""How many people voted on each picture, as in FER+."""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A picture and the expression of its face."""

    path: Path
    emotion: Emotion


def labelled_pictures(folder: Path, failures: Failures) -> list[LabelledImage]:
    """The pictures in the folders of ``folder`` that are named after expressions; ``ImageError`` if there are none."""
    from mien.types import Emotion

    remedy = f"name its folders {', '.join(Emotion)}"
    pictures: list[LabelledImage] = []
    for inner in sorted(path for path in folder.iterdir() if is_folder(path) and not path.name.startswith(".")):
        try:
            emotion = Emotion(inner.name.lower())
        except ValueError as error:
            raise ImageError(
                f"has a folder “{inner.name}”, which is not an expression", remedy, subject=folder
            ) from error
        pictures += [LabelledImage(path, emotion) for path in expand([inner], PHOTO_SUFFIXES, failures, noun="picture")]
    if not pictures:
        raise ImageError("holds no labelled pictures", remedy, subject=folder)
    return pictures


def read_groups(path: Path, folder: Path, pictures: Sequence[LabelledImage]) -> dict[str, dict[Path, str]]:
    """Read the groups that pictures belong to from a table of comma-separated values in UTF-8.

    Its header is ``path`` and one or more columns of groups (``age``, ``skin``). In an empty cell the group is unknown.

    Args:
        path: The table.
        folder: The folder that the paths in the table are relative to.
        pictures: The labelled pictures in the folder.

    Returns:
        By column, the group of each picture whose group is known.

    Raises:
        MienError: If the table is malformed, or names a picture twice or one that is not in the folder.
    """
    known = {os.path.abspath(picture.path): picture.path for picture in pictures}  # noqa: PTH100 - keeps symlinks
    rows = _rows(path)
    _, header = next(rows, (0, [""]))
    columns = [name.strip() for name in header]
    if _PATH_COLUMN not in columns or len(columns) < 2 or len(set(columns)) < len(columns) or "" in columns:
        raise MienError(
            "has no header", "begin it with path and one or more columns, separated by commas", subject=path
        )
    groups: dict[str, dict[Path, str]] = {name: {} for name in columns if name != _PATH_COLUMN}
    seen: set[Path] = set()
    for line, cells in rows:
        if len(cells) != len(columns):
            raise MienError(
                f"has {len(cells)} cells in line {line}", f"give it {len(columns)}, as the header", subject=path
            )
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
        picture = known.get(os.path.abspath(folder / row[_PATH_COLUMN]))  # noqa: PTH100
        if picture is None:
            problem = f"names “{row[_PATH_COLUMN]}” in line {line}, which is not a labelled picture"
            raise MienError(problem, f"give its path relative to {folder}", subject=path)
        if picture in seen:
            problem = f"names “{row[_PATH_COLUMN]}” in line {line} for the second time"
            raise MienError(problem, "remove one of the lines", subject=path)
        seen.add(picture)
        for name, of_picture in groups.items():
            if row[name]:
                of_picture[picture] = row[name]
    return groups


def read_votes(path: Path, folder: Path, pictures: Sequence[LabelledImage]) -> dict[Path, tuple[int, ...]]:
    """Read how many of ten people chose each expression for each picture.

    The table is like that of ``read_groups``, with a column for each of the seven expressions; others are ignored.

    Args:
        path: The table.
        folder: The folder that the paths in the table are relative to.
        pictures: The labelled pictures in the folder.

    Returns:
        For each picture in the table its votes in the order of ``Emotion``, each 0..10.

    Raises:
        MienError: If the table is malformed, lacks a column, or has a cell that is not a whole number of votes.
    """
    from mien.types import Emotion

    columns = read_groups(path, folder, pictures)
    missing = [emotion for emotion in Emotion if emotion not in columns]
    if missing:
        raise MienError(f"has no column {', '.join(missing)}", "add one for each expression", subject=path)
    votes: dict[Path, tuple[int, ...]] = {}
    for picture in columns[Emotion.NEUTRAL]:
        cells = [columns[emotion].get(picture, "") for emotion in Emotion]
        if not all(cell.isdecimal() and int(cell) <= VOTERS for cell in cells) or sum(map(int, cells)) > VOTERS:
            problem = f"has votes for {picture.name} that are not {VOTERS} or fewer in whole numbers"
            raise MienError(problem, "correct its row", subject=path)
        votes[picture] = tuple(map(int, cells))
    return votes


def in_order(of_picture: Mapping[Path, str]) -> list[str]:
    """The names of the groups: numbers by value, then words alphabetically."""

    def key(name: str) -> tuple[int, float, str]:
        try:
            return (0, float(name), name)
        except ValueError:
            return (1, 0.0, name)

    return sorted(set(of_picture.values()), key=key)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, with their numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            yield from ((lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells))
    except (csv.Error, UnicodeDecodeError) as error:
        raise MienError("is not a table of comma-separated values in UTF-8", "save it as one", subject=path) from error
    except OSError as error:
        problem = f"cannot be opened ({error.strerror or type(error).__name__})"
        raise MienError(problem, file_remedy(error), subject=path) from error
