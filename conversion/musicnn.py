"""Converts MusiCNN (Pons and Serra 2019) to ONNX from its published TensorFlow checkpoints.

The layers and their order are those of ``musicnn/models.py`` in the package musicnn 0.1.0 (ISC licence; Copyright (c)
Music Technology Group, Universitat Pompeu Fabra 2019). TensorFlow has channels last and ONNX first, so the graph
transposes each kernel, which ONNX Runtime does once on loading; the weights stay the published bytes.
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
    """Convert a network to ONNX.

    Its input is "mels", float32 [n, 187, 96]. Its outputs are "tags", float32 [n, 50], 0..1, and "hidden", float32
    [n, 200], 0 or more: the layer before the tags, which describes the sound more finely than they do.

    Args:
        index: The checkpoint's index file.
        data: The checkpoint's data file.

    Raises:
        KeyError: A layer is missing.
    """
    layers = _Layers(read_checkpoint(index, data))
    graph = layers.graph
    spectrum = graph.add("Unsqueeze", ["mels", graph.integers("channel_axis", [1])], "spectrum")
    spectrum = layers.batch_normalised(spectrum, 0)
    timbre = [layers.pitch_convolved(spectrum, i, pads=[3, 0, 3, 0]) for i in (0, 1)]
    # Kernels of even length are padded as TensorFlow's "same" does: one frame more at the end than at the start.
    rhythm = [layers.pitch_convolved(spectrum, i, pads=[63 >> (i - 2), 0, 64 >> (i - 2), 0]) for i in (2, 3, 4)]
    front = graph.add("Concat", [*timbre, *rhythm], "front", axis=1)
    first = layers.time_convolved(front, 5)
    second = graph.add("Add", [layers.time_convolved(first, 6), first], "second")
    third = graph.add("Add", [layers.time_convolved(second, 7), second], "third")
    heard = graph.add("Concat", [front, first, second, third], "heard", axis=1)
    most = graph.add("ReduceMax", [heard], "most", axes=[2], keepdims=1)
    mean = graph.add("ReduceMean", [heard], "mean", axes=[2], keepdims=1)
    # TensorFlow interleaves the two for each channel.
    pooled = graph.add("Flatten", [graph.add("Concat", [most, mean], "pools", axis=3)], "pooled", axis=1)
    hidden = graph.add("Relu", [layers.dense(layers.batch_normalised(pooled, 9), "dense")], "hidden")
    (hidden_size,) = layers.shape("dense/bias")
    graph.add("Sigmoid", [layers.dense(layers.batch_normalised(hidden, 10), "dense_1")], "tags")
    return graph.model(
        inputs={"mels": ["patches", FRAMES, BANDS]},
        outputs={"tags": ["patches", 50], "hidden": ["patches", hidden_size]},
        notes={"licence": _NOTE},
    )


class _Layers:
    """Adds MusiCNN's layers to a graph, by their numbers in the checkpoint."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.graph = Graph("musicnn")
        self._tensors = tensors

    def shape(self, name: str) -> Sequence[int]:
        """The shape of a tensor of the checkpoint."""
        return self._tensors[name].shape

    def batch_normalised(self, name: str, layer: int) -> str:
        """Batch normalisation with the trained statistics."""
        prefix = _numbered("batch_normalization", layer)
        parts = [self._weight(f"{prefix}/{part}") for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        return self.graph.add("BatchNormalization", [name, *parts], prefix, epsilon=_EPSILON)

    def pitch_convolved(self, spectrum: str, layer: int, *, pads: Sequence[int]) -> str:
        """A convolution over time and pitch, with the maximum over pitch."""
        convolved = self._convolved(spectrum, layer, permutation=[3, 2, 0, 1], pads=pads)
        return self.graph.add("ReduceMax", [convolved], f"best_{layer}", axes=[3], keepdims=1)

    def time_convolved(self, name: str, layer: int) -> str:
        """A convolution over seven frames and all channels, which TensorFlow has on the pitch axis."""
        return self._convolved(name, layer, permutation=[3, 1, 0, 2], pads=[3, 0, 3, 0])

    def dense(self, name: str, layer: str) -> str:
        """A fully connected layer."""
        return self.graph.add("Gemm", [name, *map(self._weight, (f"{layer}/kernel", f"{layer}/bias"))], layer)

    def _convolved(self, name: str, layer: int, *, permutation: Sequence[int], pads: Sequence[int]) -> str:
        prefix = _numbered("conv2d", layer)
        kernel = self.graph.add("Transpose", [self._weight(f"{prefix}/kernel")], f"{prefix}/turned", perm=permutation)
        bias = self._weight(f"{prefix}/bias")
        convolved = self.graph.add("Conv", [name, kernel, bias], prefix, pads=pads)
        return self.batch_normalised(self.graph.add("Relu", [convolved], f"{prefix}/relu"), layer + 1)

    def _weight(self, name: str) -> str:
        return self.graph.weight(name, self._tensors[name])


def _numbered(name: str, number: int) -> str:
    """A layer's name as TensorFlow numbers them: the first has no number."""
    return f"{name}_{number}" if number else name
