"""Random augmentation of face crops: geometry, lighting, occlusion, noise and compression."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

FULL_WELL_PHOTONS = 1000.0
GAMMA = 2.2

#: JPEG luminance quantisation table at quality 50 (ITU-T T.81, table K.1).
JPEG_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


@dataclass(frozen=True, slots=True)
class Jitter:
    """Augmentation ranges: angles in degrees, lengths as a fraction of the image side, brightness in 0..1.

    Each ``..._share`` is the fraction of images that a transform is applied to. Each pair is the minimum and the
    maximum of a uniform distribution.
    """

    rotation_deg: float = 12.0
    scale: float = 0.15
    shift: float = 0.08
    brightness: float = 0.2
    coarse_share: float = 0.12
    coarse_side: tuple[float, float] = (0.3, 0.75)
    dim_share: float = 0.12
    dim_exposure: tuple[float, float] = (0.06, 0.7)
    noise_share: float = 0.2
    noise_deviation: tuple[float, float] = (0.01, 0.18)
    jpeg_share: float = 0.1
    jpeg_coarseness: tuple[float, float] = (0.5, 2.5)
    erase_share: float = 0.4
    erase_side: tuple[float, float] = (0.1, 0.4)


def augment(images: Tensor, jitter: Jitter, generator: torch.Generator, *, side_px: int) -> Tensor:
    """Randomly flip, rotate, scale, shift, relight, occlude and degrade each image.

    The geometry is one affine resampling per image, so that nothing is blurred twice; pixels outside the border
    repeat the edge. The degradations are applied in the order in which they occur in a webcam: occlusion, low
    resolution, low light, sensor noise, compression.

    Args:
        images: float32 [n, 1, height, width] in 0..1.
        jitter: The augmentation ranges.
        generator: The random generator; random numbers are drawn on its device, so a GPU generator keeps large
            batches on the GPU.
        side_px: The side of the resulting images in pixels.

    Returns:
        float32 [n, 1, side_px, side_px] in 0..1.
    """
    views = functional.grid_sample(
        images, _grid(images, jitter, generator, side_px), mode="bilinear", padding_mode="border", align_corners=False
    )
    views = _coarsen(_erase(_light(views, jitter, generator), jitter, generator), jitter, generator)
    return _compress(_add_noise(_dim(views, jitter, generator), jitter, generator), jitter, generator)


def _uniform(count: int, generator: torch.Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=generator, device=generator.device)


def _normal(like: Tensor, generator: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=generator, device=generator.device)


def _grid(images: Tensor, jitter: Jitter, generator: torch.Generator, side_px: int) -> Tensor:
    count = len(images)
    turn = math.radians(jitter.rotation_deg)
    stretch = math.log1p(jitter.scale)
    angle = _uniform(count, generator, -turn, turn)
    scale = torch.exp(_uniform(count, generator, -stretch, stretch))
    mirror = torch.where(_uniform(count, generator) < 0.5, -1.0, 1.0)
    theta = torch.empty(count, 2, 3, device=generator.device)
    theta[:, 0, 0] = mirror * scale * torch.cos(angle)
    theta[:, 0, 1] = -mirror * scale * torch.sin(angle)
    theta[:, 1, 0] = scale * torch.sin(angle)
    theta[:, 1, 1] = scale * torch.cos(angle)
    # grid coordinates run from -1 to 1, so a shift of one side is 2
    theta[:, 0, 2] = _uniform(count, generator, -2 * jitter.shift, 2 * jitter.shift)
    theta[:, 1, 2] = _uniform(count, generator, -2 * jitter.shift, 2 * jitter.shift)
    return functional.affine_grid(theta.to(images.device), [count, 1, side_px, side_px], align_corners=False)


def _light(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Apply a random gamma to each image."""
    gamma = torch.exp(_uniform(len(images), generator, -jitter.brightness, jitter.brightness))
    return images.clamp(1e-4, 1) ** _each(gamma, images)


