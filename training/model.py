"""The network: eight 3x3 convolutions in four widths, from a 48x48 gray face to seven logits (1.2 M parameters)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (32, 64, 128, 256)
CLASS_COUNT = 7


class ExpressionNet(nn.Module):
    """A VGG-like classifier of face crops.

    Takes gray pictures float32 [n, 1, 48, 48] in 0..1 and gives logits [n, 7]. Each picture is first brought to zero
    mean and unit deviation, inside the network, so that a dark face and a bright one look alike and no caller can
    forget it.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS, dropout: float = 0.3) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        channels = 1
        for width in widths:
            stages += [_convolution(channels, width), _convolution(width, width), nn.MaxPool2d(2)]
            channels = width
        self.features = nn.Sequential(*stages)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(channels, CLASS_COUNT)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Logits [n, 7] of pictures [n, 1, 48, 48]."""
        logits: Tensor = self.head(self.features(_standardise(images)))
        return logits


def _convolution(channels_in: int, channels_out: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


def _standardise(images: Tensor) -> Tensor:
    centred = images - images.mean(dim=(1, 2, 3), keepdim=True)
    deviation = (centred * centred).mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / (deviation + 1e-2)


def parameter_count(model: nn.Module) -> int:
    """How many numbers training sets."""
    return sum(parameter.numel() for parameter in model.parameters())


def pick_device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
