"""Export a network of plain convolutions using only ``onnx``, if PyTorch's exporter is not available."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.model import ExpressionNet

OPSET, IR_VERSION = 13, 8
DEVIATION_FLOOR = 1e-2
"""The value that the standardisation adds to an image's deviation (``training.model``)."""


def write_onnx(model: ExpressionNet, path: Path, *, side_px: int = 48) -> None:
    """Export a model of the shape "vgg" with batch normalisation folded into the convolutions.

    The input is "images" float32 [n, 1, side_px, side_px] in 0..1, the outputs are "logits" [n, 7] and "votes" [n, 8],
    as in ``training.export.export``. The file is written atomically.

    Args:
        model: The network.
        path: The ONNX file to write.
        side_px: The image side in pixels.

    Raises:
        ValueError: If the model has other layers.
    """
    import onnx

    make, arrays, nodes = onnx.helper.make_node, dict[str, NDArray[np.float32]](), list[Any]()
    arrays["deviation_floor"] = np.array(DEVIATION_FLOOR, np.float32)
    nodes += [
        make("ReduceMean", ["images"], ["mean"], name="mean", axes=[1, 2, 3], keepdims=1),
        make("Sub", ["images", "mean"], ["centred"], name="centre"),
        make("Mul", ["centred", "centred"], ["squares"], name="square"),
        make("ReduceMean", ["squares"], ["variance"], name="variance", axes=[1, 2, 3], keepdims=1),
        make("Sqrt", ["variance"], ["deviation"], name="deviation"),
        make("Add", ["deviation", "deviation_floor"], ["divisor"], name="floor"),
        make("Div", ["centred", "divisor"], ["standardised"], name="standardise"),
    ]
    last, layers = "standardised", list(model.features)
    for place, layer in enumerate(layers):
        output = f"features.{place}"
        if isinstance(layer, nn.Conv2d):
            arrays[f"{output}.weight"], arrays[f"{output}.bias"] = _fold(layer, layers[place + 1])
            inputs = [last, f"{output}.weight", f"{output}.bias"]
            nodes.append(make("Conv", inputs, [output], name=output, kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
        elif isinstance(layer, nn.MaxPool2d):
            nodes.append(make("MaxPool", [last], [output], name=output, kernel_shape=[2, 2], strides=[2, 2]))
        elif isinstance(layer, nn.ReLU):
            nodes.append(make("Relu", [last], [output], name=output))
        elif isinstance(layer, nn.BatchNorm2d):
            continue
        else:
            raise ValueError(f"only plain convolutions can be exported, not {type(layer).__name__}")
        last = output
    nodes.append(make("ReduceMean", [last], ["pooled"], name="pool", axes=[2, 3], keepdims=0))
    for name, layer in (("logits", model.label), ("votes", model.votes)):
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = (_array(part) for part in (layer.weight, layer.bias))
        nodes.append(make("Gemm", ["pooled", f"{name}.weight", f"{name}.bias"], [name], name=name, transB=1))
    graph = onnx.helper.make_graph(
        nodes,
        "expression",
        [onnx.helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, ["n", 1, side_px, side_px])],
        [
            onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["n", len(model.label.bias)]),
            onnx.helper.make_tensor_value_info("votes", onnx.TensorProto.FLOAT, ["n", len(model.votes.bias)]),
        ],
        [onnx.numpy_helper.from_array(values, name) for name, values in arrays.items()],
    )
    opset = onnx.helper.make_opsetid("", OPSET)
    onnx_model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    onnx.checker.check_model(onnx_model)
    temporary_path = path.with_suffix(".part")
    temporary_path.write_bytes(onnx_model.SerializeToString())
    temporary_path.replace(path)


def _fold(layer: nn.Conv2d, norm: nn.Module) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and bias of a convolution that is equivalent to ``layer`` followed by ``norm``."""
    if not isinstance(norm, nn.BatchNorm2d):
        raise ValueError("every convolution must be followed by batch normalisation")
    with torch.no_grad():
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        return _array(layer.weight * scale.view(-1, 1, 1, 1)), _array(norm.bias - scale * norm.running_mean)


def _array(values: torch.Tensor) -> NDArray[np.float32]:
    return np.asarray(values.detach().float().cpu().contiguous().numpy(), dtype=np.float32)
