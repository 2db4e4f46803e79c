"""The expression networks: three architectures for gray face crops, sized by the recipe."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.data import CLASSES, EXPRESSION_VOTES

Shape = Literal["vgg", "residual", "separable"]

#: The widths of the convolutions of each stage; the resolution is halved between stages.
Stages = tuple[tuple[int, ...], ...]

STUDENT_STAGES: Stages = ((32,), (64, 64), (128, 128, 128), (256, 256, 256))


class ExpressionNet(nn.Module):
    """A convolutional classifier of face crops with two output heads.

    Maps gray images float32 [n, 1, side, side] in 0..1 to the logits of FER2013's label [n, 7] and of FER+'s votes
    [n, 8]. The network first standardises each image to zero mean and unit deviation, which makes it robust to
    brightness and leaves nothing for the caller to do. Both heads share all other layers, as votes contain more
    information about an image than a single label.

    Args:
        stages: The widths of the convolutions of each stage.
        shape: The architecture.
        dropout: The dropout rate of the pooled features, 0..1.
    """

    def __init__(self, stages: Stages = STUDENT_STAGES, *, shape: Shape = "vgg", dropout: float = 0.3) -> None:
        super().__init__()
        self.features = nn.Sequential(*_BUILDERS[shape](stages))
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout))
        self.label = nn.Linear(stages[-1][-1], len(CLASSES))
        self.votes = nn.Linear(stages[-1][-1], EXPRESSION_VOTES)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [n, 7] and [n, 8] of images [n, 1, side, side]."""
        features = self.pool(self.features(_standardise(images)))
        return self.label(features), self.votes(features)


class _Residual(nn.Module):
    """Two convolutions with a shortcut (He et al. 2016, arXiv:1512.03385)."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_convolution(channels_in, channels_out), nn.ReLU(inplace=True), *_convolution(channels_out, channels_out)
        )
        self.shortcut = (
            nn.Identity()
            if channels_in == channels_out
            else nn.Sequential(*_convolution(channels_in, channels_out, kernel=1))
        )

    def forward(self, images: Tensor) -> Tensor:
        return functional.relu(self.body(images) + self.shortcut(images), inplace=True)


class _Separable(nn.Module):
    """An inverted residual block with squeeze-and-excitation and a shortcut.

    (Sandler et al. 2018, arXiv:1801.04381; Hu et al. 2018, arXiv:1709.01507.)
    """

    EXPANSION = 4

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        inner = self.EXPANSION * channels_in
        self.expand = nn.Sequential(*_convolution(channels_in, inner, kernel=1), nn.SiLU(inplace=True))
        self.spread = nn.Sequential(*_convolution(inner, inner, groups=inner), nn.SiLU(inplace=True))
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(inner, inner // 16, 1),
            nn.SiLU(inplace=True),
            nn.Conv2d(inner // 16, inner, 1),
            nn.Sigmoid(),
        )
        self.project = nn.Sequential(*_convolution(inner, channels_out, kernel=1))
        self.has_shortcut = channels_in == channels_out

    def forward(self, images: Tensor) -> Tensor:
        inner = self.spread(self.expand(images))
        result: Tensor = self.project(inner * self.squeeze(inner))
        return result + images if self.has_shortcut else result


def _convolution(channels_in: int, channels_out: int, *, kernel: int = 3, groups: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(channels_out),
    ]


def _vgg(stages: Stages) -> list[nn.Module]:
    """Plain convolutions (Simonyan and Zisserman 2015, arXiv:1409.1556); pooled before the ReLU (equivalent)."""
    layers: list[nn.Module] = []
    channels = 1
    for widths in stages:
        for place, width in enumerate(widths, start=1):
            layers += _convolution(channels, width)
            if place == len(widths):
                layers.append(nn.MaxPool2d(2))
            layers.append(nn.ReLU(inplace=True))
            channels = width
    return layers


def _blocks(stages: Stages, block: type[nn.Module], first: nn.Module) -> list[nn.Module]:
    """A convolution of the first width, then stages of blocks; the resolution is halved before each stage."""
    channels = stages[0][0]
    layers = [*_convolution(1, channels), nn.MaxPool2d(2), first]
    for number, widths in enumerate(stages):
        if number > 0:
            layers.append(nn.MaxPool2d(2))
        for width in widths:
            layers.append(block(channels, width))
            channels = width
    return layers


def _residual(stages: Stages) -> list[nn.Module]:
    return _blocks(stages, _Residual, nn.ReLU(inplace=True))


def _separable(stages: Stages) -> list[nn.Module]:
    return _blocks(stages, _Separable, nn.SiLU(inplace=True))


_BUILDERS = {"vgg": _vgg, "residual": _residual, "separable": _separable}


def _standardise(images: Tensor) -> Tensor:
    centred = images - images.mean(dim=(1, 2, 3), keepdim=True)
    deviation = (centred * centred).mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / (deviation + 1e-2)


def parameter_count(model: nn.Module) -> int:
    """The number of trainable parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


def pick_device() -> torch.device:
    """The GPU if available, otherwise the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
