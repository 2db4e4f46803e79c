"""Measure the positions of eyes, nose and mouth in FER2013: ``python -m training.canonical --data fer2013.csv``.

The expression network is trained on FER2013's crops, so a live face must be aligned to the same positions. The face
mesh is fitted to a sample of enlarged Training images. ``mien.face.align.CANONICAL_POINTS`` holds the median of the
five points over the frontal faces.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.face.align import CROP_PX, five_points
from mien.face.mesh import MeshNetwork, RotatedSquare, square_of_landmarks
from training.data import DATA_HELP, read
from training.exit_on_error import exit_on_error

SCALE = 4
BORDER_PX = 96


def mesh_in(picture: NDArray[np.uint8], mesh: MeshNetwork) -> NDArray[np.float32] | None:
    """The points [478, 3] of the face in a gray image [48, 48], which is enlarged first; None if there is no face."""
    large = cv2.resize(picture, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(large, BORDER_PX, BORDER_PX, BORDER_PX, BORDER_PX, cv2.BORDER_REPLICATE)
    image = np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    middle = image.shape[0] / 2
    found = mesh.read(image, RotatedSquare(middle, middle, 1.5 * SCALE * CROP_PX, 0.0))
    if found.is_face:
        found = mesh.read(image, square_of_landmarks(found.landmarks))
    return found.landmarks if found.is_face else None


def five_points_in(picture: NDArray[np.uint8], mesh: MeshNetwork) -> NDArray[np.float32] | None:
    """The five points of a gray image [48, 48], in its pixel coordinates; None if the mesh finds no face."""
    landmarks = mesh_in(picture, mesh)
    if landmarks is None:
        return None
    return np.asarray((five_points(landmarks) - BORDER_PX + 0.5) / SCALE - 0.5, dtype=np.float32)


def main() -> None:
    """Parse the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--sample", type=int, default=3000, help="how many Training images to measure")
    arguments = parser.parse_args()
    with exit_on_error():
        rows = read(arguments.data).training()
    mesh = MeshNetwork(threads=1)
    sample = np.random.default_rng(1).permutation(len(rows))[: arguments.sample]
    found = [five_points_in(rows.images[index], mesh) for index in sample]
    points = np.stack([p for p in found if p is not None])
    eyes, nose = points[:, 1] - points[:, 0], points[:, 2]
    upright = np.abs(np.degrees(np.arctan2(eyes[:, 1], eyes[:, 0]))) < 8
    middle = points[:, :2, 0].mean(axis=1)
    frontal = np.abs(nose[:, 0] - middle) < 0.15 * np.linalg.norm(eyes, axis=1)
    chosen = points[upright & frontal]
    median = np.median(chosen, axis=0)
    mirrored = median[[1, 0, 2, 4, 3]] * [-1, 1] + [CROP_PX - 1, 0]
    spread = (np.percentile(chosen, 75, axis=0) - np.percentile(chosen, 25, axis=0)) / 2
    print(f"mesh found in {len(points)} of {len(sample)}, straight ahead {len(chosen)}")
    print("median", median.round(1).tolist())
    print("mirrored and averaged", ((median + mirrored) / 2).round(1).tolist())
    print("half the interquartile range", spread.round(1).tolist())


if __name__ == "__main__":
    main()
