"""FER2013, read from the packed sheets or from the public ``fer2013.csv``, cleaned."""

from __future__ import annotations

import csv
import io
import lzma
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

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

    ``split`` int64 [n], an index into ``SPLITS``; ``clean`` bool [n], false where the picture is a lossy copy whose
    votes belong to another picture (only the packed sheets know; all true for a csv).
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
        tests = {picture.tobytes() for picture in self.rows.images[self.split != 0]}
        unseen = np.array([picture.tobytes() not in tests for picture in self.rows.images])
        return self.rows.take((self.split == 0) & self.clean & unseen)

    def unleaked(self, name: str) -> NDArray[np.bool_]:
        """A mask over ``part(name)``: true where no pixel-identical picture stands in Training."""
        seen = {picture.tobytes() for picture in self.rows.images[self.split == 0]}
        return np.array([picture.tobytes() not in seen for picture in self.part(name).images])


def read(path: Path) -> Fer2013:
    """FER2013 from ``path``: the packed ``fer2013.zip`` or the public ``fer2013.csv``.

    Raises ``FileNotFoundError`` when it is missing and ``ValueError`` when it is neither.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; get FER2013 and say where it lies: make train DATA=fer2013.csv")
    if path.suffix == ".zip":
        return _read_sheets(path)
    if path.suffix == ".csv":
        return _read_csv(path)
    raise ValueError(f"{path} is neither a packed .zip nor the public fer2013.csv")


def _read_sheets(path: Path) -> Fer2013:
    with zipfile.ZipFile(path) as pack:
        meta = np.load(io.BytesIO(lzma.decompress(pack.read("meta.npz.xz"))))
        names = sorted(name for name in pack.namelist() if name.endswith(".webp"))
        distinct = np.concatenate([_tiles(pack.read(name)) for name in names])
    labels = meta["labels"].astype(np.int64)
    rows = Rows(distinct[meta["index"]], labels, meta["ferplus"].astype(np.uint8), np.arange(len(labels)))
    return Fer2013(rows, meta["usage"].astype(np.int64), meta["source"] == 0)


def _tiles(sheet: bytes) -> NDArray[np.uint8]:
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
    grid = pixels.reshape(-1, _SIDE_PX, _TILES_PER_ROW, _SIDE_PX).swapaxes(1, 2)
    return grid.reshape(-1, _SIDE_PX, _SIDE_PX)


def _read_csv(path: Path) -> Fer2013:
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    images = np.stack([np.array(line["pixels"].split(), dtype=np.uint8).reshape(_SIDE_PX, _SIDE_PX) for line in lines])
    labels = np.array([int(line["emotion"]) for line in lines], dtype=np.int64)
    split = np.array([SPLITS.index(line["Usage"]) for line in lines], dtype=np.int64)
    votes = _read_votes(path.with_name(FERPLUS_CSV), len(lines))
    return Fer2013(Rows(images, labels, votes, np.arange(len(lines))), split, np.ones(len(lines), dtype=bool))


def _read_votes(path: Path, count: int) -> NDArray[np.uint8]:
    """FER+'s votes, uint8 [count, 10]; all zero where its file is not there."""
    if not path.is_file():
        return np.zeros((count, len(VOTE_CLASSES)), dtype=np.uint8)
    with path.open(newline="") as file:
        lines = list(csv.reader(file))[1:]
    if len(lines) != count:
        raise ValueError(f"{path} has {len(lines)} rows and fer2013.csv {count}: they must be of the same edition")
    return np.array([line[-len(VOTE_CLASSES) :] for line in lines]).astype(np.uint8)
