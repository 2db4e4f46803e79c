"""Write one split of FER2013 as pictures, a folder an expression, for ``mien evaluate --crops``.

``python -m training.unpack --data fer2013.csv --split PrivateTest --out private-test``. Keep the pictures to yourself.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from training.data import CLASSES, DATA_HELP, SPLITS, read
from training.sentence import one_sentence


def unpack(data_path: Path, split: str, out: Path) -> int:
    """Write every row of ``split`` as ``out/<expression>/<row>.png``; returns how many.

    Raises ``ValueError`` where ``out`` holds something: pictures of two splits would be measured as one.
    """
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty; choose another folder, so that no pictures are mixed")
    rows = read(data_path).part(split)
    for name in CLASSES:
        (out / name).mkdir(parents=True, exist_ok=True)
    for number, (picture, label) in enumerate(zip(rows.images, rows.labels, strict=True)):
        Image.fromarray(picture).save(out / CLASSES[label] / f"{number:05}.png")
    return len(rows)


def main() -> None:
    """Parse the command line and unpack."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--split", choices=SPLITS, default="PublicTest")
    parser.add_argument("--out", type=Path, required=True, help="a folder outside the repository")
    arguments = parser.parse_args()
    with one_sentence():
        print(f"{unpack(arguments.data, arguments.split, arguments.out)} pictures in {arguments.out}")


if __name__ == "__main__":
    main()
