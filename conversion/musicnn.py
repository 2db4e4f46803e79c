"""Rebuilds MusiCNN (Pons and Serra 2019) as ONNX from its published TensorFlow checkpoints.

The layers and their order are those of ``musicnn/models.py`` in the package musicnn 0.1.0 (ISC licence; Copyright (c)
Music Technology Group, Universitat Pompeu Fabra 2019). TensorFlow keeps channels last and ONNX first, so each kernel is
turned by a step of the graph, which ONNX Runtime carries out once, on loading; the weights stay the published bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversion.checkpoint import Tensor, read_checkpoint
from conversion.graph import Graph

FRAMES, BANDS = 187, 96
_EPSILON = 1e-3  # what TensorFlow adds to a variance
_NOTE = (
    "MusiCNN, converted by mien. Copyright (c) Music Technology Group, Universitat Pompeu Fabra 2019. Code developed "
    "by Jordi Pons (www.jordipons.me). ISC licence: see LICENSES/ISC-musicnn.txt."
)


def to_onnx(index: bytes, data: bytes) -> bytes:
    """A network with the input "mels" float32 [n, 187, 96] and the output "tags" float32 [n, 50] in 0..1.

    ``index`` and ``data`` are the checkpoint's two files. Raises ``KeyError`` where a layer is missing.
    """
    layers = _Layers(read_checkpoint(index, data))
    graph = layers.graph
    spectrum = graph.add("Unsqueeze", ["mels", graph.whole_numbers("channel_axis", [1])], "spectrum")
    spectrum = layers.normalised(spectrum, 0)
    timbre = [layers.filtered(spectrum, i, pads=[3, 0, 3, 0]) for i in (0, 1)]
    # Kernels of even length, padded as TensorFlow's "same" does: one frame more behind than before.
    rhythm = [layers.filtered(spectrum, i, pads=[63 >> (i - 2), 0, 64 >> (i - 2), 0]) for i in (2, 3, 4)]
    front = graph.add("Concat", [*timbre, *rhythm], "front", axis=1)
    first = layers.followed(front, 5)
    second = graph.add("Add", [layers.followed(first, 6), first], "second")
    third = graph.add("Add", [layers.followed(second, 7), second], "third")
    heard = graph.add("Concat", [front, first, second, third], "heard", axis=1)
    most = graph.add("ReduceMax", [heard], "most", axes=[2], keepdims=1)
    mean = graph.add("ReduceMean", [heard], "mean", axes=[2], keepdims=1)
    # TensorFlow lays the two side by side for each channel, not one after the other.
    pooled = graph.add("Flatten", [graph.add("Concat", [most, mean], "pools", axis=3)], "pooled", axis=1)
    hidden = graph.add("Relu", [layers.weighted(layers.normalised(pooled, 9), "dense")], "hidden")
    graph.add("Sigmoid", [layers.weighted(layers.normalised(hidden, 10), "dense_1")], "tags")
    return graph.model(
        inputs={"mels": ["patches", FRAMES, BANDS]}, outputs={"tags": ["patches", 50]}, notes={"licence": _NOTE}
    )


class _Layers:
    """The kinds of layer that MusiCNN has, by their numbers in the checkpoint."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.graph = Graph("musicnn")
        self._tensors = tensors

    def normalised(self, name: str, layer: int) -> str:
        """Batch normalisation with the means that were learnt."""
        prefix = _numbered("batch_normalization", layer)
        parts = [self._weight(f"{prefix}/{part}") for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        return self.graph.add("BatchNormalization", [name, *parts], prefix, epsilon=_EPSILON)

    def filtered(self, spectrum: str, layer: int, *, pads: Sequence[int]) -> str:
        """Filters slid over time and pitch, of which the best pitch counts."""
        convolved = self._convolved(spectrum, layer, turn=[3, 2, 0, 1], pads=pads)
        return self.graph.add("ReduceMax", [convolved], f"best_{layer}", axes=[3], keepdims=1)

    def followed(self, name: str, layer: int) -> str:
        """Filters over seven frames of everything below; what TensorFlow calls pitch is the channel here."""
        return self._convolved(name, layer, turn=[3, 1, 0, 2], pads=[3, 0, 3, 0])

    def weighted(self, name: str, layer: str) -> str:
        """A fully connected layer."""
        return self.graph.add("Gemm", [name, *map(self._weight, (f"{layer}/kernel", f"{layer}/bias"))], layer)

    def _convolved(self, name: str, layer: int, *, turn: Sequence[int], pads: Sequence[int]) -> str:
        prefix = _numbered("conv2d", layer)
        kernel = self.graph.add("Transpose", [self._weight(f"{prefix}/kernel")], f"{prefix}/turned", perm=turn)
        bias = self._weight(f"{prefix}/bias")
        convolved = self.graph.add("Conv", [name, kernel, bias], prefix, pads=pads)
        return self.normalised(self.graph.add("Relu", [convolved], f"{prefix}/relu"), layer + 1)

    def _weight(self, name: str) -> str:
        return self.graph.weight(name, self._tensors[name])


def _numbered(name: str, number: int) -> str:
    """A layer's name as TensorFlow counts: the first one bears no number."""
    return f"{name}_{number}" if number else name
