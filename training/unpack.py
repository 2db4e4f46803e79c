"""Write one split of FER2013 as image files, with one folder per expression, for ``mien evaluate --crops``.

``python -m training.unpack --data fer2013.csv --split PrivateTest --out private-test``. Do not publish the images.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from mien.face.classifiers.fusion import votes_as_expressions
from training.data import CLASSES, DATA_HELP, EXPRESSION_VOTES, SPLITS, Rows, read
from training.exit_on_error import exit_on_error

VOTES: Final = "votes.csv"
"""The file name of the table of votes, in the output folder."""


def unpack(data_path: Path, split: str, out: Path) -> int:
    """Write every row of a split as ``out/<expression>/<row>.png``.

    Args:
        data_path: The file of FER2013.
        split: The name of the split.
        out: The output folder.

    Returns:
        The number of images.

    Raises:
        ValueError: If ``out`` is not empty, as images of two splits would be mixed.
    """
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty; choose another folder, so that no images are mixed")
    rows = read(data_path).part(split)
    for name in CLASSES:
        (out / name).mkdir(parents=True, exist_ok=True)
    for number, (picture, label) in enumerate(zip(rows.images, rows.labels, strict=True)):
        Image.fromarray(picture).save(out / CLASSES[label] / f"{number:05}.png")
    _write_votes(rows, out / VOTES)
    return len(rows)


def _write_votes(rows: Rows, path: Path) -> None:
    """Write FER+'s votes for each image, with contempt counted as neutral, for ``mien evaluate --votes``."""
    votes = votes_as_expressions(rows.votes[:, :EXPRESSION_VOTES].astype(np.float64)).astype(int)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["path", *CLASSES])
        for number, (label, counts) in enumerate(zip(rows.labels, votes, strict=True)):
            table.writerow([f"{CLASSES[label]}/{number:05}.png", *counts])


def main() -> None:
    """Parse the command line and unpack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--split", choices=SPLITS, default="PublicTest")
    parser.add_argument("--out", type=Path, required=True, help="a folder outside the repository")
    arguments = parser.parse_args()
    with exit_on_error():
        print(f"{unpack(arguments.data, arguments.split, arguments.out)} pictures in {arguments.out}")


if __name__ == "__main__":
    main()
