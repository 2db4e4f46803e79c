"""Six corruptions of a crop, such as webcams, compression and hands cause, each in five severities.

The idea and, where it has one, the numbers are those of Hendrycks and Dietterich (Benchmarking neural network
robustness to common corruptions and perturbations, ICLR 2019, arXiv:1903.12261), in the version that they made for
pictures of 64 pixels (Tiny-ImageNet-C); lengths are scaled to the crop's own size. Their benchmark has neither low
light nor occlusion by one object: those two are described at their functions.
"""

from __future__ import annotations

import zlib
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""A crop of a face: uint8 [height, width]."""

SEVERITIES: Final = (1, 2, 3, 4, 5)
USUAL_SEVERITY: Final = 3
"""The severity of reported figures."""

SMALL_SIDES_PX: Final = (32, 24, 16, 12)
"""Sizes of a face in a camera's picture, from an arm's length to across a large room."""

_REFERENCE_SIDE_PX: Final = 64
_BLUR_SIGMA_PX: Final = (0.5, 0.75, 1.0, 1.25, 1.5)  # in pictures of 64 pixels
_NOISE_SIGMA: Final = (0.04, 0.08, 0.12, 0.15, 0.18)  # of the range from black to white
_JPEG_QUALITY: Final = (65, 58, 50, 40, 25)
_RESOLUTION: Final = (0.9, 0.8, 0.7, 0.6, 0.5)  # of the side

_FULL_WELL_PHOTONS: Final = 1000.0
_GAMMA: Final = 2.2
_COVERED_SIDE: Final = (0.25, 0.3125, 0.375, 0.4375, 0.5)  # of the side


class Corruption(StrEnum):
    """A way to corrupt a picture."""

    BLUR = "blur"
    NOISE = "noise"
    LOW_LIGHT = "low light"
    JPEG = "JPEG"
    LOW_RESOLUTION = "low resolution"
    OCCLUSION = "occlusion"


def corrupt(crop: Gray, corruption: Corruption, *, severity: int, rng: np.random.Generator) -> Gray:
    """Corrupt a crop.

    Args:
        crop: Gray uint8 [h, w], h and w at least 1.
        corruption: How to corrupt it.
        severity: 1 (mild) to 5 (severe).
        rng: Draws noise and positions; the same state gives the same picture.

    Returns:
        A new array of the same shape.

    Raises:
        ValueError: If the array or the severity is invalid.
    """
    _check(crop)
    if severity not in SEVERITIES:
        raise ValueError(f"severity must be a whole number from 1 to 5, not {severity}")
    step = severity - 1
    match corruption:
        case Corruption.BLUR:
            return _blurred(crop, _BLUR_SIGMA_PX[step] * min(crop.shape) / _REFERENCE_SIDE_PX)
        case Corruption.NOISE:
            return _bytes(crop + 255 * rng.normal(scale=_NOISE_SIGMA[step], size=crop.shape))
        case Corruption.LOW_LIGHT:
            return _dimmed(crop, exposure=0.5**severity, rng=rng)
        case Corruption.JPEG:
            return _compressed(crop, _JPEG_QUALITY[step])
        case Corruption.LOW_RESOLUTION:
            return lower_resolution(crop, side_px=max(1, round(_RESOLUTION[step] * min(crop.shape))))
        case Corruption.OCCLUSION:
            return _covered(crop, _COVERED_SIDE[step], rng)


def corrupt_as_usual(crop: Gray, corruption: Corruption) -> Gray:
    """Corrupt a crop at the usual severity, with a random generator that is seeded by the crop itself.

    So every program that measures corrupts a picture in the same way.
    """
    _check(crop)
    seed = (zlib.crc32(crop.tobytes()), list(Corruption).index(corruption))
    return corrupt(crop, corruption, severity=USUAL_SEVERITY, rng=np.random.default_rng(seed))


def lower_resolution(crop: Gray, *, side_px: int) -> Gray:
    """``crop`` (gray uint8 [h, w]) as if its shorter side had been ``side_px`` pixels in the camera's picture.

    Reduced by averaging, then enlarged linearly, as ``mien.face.warp`` enlarges a small face. A crop that is not larger
    is copied. ``ValueError`` for any other array, and if ``side_px`` is below 1.
    """
    _check(crop)
    if side_px < 1:
        raise ValueError(f"a face must be at least 1 pixel wide, not {side_px}")
    height, width = crop.shape
    scale = side_px / min(height, width)
    if scale >= 1:
        return crop.copy()
    small = cv2.resize(
        crop, (max(1, round(scale * width)), max(1, round(scale * height))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _blurred(crop: Gray, sigma_px: float) -> Gray:
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _dimmed(crop: Gray, *, exposure: float, rng: np.random.Generator) -> Gray:
    """The crop with ``exposure`` of its light, 0..1: darker, and with shot noise.

    Gray values are converted to light with a gamma of 2.2; white is 1000 photons in full light, and each pixel counts
    its photons (Poisson). With one stop less light per severity, white is 500 to 31 photons, about as in the shot noise
    of Tiny-ImageNet-C, which does not darken.
    """
    light = (crop / 255) ** _GAMMA
    photons = rng.poisson(light * exposure * _FULL_WELL_PHOTONS)
    return _bytes(255 * (photons / _FULL_WELL_PHOTONS) ** (1 / _GAMMA))


def _compressed(crop: Gray, quality: int) -> Gray:
    _, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _covered(crop: Gray, side: float, rng: np.random.Generator) -> Gray:
    """The crop with a square of random position and gray value over it, such as a hand or a cup.

    Cutout (DeVries and Taylor 2017, arXiv:1708.04552) covers a quarter of the picture; that is severity 5.
    """
    covered = crop.copy()
    height, width = (max(1, round(side * length)) for length in crop.shape)
    top, left = (int(rng.integers(0, room + 1)) for room in (crop.shape[0] - height, crop.shape[1] - width))
    covered[top : top + height, left : left + width] = rng.integers(0, 256)
    return covered


def _bytes(values: NDArray[np.float64]) -> Gray:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _check(crop: Gray) -> None:
    if not isinstance(crop, np.ndarray) or crop.dtype != np.uint8 or crop.ndim != 2 or crop.size == 0:
        found = f"{crop.dtype} {list(crop.shape)}" if isinstance(crop, np.ndarray) else type(crop).__name__
        raise ValueError(f"a crop must be gray uint8 [height, width] with at least one pixel, not {found}")
