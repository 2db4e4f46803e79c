"""Read and clean FER2013, from the packed ``fer2013.zip`` or from the public ``fer2013.csv``."""

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

#: The answers of FER+'s annotators (Barsoum et al. 2016, arXiv:1608.01041), in the order of its columns; the first
#: eight are expressions.
VOTE_CLASSES = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "not a face",
)  # fmt: skip
EXPRESSION_VOTES = 8

#: FER+'s file, read if it is in the folder of ``fer2013.csv``: the same rows in the same order.
FERPLUS_CSV = "fer2013new.csv"
FERPLUS_SOURCE = "https://github.com/microsoft/FERPlus"

DATA_HELP = f"fer2013.csv, with FER+'s {FERPLUS_CSV} in the same folder ({FERPLUS_SOURCE}), or the packed fer2013.zip"

_SIDE_PX = 48
_TILES_PER_ROW = 32


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of FER2013.

    Attributes:
        images: Gray images, uint8 [n, 48, 48].
        labels: Indices into ``CLASSES``, int64 [n].
        votes: The number of FER+'s ten annotators who chose each of ``VOTE_CLASSES``, uint8 [n, 10]; all zero if
            the votes are unknown.
        places: The position of each row in the file, int64 [n].
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.uint8]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[Any]) -> Rows:
        """The rows selected by ``index``, a mask or positions."""
        return Rows(self.images[index], self.labels[index], self.votes[index], self.places[index])


@dataclass(frozen=True, slots=True)
class Fer2013:
    """All rows in file order, with their split and whether they are clean.

    Attributes:
        rows: The rows.
        split: Indices into ``SPLITS``, int64 [n].
        clean: False for the rows in ``training.left_out``, bool [n]. In the packed file their images are lossy copies
            and their votes belong to other images.
    """

    rows: Rows
    split: NDArray[np.int64]
    clean: NDArray[np.bool_]

    def part(self, name: str) -> Rows:
        """All rows of one official split."""
        return self.rows.take(self.split == SPLITS.index(name))

    def training(self) -> Rows:
        """Training rows without lossy copies and without images that are also in a test split.

        About 8 % of the test images have a pixel-identical copy in Training; these would leak test data.
        """
        return self.rows.take((self.split == 0) & self.clean & self._unseen())

    def remarks(self) -> Iterator[str]:
        """Remarks to print before training: excluded rows and missing votes."""
        inside = self.split == 0
        lossy, copies = int((inside & ~self.clean).sum()), int((inside & self.clean & ~self._unseen()).sum())
        yield (
            f"{len(self.training())} of {inside.sum()} Training rows are used; {copies} are excluded because their "
            f"image is also in a test split, and {lossy} because they are lossy copies (training/left_out.py)"
        )
        if not self.rows.votes.any():
            yield (
                f"FER+'s votes are missing, so the result will differ from the model card's network: "
                f"put {FERPLUS_CSV} from {FERPLUS_SOURCE} into the folder of fer2013.csv"
            )

    def _unseen(self) -> NDArray[np.bool_]:
        """Whether each row's image is in no test split, bool [n]."""
        tests = {picture.tobytes() for picture in self.rows.images[self.split != 0]}
        return np.array([picture.tobytes() not in tests for picture in self.rows.images], dtype=np.bool_)

    def unleaked(self, name: str) -> NDArray[np.bool_]:
        """A mask over ``part(name)``: true if no pixel-identical image is in Training."""
        in_training = {picture.tobytes() for picture in self.rows.images[self.split == 0]}
        return np.array([picture.tobytes() not in in_training for picture in self.part(name).images])


def digest(*parts: NDArray[Any] | bytes) -> str:
    """A short fingerprint of arrays or bytes, to detect whether inputs have changed."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part if isinstance(part, bytes) else np.ascontiguousarray(part).tobytes())
    return whole.hexdigest()[:16]


def read(path: Path) -> Fer2013:
    """Read FER2013 from the packed ``fer2013.zip`` or from the public ``fer2013.csv``.

    Args:
        path: The file.

    Returns:
        All rows.

    Raises:
        FileNotFoundError: If the file is missing.
        ValueError: If the file is in neither format; the message names the first invalid row.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; get FER2013 and give its path: make train DATA=fer2013.csv")
    if path.suffix.lower() == ".zip":
        return _read_sheets(path)
    if path.suffix.lower() == ".csv":
        return _read_csv(path)
    raise ValueError(f"{path} is neither a packed .zip nor the public fer2013.csv")


