"""Networks with known outputs, for tests."""

import json
from pathlib import Path

import numpy as np
import onnx

SHARPNESS = 400.0


def write_network(path: Path, *, votes: bool = True, offset: float = 0.0) -> Path:
    """Write a network that classifies by mean gray g: the class is the seventh (eighth for votes) of g + ``offset``.

    The nearest centre c has the largest 2 g c - c².

    Args:
        path: The ONNX file to write.
        votes: Whether the network has a votes output.
        offset: A shift of the gray level.

    Returns:
        The path.
    """
    weights, nodes = [], [onnx.helper.make_node("ReduceMean", ["images"], ["gray"], axes=[2, 3], keepdims=0)]
    outputs = {"logits": 7, "votes": 8} if votes else {"logits": 7}
    for name, count in outputs.items():
        centres = (np.arange(count, dtype=np.float32) + 0.5) / count - offset
        weights += [
            onnx.numpy_helper.from_array(SHARPNESS * 2 * centres[None], f"{name}_slope"),
            onnx.numpy_helper.from_array(-SHARPNESS * centres**2, f"{name}_bias"),
        ]
        nodes.append(onnx.helper.make_node("Gemm", ["gray", f"{name}_slope", f"{name}_bias"], [name]))
    graph = onnx.helper.make_graph(
        nodes,
        "by_brightness",
        [onnx.helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, ["n", 1, 48, 48])],
        [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", count])
            for name, count in outputs.items()
        ],
        weights,
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), path)
    settings = {"name": "by-brightness", "temperature": 1.0, "confidence_threshold": 0.5, "parameters": 30}
    path.with_suffix(".json").write_text(json.dumps(settings))
    return path
