"""Measure the shape of a head in FER2013: ``python -m training.canonical_head --data fer2013.csv``.

``mien.face.pose`` compares a face mesh with ``CANONICAL_HEAD``, the mean shape of the faces in a sample of Training
images: a generalised Procrustes analysis (Gower 1975, Psychometrika 40:33) of the mesh network's own points, averaged
with its mirror image. The direction straight ahead is the median one of these faces, most of which look at a camera.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.face.mesh import MeshNetwork
from mien.face.pose import EYE_CORNERS, HEAD_PAIRS, HEAD_POINTS, IRISES, fit_rotation
from training.canonical import mesh_in
from training.data import DATA_HELP, read
from training.exit_on_error import exit_on_error

ROUNDS = 6

#: The place in ``HEAD_POINTS`` of each point's mirror image; a point in the middle is its own.
_OPPOSITE = {one: other for pair in HEAD_PAIRS for one, other in (pair, pair[::-1])}
MIRRORED = np.array([HEAD_POINTS.index(_OPPOSITE.get(point, point)) for point in HEAD_POINTS])

Shape = NDArray[np.float64]


def mean_shape(shapes: NDArray[np.float64]) -> Shape:
    """The mean of shapes [n, points, 3] without their rotation, size and position, symmetric about x = 0."""
    mean = shapes[0] - shapes[0].mean(axis=0)
    for _ in range(ROUNDS):
        unturned = [(shape - shape.mean(axis=0)) @ fit_rotation(mean, shape) for shape in shapes]
        mean = np.mean([shape / np.sqrt((shape**2).mean()) for shape in unturned], axis=0)
        reflected = (mean * (-1, 1, 1))[MIRRORED]
        mean = (mean + reflected @ fit_rotation(reflected, mean).T) / 2
        mean = mean @ _upright(mean).T
    return (mean + (mean * (-1, 1, 1))[MIRRORED]) / 2


def _upright(shape: Shape) -> Shape:
    """The rotation that turns the plane of symmetry into x = 0 and keeps down as it is."""
    across = np.linalg.svd(shape - shape[MIRRORED])[2][0]
    across *= np.sign(across[0])
    down = np.array([0.0, 1.0, 0.0]) - across * across[1]
    down /= np.linalg.norm(down)
    return np.stack([across, down, np.cross(across, down)])


def iris_place(face: Shape, turn: Shape) -> tuple[float, float]:
    """How far the irises of a face are from the middle of the corners of the eyes, in widths of an eye.

    Args:
        face: float64 [478, 3].
        turn: The rotation of its head, float64 [3, 3].

    Returns:
        Away from the nose and upwards; the mean of both eyes, so that a gaze to one side cancels.
    """
    corners, irises = face[np.array(EYE_CORNERS)], face[np.array(IRISES)].mean(axis=1)
    widths = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1, keepdims=True)
    places = (irises - corners.mean(axis=1)) @ turn / widths
    return float(places[1, 0] - places[0, 0]) / 2, -float(places[:, 1].mean())


def about_x(angle_rad: float) -> Shape:
    """The rotation about the x axis."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])


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
    found = [mesh_in(rows.images[index], mesh) for index in sample]
    faces = np.array([points for points in found if points is not None], dtype=np.float64)
    shapes = faces[:, list(HEAD_POINTS)]
    mean = mean_shape(shapes)
    turns = np.array([fit_rotation(mean, shape) for shape in shapes])
    mean = mean @ about_x(float(np.median(np.arctan2(turns[:, 2, 1], turns[:, 2, 2])))).T
    mean /= np.linalg.norm(np.subtract(*mean[[HEAD_POINTS.index(corner) for corner in HEAD_PAIRS[0]]]))
    print(f"mesh found in {len(shapes)} of {len(sample)}")
    for index, (x, y, z) in zip(HEAD_POINTS, mean, strict=True):
        print(f"    {index}: ({x:.3f}, {y:.3f}, {z:.3f}),")
    outwards, rise = np.median([iris_place(face, turn) for face, turn in zip(faces, turns, strict=True)], axis=0)
    print(f"irises {outwards:.3f} outwards and {rise:.3f} above the middle of the corners of the eyes")


if __name__ == "__main__":
    main()