def _dim(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Darken some images and add photon noise (Poisson noise, approximated by a normal distribution)."""
    chosen = (_uniform(len(images), generator) < jitter.dim_share).to(images.device)
    exposure = _uniform(len(images), generator, *jitter.dim_exposure).to(images.device)[chosen]
    if not chosen.any():
        return images
    photons = images[chosen] ** GAMMA * _each(exposure, images) * FULL_WELL_PHOTONS
    grain = _normal(photons, generator).to(images.device)
    counted = (photons + photons.sqrt() * grain).clamp(min=0).round()
    result = images.clone()
    result[chosen] = (counted / FULL_WELL_PHOTONS).clamp(max=1) ** (1 / GAMMA)
    return result


def _coarsen(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Reduce the resolution of some images, all of them to the same side."""
    chosen = _uniform(len(images), generator) < jitter.coarse_share
    share = float(_uniform(1, generator, *jitter.coarse_side))
    if not chosen.any():
        return images
    side = images.shape[-1]
    few = functional.interpolate(images[chosen.to(images.device)], size=max(4, round(share * side)), mode="area")
    result = images.clone()
    result[chosen.to(images.device)] = functional.interpolate(few, size=side, mode="bilinear", align_corners=False)
    return result


def _add_noise(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    count = len(images)
    noisy = _uniform(count, generator) < jitter.noise_share
    deviation = torch.where(noisy, _uniform(count, generator, *jitter.noise_deviation), 0.0)
    noise = _normal(images, generator).to(images.device)
    return (images + noise * _each(deviation, images)).clamp(0, 1)


def _compress(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Quantise the DCT coefficients of 8 x 8 blocks in some images as JPEG does, all of them equally coarsely."""
    chosen = (_uniform(len(images), generator) < jitter.jpeg_share).to(images.device)
    coarseness = float(_uniform(1, generator, *jitter.jpeg_coarseness))
    side = images.shape[-1] // 8 * 8
    if not chosen.any():
        return images
    steps = (torch.arange(8)[:, None] * (2 * torch.arange(8) + 1)) * (math.pi / 16)
    cosines = (torch.cos(steps) / 2 * torch.where(torch.arange(8) == 0, math.sqrt(0.5), 1.0)[:, None]).to(images.device)
    table = (torch.tensor(JPEG_TABLE) * coarseness / 255).to(images.device)
    blocks = images[chosen, 0, :side, :side].unfold(1, 8, 8).unfold(2, 8, 8)
    rounded = torch.round(cosines @ blocks @ cosines.T / table) * table
    blocks = (cosines.T @ rounded @ cosines).clamp(0, 1)
    result = images.clone()
    part = result[chosen]
    part[:, 0, :side, :side] = blocks.transpose(2, 3).reshape(len(part), side, side)
    result[chosen] = part
    return result


def _erase(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Cover a rectangle with a uniform gray in a fraction ``erase_share`` of the images."""
    count, _, height, width = images.shape
    low, high = jitter.erase_side
    sides = low + (high - low) * torch.rand(count, 2, generator=generator, device=generator.device)
    corners = torch.rand(count, 2, generator=generator, device=generator.device) * (1 - sides)
    chosen = _uniform(count, generator) < jitter.erase_share
    rows = (torch.arange(height, device=generator.device) + 0.5) / height
    columns = (torch.arange(width, device=generator.device) + 0.5) / width
    inside_rows = (rows >= corners[:, :1]) & (rows < corners[:, :1] + sides[:, :1])
    inside_columns = (columns >= corners[:, 1:]) & (columns < corners[:, 1:] + sides[:, 1:])
    hole = inside_rows[:, :, None] & inside_columns[:, None, :] & chosen[:, None, None]
    gray = _uniform(count, generator)
    return torch.where(hole[:, None].to(images.device), _each(gray, images), images)


def _each(values: Tensor, like: Tensor) -> Tensor:
    """Reshape one value per image to broadcast over images [n, 1, height, width]."""
    return values.to(like.device).view(-1, 1, 1, 1)
