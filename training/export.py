"""Turn a trained network into what mien ships: ``python -m training.export runs/student-1 --data fer2013.csv``.

Writes ``expression.onnx`` and ``expression.json`` into ``src/mien/models``. The temperature and the threshold of
``confident`` are chosen on PublicTest; ``training.report`` scores the result.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.data import CLASSES, Fer2013, Rows, read
from training.model import ExpressionNet, parameter_count
from training.recipes import Recipe
from training.train import load

MODELS = Path("src/mien/models")
NAME = "mien-expression-2"
CONFIDENT_COVERAGE = 0.8
"""The share of PublicTest that ``confident`` keeps: the least certain fifth is called not sure."""


def export(model: ExpressionNet, path: Path) -> None:
    """Write ``model`` as ONNX: "images" float32 [n, 1, 48, 48] in 0..1 to "logits" [n, 7] and "votes" [n, 8]."""
    example = torch.rand(2, 1, 48, 48)
    program = torch.onnx.export(
        model.eval(),
        (example,),
        input_names=["images"],
        output_names=["logits", "votes"],
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
    batches = np.array_split(images, 1 + len(images) // 256)
    return np.concatenate([session.run(["logits"], {"images": batch})[0] for batch in batches])


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., ICML 2017), to two decimals."""
    candidates = np.arange(0.3, 3.0, 0.01)
    losses = [-np.log(softmax(logits / t)[np.arange(len(labels)), labels] + 1e-12).mean() for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 2)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities [n, 7]."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def card(path: Path, public: Rows, parameters: int, recipe: Recipe) -> dict[str, Any]:
    """Everything the reader needs to use the network, and how it was made."""
    logits = logits_of(path, public.images[:, None].astype(np.float32) / np.float32(255))
    temperature = fit_temperature(logits, public.labels)
    top = softmax(logits / temperature).max(axis=1)
    return {
        "name": NAME,
        "classes": CLASSES,
        "input_px": 48,
        "temperature": temperature,
        "confidence_threshold": round(float(np.quantile(top, 1 - CONFIDENT_COVERAGE)), 3),
        "parameters": parameters,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "recipe": asdict(recipe),
    }


def ship(run: Path, data: Fer2013, out: Path = MODELS) -> None:
    """Export the network of ``run`` with its card into ``out``."""
    recipe, model = load(run)
    path = out / "expression.onnx"
    export(model, path)
    settings = card(path, data.part("PublicTest"), parameter_count(model), recipe)
    path.with_suffix(".json").write_text(json.dumps(settings, indent=2) + "\n")
    print(f"{run.name} is in {path}: temperature {settings['temperature']}")


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of a training run")
    parser.add_argument("--data", type=Path, required=True, help="fer2013.csv or the packed fer2013.zip")
    parser.add_argument("--out", type=Path, default=MODELS, help="folder for the network and its card")
    arguments = parser.parse_args()
    ship(arguments.run, read(arguments.data), arguments.out)


if __name__ == "__main__":
    main()
