"""Random views of a batch of faces: what a camera and a detector do to a crop, drawn anew for every batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Jitter:
    """How far a view may stray; angles in degrees, lengths as a share of the picture's side."""

    rotation_deg: float = 12.0
    scale: float = 0.15
    shift: float = 0.08
    brightness: float = 0.2
    erase_probability: float = 0.4
    erase_side: tuple[float, float] = (0.1, 0.35)


def augment(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Mirror, turn, scale, shift, light and partly cover each picture.

    ``images`` float32 [n, 1, side, side] in 0..1, and so is the result. One affine resampling a picture, so nothing
    is blurred twice; pixels from beyond the border repeat the edge.
    """
    views = functional.grid_sample(
        images, _grid(images, jitter, generator), mode="bilinear", padding_mode="border", align_corners=False
    )
    return _erase(_light(views, jitter, generator), jitter, generator)


def _uniform(count: int, like: Tensor, generator: torch.Generator, spread: float) -> Tensor:
    return ((torch.rand(count, generator=generator) * 2 - 1) * spread).to(like.device)


def _grid(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    count = len(images)
    angle = _uniform(count, images, generator, math.radians(jitter.rotation_deg))
    scale = torch.exp(_uniform(count, images, generator, math.log1p(jitter.scale)))
    mirror = torch.where(_uniform(count, images, generator, 1.0) < 0, -1.0, 1.0)
    theta = torch.empty(count, 2, 3, device=images.device)
    theta[:, 0, 0] = mirror * scale * torch.cos(angle)
    theta[:, 0, 1] = -mirror * scale * torch.sin(angle)
    theta[:, 1, 0] = scale * torch.sin(angle)
    theta[:, 1, 1] = scale * torch.cos(angle)
    # grid coordinates run from -1 to 1, so a shift of one side is 2
    theta[:, 0, 2] = _uniform(count, images, generator, 2 * jitter.shift)
    theta[:, 1, 2] = _uniform(count, images, generator, 2 * jitter.shift)
    return functional.affine_grid(theta, list(images.shape), align_corners=False)


def _light(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    gamma = torch.exp(_uniform(len(images), images, generator, jitter.brightness)).view(-1, 1, 1, 1)
    return images.clamp(1e-4, 1) ** gamma


def _erase(images: Tensor, jitter: Jitter, generator: torch.Generator) -> Tensor:
    """Cover a rectangle of about the picture's mean gray, in a share ``erase_probability`` of the pictures."""
    count, _, height, width = images.shape
    low, high = jitter.erase_side
    sides = low + (high - low) * torch.rand(count, 2, generator=generator)
    corners = torch.rand(count, 2, generator=generator) * (1 - sides)
    chosen = torch.rand(count, generator=generator) < jitter.erase_probability
    rows = (torch.arange(height) + 0.5) / height
    columns = (torch.arange(width) + 0.5) / width
    inside_rows = (rows >= corners[:, :1]) & (rows < corners[:, :1] + sides[:, :1])
    inside_columns = (columns >= corners[:, 1:]) & (columns < corners[:, 1:] + sides[:, 1:])
    hole = inside_rows[:, :, None] & inside_columns[:, None, :] & chosen[:, None, None]
    fill = images.mean(dim=(2, 3), keepdim=True)
    return torch.where(hole[:, None].to(images.device), fill, images)