def _read_sheets(path: Path) -> Fer2013:
    try:
        with zipfile.ZipFile(path) as archive:
            meta = np.load(io.BytesIO(lzma.decompress(archive.read("meta.npz.xz"))))
            names = sorted(name for name in archive.namelist() if name.endswith(".webp"))
            distinct = np.concatenate([_tiles(archive.read(name)) for name in names])
            labels = meta["labels"].astype(np.int64)
            rows = Rows(distinct[meta["index"]], labels, meta["ferplus"].astype(np.uint8), np.arange(len(labels)))
            return Fer2013(rows, meta["usage"].astype(np.int64), meta["source"] == 0)
    except (zipfile.BadZipFile, lzma.LZMAError, LookupError, OSError, ValueError) as error:
        raise ValueError(
            f"{path} is not the packed fer2013.zip ({error}); use the public fer2013.csv instead"
        ) from error


def _tiles(sheet: bytes) -> NDArray[np.uint8]:
    pixels = np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))
    grid = pixels.reshape(-1, _SIDE_PX, _TILES_PER_ROW, _SIDE_PX).swapaxes(1, 2)
    return grid.reshape(-1, _SIDE_PX, _SIDE_PX)


def _read_csv(path: Path) -> Fer2013:
    lines = _table(path)
    if not lines:
        raise ValueError(f"{path} has no rows; the public fer2013.csv is expected")
    # Another public edition, icml_face_data.csv, has spaces before its column names.
    columns = {name.strip().lower(): place for place, name in enumerate(lines.pop(0))}
    missing = {"emotion", "pixels", "usage"} - columns.keys()
    if missing or not lines:
        lack = f"no column {' and '.join(sorted(missing))}" if missing else "no rows"
        raise ValueError(f"{path} has {lack}; fer2013.csv with the columns emotion, pixels and Usage is expected")
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
    """The label, image and split of one row."""
    if len(line) <= max(columns.values()):
        raise ValueError("the row is truncated")
    emotion, usage = line[columns["emotion"]].strip(), line[columns["usage"]].strip()
    if not emotion.isdecimal() or int(emotion) >= len(CLASSES):
        raise ValueError(f"emotion {emotion!r} is not in 0 to {len(CLASSES) - 1}")
    if usage not in SPLITS:
        raise ValueError(f"Usage {usage!r} is not one of {', '.join(SPLITS)}")
    pixels = np.array(line[columns["pixels"]].split(), dtype=np.float64)
    if len(pixels) != _SIDE_PX**2 or not ((pixels >= 0) & (pixels <= 255)).all():
        raise ValueError(f"expected {_SIDE_PX**2} pixels in 0 to 255, found {len(pixels)} numbers")
    return int(emotion), pixels.astype(np.uint8).reshape(_SIDE_PX, _SIDE_PX), SPLITS.index(usage)


def _table(path: Path) -> list[list[str]]:
    """The non-blank lines of a CSV file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [line for line in csv.reader(file) if line]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a CSV file ({error})") from error


def _read_votes(path: Path, count: int) -> NDArray[np.uint8]:
    """FER+'s votes, uint8 [count, 10]; all zero if the file does not exist."""
    votes = np.zeros((count, len(VOTE_CLASSES)), dtype=np.uint8)
    if not path.is_file():
        return votes
    lines = _table(path)[1:]
    if len(lines) != count:
        raise ValueError(f"{path} has {len(lines)} rows but fer2013.csv has {count}; both must be of the same edition")
    for row, line in enumerate(lines):
        try:
            votes[row] = [int(number) for number in line[-len(VOTE_CLASSES) :]]
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{path}, row {row + 1} below its header: expected ten vote counts") from error
    return votes
