"""Makes a stand-in for DeepFace's network if its weights are unavailable: the same layers with random weights.

It takes the same time and has the same input and output shapes; its output is meaningless.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PLACE: Final = Path(".deepface") / "weights" / "facial_expression_model_weights.onnx"
"""The path of DeepFace's network in the folder DEEPFACE_HOME."""

#: Operator, then the shape of its weights or the side of its window; as in deepface/models/demography (0.0.103).
_LAYERS: Final[tuple[tuple[str, tuple[int, ...]], ...]] = (
    ("Conv", (64, 1, 5, 5)),
    ("MaxPool", (5, 5)),
    ("Conv", (64, 64, 3, 3)),
    ("Conv", (64, 64, 3, 3)),
    ("AveragePool", (3, 3)),
    ("Conv", (128, 64, 3, 3)),
    ("Conv", (128, 128, 3, 3)),
    ("AveragePool", (3, 3)),
    ("Flatten", ()),
    ("Gemm", (128, 1024)),
    ("Gemm", (1024, 1024)),
    ("Gemm", (1024, 7)),
)


def make_stand_in(home: Path) -> Path:
    """Write the network, always the same one, to its path in ``home``, and return that path."""
    path = home / PLACE
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(network(), path)
    return path


def network() -> onnx.ModelProto:
    """The network, from float [n, 48, 48, 1] in 0..1 to seven probabilities."""
    rng = np.random.default_rng(0)
    nodes = [helper.make_node("Transpose", ["faces"], ["t0"], perm=[0, 3, 1, 2])]
    weights = []
    for index, (operator, shape) in enumerate(_LAYERS):
        last, name = f"t{index}", f"t{index + 1}"
        if operator in ("Conv", "Gemm"):
            inputs = int(np.prod(shape[1:])) if operator == "Conv" else shape[0]
            values = rng.normal(0, np.sqrt(2 / inputs), shape).astype(np.float32)
            biases = np.zeros(shape[0] if operator == "Conv" else shape[1], np.float32)
            weights += [numpy_helper.from_array(values, f"w{index}"), numpy_helper.from_array(biases, f"b{index}")]
            end = "logits" if index == len(_LAYERS) - 1 else f"{name}r"
            nodes.append(helper.make_node(operator, [last, f"w{index}", f"b{index}"], [end]))
            if end != "logits":
                nodes.append(helper.make_node("Relu", [end], [name]))
        elif operator == "Flatten":
            nodes.append(helper.make_node(operator, [last], [name]))
        else:
            nodes.append(helper.make_node(operator, [last], [name], kernel_shape=shape, strides=[2, 2]))
    nodes.append(helper.make_node("Softmax", ["logits"], ["shares"], axis=1))
    graph = helper.make_graph(
        nodes,
        "stand-in",
        [helper.make_tensor_value_info("faces", TensorProto.FLOAT, ["n", 48, 48, 1])],
        [helper.make_tensor_value_info("shares", TensorProto.FLOAT, ["n", 7])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
