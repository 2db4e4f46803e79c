"""Turn a trained network into what mien ships: ``python -m training.export runs/first/best.pt --data fer2013.zip``.

Writes ``expression.onnx`` and ``expression.json`` into ``src/mien/models``. The temperature and the threshold of
``confident`` are chosen on PublicTest; PrivateTest is scored only with ``--final``, once the choice is made.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.data import CLASSES, Fer2013, read
from training.model import ExpressionNet, parameter_count
from training.train import as_tensor

MODELS = Path("src/mien/models")
NAME = "mien-expression-1"
CONFIDENT_COVERAGE = 0.8
"""The share of PublicTest that ``confident`` keeps: the least certain fifth is called not sure."""


def export(model: ExpressionNet, path: Path) -> None:
    """Write ``model`` as ONNX: "images" float32 [n, 1, 48, 48] in 0..1 to "logits" float32 [n, 7]."""
    example = torch.rand(2, 1, 48, 48)
    program = torch.onnx.export(
        model.eval(),
        (example,),
        input_names=["images"],
        output_names=["logits"],
        dynamic_shapes={"images": {0: torch.export.Dim("n")}},
        dynamo=True,
        verbose=False,
    )
    forget_origin(program.model)
    program.save(str(path))


def forget_origin(model: Any) -> None:
    """Drop the notes that PyTorch leaves on every node: file names and stack traces of the machine that exported."""
    model.metadata_props.clear()
    model.graph.metadata_props.clear()
    for node in model.graph:
        node.metadata_props.clear()
        for value in node.outputs:
            value.metadata_props.clear()
    for value in (*model.graph.inputs, *model.graph.initializers.values()):
        value.metadata_props.clear()


def logits_of(path: Path, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """What ONNX Runtime says of pictures [n, 1, 48, 48]: what will be shipped is what is measured."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # its builds report to Microsoft from the import on
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"images": batch})[0] for batch in np.array_split(images, 20)])


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., ICML 2017), to two decimals."""
    candidates = np.arange(0.3, 3.0, 0.01)
    losses = [-np.log(softmax(logits / t)[np.arange(len(labels)), labels] + 1e-12).mean() for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 2)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities [n, 7]."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def card(path: Path, data: Fer2013, parameters: int, recipe: dict[str, Any], splits: tuple[str, ...]) -> dict[str, Any]:
    """Everything the reader needs to use the network, and its scores."""
    public = data.part("PublicTest")
    logits = logits_of(path, as_tensor(public).numpy())
    temperature = fit_temperature(logits, public.labels)
    top = softmax(logits / temperature).max(axis=1)
    threshold = round(float(np.quantile(top, 1 - CONFIDENT_COVERAGE)), 3)
    scores = {}
    for split in splits:
        rows, unleaked = data.part(split), data.unleaked(split)
        right = logits_of(path, as_tensor(rows).numpy()).argmax(axis=1) == rows.labels
        scores[split] = {
            "rows": len(rows),
            "accuracy": round(float(right.mean()), 4),
            "accuracy_without_copies_in_training": round(float(right[unleaked].mean()), 4),
        }
    return {
        "name": NAME,
        "classes": CLASSES,
        "input_px": 48,
        "temperature": temperature,
        "confidence_threshold": threshold,
        "parameters": parameters,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "recipe": recipe,
        "scores": scores,
    }


def main() -> None:
    """Parse the command line, export and score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="best.pt of a training run")
    parser.add_argument("--data", type=Path, required=True, help="fer2013.csv or the packed fer2013.zip")
    parser.add_argument("--out", type=Path, default=MODELS, help="folder for the network and its card")
    parser.add_argument("--final", action="store_true", help="score PrivateTest too: the choice is made")
    arguments = parser.parse_args()
    model = ExpressionNet()
    model.load_state_dict(torch.load(arguments.weights, map_location="cpu", weights_only=True))
    onnx_path = arguments.out / "expression.onnx"
    export(model, onnx_path)
    recipe = json.loads((arguments.weights.parent / "recipe.json").read_text())
    splits = ("PublicTest", "PrivateTest") if arguments.final else ("PublicTest",)
    result = card(onnx_path, read(arguments.data), parameter_count(model), recipe, splits)
    (arguments.out / "expression.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result["scores"], indent=2))


if __name__ == "__main__":
    main()
