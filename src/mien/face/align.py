"""Aligns a face: rotates, scales and crops it so that eyes and mouth are where the expression network expects them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.face.warp import cut
from mien.types import LANDMARK_COUNT, Image, check_image

CROP_PX: Final = 48

#: The five points in a crop of 48 pixels: left eye, right eye, tip of the nose, left and right corner of the mouth, as
#: seen in the image. Measured on FER2013 by ``training/canonical.py``.
CANONICAL_POINTS: Final[NDArray[np.float32]] = np.array(
    [[14.5, 18.8], [32.5, 18.8], [23.5, 29.5], [15.8, 37.1], [31.2, 37.1]], dtype=np.float32
)

#: The mesh points whose mean is each of the five: both corners of an eye, one point for the others.
MESH_POINTS: Final = ((33, 133), (362, 263), (1,), (61,), (291,))

#: Landmarks beyond this coordinate are refused: no image is that large.
MAX_COORDINATE_PX: Final = 1_000_000

#: The points that the crop is fitted to: eyes and mouth. The nose of a turned head is off-center and would shift the
#: crop away from where FER2013's crops have such heads.
FITTED: Final = (0, 1, 3, 4)


def align(image: Image, landmarks: NDArray[np.float32], *, size_px: int = CROP_PX) -> NDArray[np.uint8]:
    """Crop a face for the expression network.

    Args:
        image: uint8 [height, width, 3] RGB.
        landmarks: float [478, 3], in pixels of the image.
        size_px: The side of the crop.

    Returns:
        Gray uint8 [size_px, size_px]: the luma of ITU-R BT.601, as in FER2013.

    Raises:
        ValueError: An array has another type or shape, or all points coincide.
    """
    check_image(image)
    if size_px < 1:
        raise ValueError(f"a crop needs at least one pixel per side, not {size_px}")
    fitted = list(FITTED)
    transform = similarity(five_points(landmarks)[fitted], canonical_points(size_px)[fitted])
    return cut(image, transform, size_px, repeat_edge=True, gray=True)


def five_points(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """The points of ``CANONICAL_POINTS``, float32 [5, 2], in a mesh [478, 3]; ``ValueError`` for any other array."""
    if not isinstance(landmarks, np.ndarray):
        raise ValueError(f"landmarks must be a float array [{LANDMARK_COUNT}, 3], not {type(landmarks).__name__}")
    found = f"{landmarks.dtype} {list(landmarks.shape)}"
    if landmarks.shape != (LANDMARK_COUNT, 3) or not np.issubdtype(landmarks.dtype, np.floating):
        raise ValueError(f"landmarks must be float [{LANDMARK_COUNT}, 3], not {found}")
    if not np.isfinite(landmarks).all():
        raise ValueError(f"landmarks must be numbers, but there are some that are not among these {found}")
    if np.abs(landmarks).max() > MAX_COORDINATE_PX:
        raise ValueError(f"landmarks must be within {MAX_COORDINATE_PX:,} pixels, but among these {found} some do not")
    return np.array([landmarks[list(indices), :2].mean(axis=0) for indices in MESH_POINTS], dtype=np.float32)


def canonical_points(size_px: int) -> NDArray[np.float32]:
    """``CANONICAL_POINTS`` for a crop of another size; integer coordinates are pixel centers."""
    return np.asarray((CANONICAL_POINTS + 0.5) * (size_px / CROP_PX) - 0.5, dtype=np.float32)


def similarity(source: NDArray[np.float32], target: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fit the similarity (rotation, scale and shift) that maps one set of points to another.

    Least squares after Umeyama (1991, IEEE TPAMI 13:4), without reflection. In the plane, rotation and scale are one
    complex factor, so that a division replaces the singular value decomposition of the general case.

    Args:
        source: float [n, 2].
        target: float [n, 2].

    Returns:
        The transformation, float32 [2, 3].

    Raises:
        ValueError: All source points coincide.
    """
    start, end = (points.astype(np.float64) @ np.array([1, 1j]) for points in (source, target))
    centred = start - start.mean()
    spread = float(np.vdot(centred, centred).real)
    if spread == 0:
        raise ValueError("the points of the face coincide, so there is nothing to align")
    factor = np.vdot(centred, end - end.mean()) / spread
    shift = end.mean() - factor * start.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]], dtype=np.float32)
