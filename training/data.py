"""FER2013, read from the packed sheets or from the public ``fer2013.csv``, cleaned."""

from __future__ import annotations

import csv
import hashlib
import io
import lzma
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.left_out import LEFT_OUT, SPLIT_SIZES

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SPLITS = ("Training", "PublicTest", "PrivateTest")

#: What the voters of FER+ could say (Barsoum et al. 2016, arXiv:1608.01041), in the order of its columns; the first
#: eight are expressions.
VOTE_CLASSES = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "not a face",
)  # fmt: skip
EXPRESSION_VOTES = 8

#: FER+'s own file, read when it lies beside ``fer2013.csv``: the same rows in the same order.
FERPLUS_CSV = "fer2013new.csv"
FERPLUS_SOURCE = "https://github.com/microsoft/FERPlus"

DATA_HELP = f"fer2013.csv, with FER+'s {FERPLUS_CSV} beside it ({FERPLUS_SOURCE}), or the packed fer2013.zip"

_SIDE_PX = 48
_TILES_PER_ROW = 32


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of FER2013.

    ``images`` uint8 [n, 48, 48] gray; ``labels`` int64 [n], an index into ``CLASSES``; ``votes`` uint8 [n, 10], how
    many of FER+'s ten voters said each of ``VOTE_CLASSES`` (all zero where they are not known); ``places`` int64 [n],
    each row's place in the file.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.uint8]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[Any]) -> Rows:
        """The rows at ``index`` (a mask or positions)."""
        return Rows(self.images[index], self.labels[index], self.votes[index], self.places[index])


@dataclass(frozen=True, slots=True)
class Fer2013:
    """All rows in file order, with what is needed to split and to clean them.

    ``split`` int64 [n], an index into ``SPLITS``; ``clean`` bool [n], false for the rows in ``training.left_out``:
    in the packed sheets their pictures are lossy copies, whose votes belong to other pictures.
    """

    rows: Rows
    split: NDArray[np.int64]
    clean: NDArray[np.bool_]

    def part(self, name: str) -> Rows:
        """One official split, every row of it."""
        return self.rows.take(self.split == SPLITS.index(name))

    def training(self) -> Rows:
        """Training rows without lossy copies and without pictures that also stand in a test split.

        About 8 % of the test pictures have a pixel-identical copy in Training; a network that saw them would be
        scored on its memory.
        """
        return self.rows.take((self.split == 0) & self.clean & self._unseen())

    def remarks(self) -> Iterator[str]:
        """What a training with these rows should say beforehand: which are left out, and whether votes are missing."""
        inside = self.split == 0
        lossy, copies = int((inside & ~self.clean).sum()), int((inside & self.clean & ~self._unseen()).sum())
        yield (
            f"{len(self.training())} of {inside.sum()} Training rows: left out are {copies} whose picture also stands "
            f"in a test split, and {lossy} that came through a lossy copy (training/left_out.py)"
        )
        if not self.rows.votes.any():
            yield (
                f"without FER+'s votes, so this trains another network than the model card's: "
                f"put {FERPLUS_CSV} from {FERPLUS_SOURCE} beside fer2013.csv"
            )

    def _unseen(self) -> NDArray[np.bool_]:
        """Whether a row's picture stands in no test split, bool [n]."""
        tests = {picture.tobytes() for picture in self.rows.images[self.split != 0]}
        return np.array([picture.tobytes() not in tests for picture in self.rows.images], dtype=np.bool_)

    def unleaked(self, name: str) -> NDArray[np.bool_]:
        """A mask over ``part(name)``: true where no pixel-identical picture stands in Training."""
        seen = {picture.tobytes() for picture in self.rows.images[self.split == 0]}
        return np.array([picture.tobytes() not in seen for picture in self.part(name).images])


def digest(*parts: NDArray[Any] | bytes) -> str:
    """A short fingerprint of arrays or bytes, to tell whether something was made from the same ones."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).tobytes())
    return whole.hexdigest()[:16]


def read(path: Path) -> Fer2013:
    """FER2013 from ``path``: the packed ``fer2013.zip`` or the public ``fer2013.csv``.

    Raises ``FileNotFoundError`` when it is missing and ``ValueError``, naming the row, when it is neither.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; get FER2013 and say where it lies: make train DATA=fer2013.csv")
    if path.suffix.lower() == ".zip":
        return _read_sheets(path)
    if path.suffix.lower() == ".csv":
        return _read_csv(path)
    raise ValueError(f"{path} is neither a packed .zip nor the public fer2013.csv")


