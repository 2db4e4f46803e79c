"""Turn a trained network into what mien ships: ``python -m training.export runs/student-1 --data fer2013.csv``.

Writes ``expression.onnx`` and ``expression.json`` into ``src/mien/models``. The temperature and the threshold of
``confident`` are chosen on PublicTest, and so is whether eight bits do as well as thirty-two; ``training.report``
scores the result.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mien.face.classifiers.onnx import as_input, softmax
from mien.onnx_runtime import open_session
from training.data import CLASSES, DATA_HELP, Fer2013, Rows, read
from training.model import ExpressionNet, parameter_count
from training.quantise import CALIBRATION_ROWS, quantise
from training.train import load

MODELS = Path("src/mien/models")
NAME = "mien-expression-3"
CONFIDENT_COVERAGE = 0.8
"""The share of PublicTest that ``confident`` keeps: the least certain fifth is called not sure."""

QUANTISATION_MAY_COST = 0.002
"""How much of PublicTest's accuracy may go for int8, which is faster and a quarter of the size."""


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
    session = open_session(path, threads=2)
    batches = np.array_split(images, 1 + len(images) // 256)
    return np.concatenate([session.run(["logits"], {"images": batch})[0] for batch in batches])


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., ICML 2017), to two decimals."""
    candidates = np.arange(0.3, 3.0, 0.01)
    losses = [-np.log(softmax(logits / t)[np.arange(len(labels)), labels] + 1e-12).mean() for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 2)


def settings_of(path: Path, public: Rows) -> dict[str, Any]:
    """What a reader of the network in ``path`` needs: chosen on PublicTest."""
    logits = logits_of(path, as_input(public.images))
    temperature = fit_temperature(logits, public.labels)
    top = softmax(logits / temperature).max(axis=1)
    return {
        "name": NAME,
        "classes": CLASSES,
        "input_px": 48,
        "temperature": temperature,
        "confidence_threshold": round(float(np.quantile(top, 1 - CONFIDENT_COVERAGE)), 3),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def ship(run: Path, data: Fer2013, out: Path = MODELS) -> None:
    """Export the network of ``run`` with its settings into ``out``: as int8 where PublicTest hardly minds."""
    recipe, model = load(run)
    training, public = data.training(), data.part("PublicTest")
    float32, int8 = run / "float32.onnx", run / "int8.onnx"
    export(model, float32)
    sample = np.random.default_rng(recipe.seed).permutation(len(training))[:CALIBRATION_ROWS]
    quantise(float32, int8, as_input(training.images[sample]))
    scores = {path.stem: _accuracy(path, public) for path in (float32, int8)}
    for name, score in scores.items():
        print(f"{run.name} {name}: PublicTest {100 * score:.2f} %")
    chosen = int8 if scores["float32"] - scores["int8"] < QUANTISATION_MAY_COST else float32
    path = out / "expression.onnx"
    shutil.copyfile(chosen, path)
    settings = settings_of(path, public) | {
        "precision": chosen.stem,
        "parameters": parameter_count(model),
        "recipe": asdict(recipe),
    }
    path.with_suffix(".json").write_text(json.dumps(settings, indent=2) + "\n")
    print(f"shipped as {chosen.stem}, temperature {settings['temperature']}")


def _accuracy(path: Path, rows: Rows) -> float:
    return float((logits_of(path, as_input(rows.images)).argmax(axis=1) == rows.labels).mean())


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of a training run")
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--out", type=Path, default=MODELS, help="folder for the network and its card")
    arguments = parser.parse_args()
    ship(arguments.run, read(arguments.data), arguments.out)


if __name__ == "__main__":
    main()