def _read_sheets(path: Path) -> Fer2013:
    try:
        with zipfile.ZipFile(path) as pack:
            meta = np.load(io.BytesIO(lzma.decompress(pack.read("meta.npz.xz"))))
            names = sorted(name for name in pack.namelist() if name.endswith(".webp"))
            distinct = np.concatenate([_tiles(pack.read(name)) for name in names])
            labels = meta["labels"].astype(np.int64)
            rows = Rows(distinct[meta["index"]], labels, meta["ferplus"].astype(np.uint8), np.arange(len(labels)))
            return Fer2013(rows, meta["usage"].astype(np.int64), meta["source"] == 0)
    except (zipfile.BadZipFile, lzma.LZMAError, LookupError, OSError, ValueError) as error:
        raise ValueError(f"{path} is not the packed fer2013.zip ({error}); the public fer2013.csv will do") from error


def _tiles(sheet: bytes) -> NDArray[np.uint8]:
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
    grid = pixels.reshape(-1, _SIDE_PX, _TILES_PER_ROW, _SIDE_PX).swapaxes(1, 2)
    return grid.reshape(-1, _SIDE_PX, _SIDE_PX)


def _read_csv(path: Path) -> Fer2013:
    lines = _table(path)
    if not lines:
        raise ValueError(f"{path} holds no rows; wanted is the public fer2013.csv")
    # Another public edition, icml_face_data.csv, has blanks before its names.
    columns = {name.strip().lower(): place for place, name in enumerate(lines.pop(0))}
    missing = {"emotion", "pixels", "usage"} - columns.keys()
    if missing or not lines:
        lack = f"no column {' and '.join(sorted(missing))}" if missing else "no rows"
        raise ValueError(f"{path} has {lack}; wanted is fer2013.csv with its columns emotion, pixels and Usage")
    images = np.empty((len(lines), _SIDE_PX, _SIDE_PX), dtype=np.uint8)
    labels, split = np.empty(len(lines), dtype=np.int64), np.empty(len(lines), dtype=np.int64)
    for row, line in enumerate(lines):
        try:
            labels[row], images[row], split[row] = _row(line, columns)
        except ValueError as error:
            raise ValueError(f"{path}, row {row + 1} below its header: {error}") from error
    votes = _read_votes(path.with_name(FERPLUS_CSV), len(lines))
    clean = np.ones(len(lines), dtype=np.bool_)
    if tuple(np.bincount(split, minlength=len(SPLITS))) == SPLIT_SIZES and (np.diff(split) >= 0).all():
        clean[list(LEFT_OUT)] = False
    return Fer2013(Rows(images, labels, votes, np.arange(len(lines))), split, clean)


def _row(line: list[str], columns: Mapping[str, int]) -> tuple[int, NDArray[np.uint8], int]:
    """The label, the picture and the split of one row."""
    if len(line) <= max(columns.values()):
        raise ValueError("its end is missing")
    emotion, usage = line[columns["emotion"]].strip(), line[columns["usage"]].strip()
    if not emotion.isdecimal() or int(emotion) >= len(CLASSES):
        raise ValueError(f"emotion {emotion!r} is none of 0 to {len(CLASSES) - 1}")
    if usage not in SPLITS:
        raise ValueError(f"Usage {usage!r} is none of {', '.join(SPLITS)}")
    pixels = np.array(line[columns["pixels"]].split(), dtype=np.float64)
    if len(pixels) != _SIDE_PX**2 or not ((pixels >= 0) & (pixels <= 255)).all():
        raise ValueError(f"wanted are {_SIDE_PX**2} pixels of 0 to 255, there are {len(pixels)} numbers")
    return int(emotion), pixels.astype(np.uint8).reshape(_SIDE_PX, _SIDE_PX), SPLITS.index(usage)


def _table(path: Path) -> list[list[str]]:
    """The lines of a csv file, blank ones left out."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [line for line in csv.reader(file) if line]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a table of comma-separated values ({error})") from error


def _read_votes(path: Path, count: int) -> NDArray[np.uint8]:
    """FER+'s votes, uint8 [count, 10]; all zero where its file is not there."""
    votes = np.zeros((count, len(VOTE_CLASSES)), dtype=np.uint8)
    if not path.is_file():
        return votes
    lines = _table(path)[1:]
    if len(lines) != count:
        raise ValueError(f"{path} has {len(lines)} rows and fer2013.csv {count}: they must be of the same edition")
    for row, line in enumerate(lines):
        try:
            votes[row] = [int(number) for number in line[-len(VOTE_CLASSES) :]]
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{path}, row {row + 1} below its header: wanted are ten counts of votes") from error
    return votes
