"""Turn a trained network into what mien ships: ``python -m training.export runs/student-1-again --data fer2013.csv``.

Writes ``expression.onnx`` and ``expression.json`` into the run's folder; ``--ship NAME`` then puts them, under a new
name, in the place of those that mien ships. The temperature and the threshold of
``confident`` are chosen on PublicTest, and so is whether eight bits do as well as thirty-two; ``training.report``
scores the result.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mien.face.classifiers.fusion import Fusion
from mien.face.classifiers.onnx import as_input, softmax
from mien.mood.logits import SMALLEST_PROBABILITY
from mien.mood.neutral import TYPICAL_LOGS
from mien.onnx_runtime import open_session
from training.data import CLASSES, DATA_HELP, Fer2013, Rows, read
from training.everyday import answers_of, read_everyday
from training.exit_on_error import exit_on_error
from training.model import parameter_count
from training.quantise import CALIBRATION_ROWS, quantise
from training.settings import settings_from
from training.train import load

MODELS = Path("src/mien/models")
NETWORK, SETTINGS = "expression.onnx", "expression.json"
QUANTISATION_MAY_COST = 0.002
"""How much of PublicTest's accuracy may go for int8, which is faster and a quarter of the size."""

TYPICAL_WITHIN = 0.15
"""How far the faces at rest of a shipped network may lie from ``TYPICAL_LOGS``, which are rounded to a tenth."""


def export(model: nn.Module, path: Path) -> None:
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


def settings_of(path: Path, public: Rows, *, name: str) -> dict[str, Any]:
    """What a reader of the network in ``path`` needs: chosen on PublicTest."""
    logits = logits_of(path, as_input(public.images))
    return settings_from(logits, public.labels, name=name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def pack(run: Path, data: Fer2013, out: Path | None = None) -> Path:
    """Write ``expression.onnx`` of the network in ``run``, and its settings, into ``out``, or into ``run`` itself.

    As int8 where PublicTest hardly minds. Returns the path of the ONNX file.
    """
    recipe, model = load(run)
    out = run if out is None else out
    out.mkdir(parents=True, exist_ok=True)
    training, public = data.training(), data.part("PublicTest")
    float32, int8 = out / "float32.onnx", out / "int8.onnx"
    export(model, float32)
    sample = np.random.default_rng(recipe.seed).permutation(len(training))[:CALIBRATION_ROWS]
    quantise(float32, int8, as_input(training.images[sample]))
    scores = {path.stem: _accuracy(path, public) for path in (float32, int8)}
    for precision, score in scores.items():
        print(f"{run.name} {precision}: PublicTest {100 * score:.2f} %")
    chosen = out / f"{precision_for(**scores)}.onnx"
    path = out / NETWORK
    shutil.copyfile(chosen, path)
    settings = settings_of(path, public, name=run.name) | {
        "precision": chosen.stem,
        "parameters": parameter_count(model),
        "recipe": asdict(recipe),
    }
    (out / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n")
    print(f"{path}: {chosen.stem}, temperature {settings['temperature']}", flush=True)
    return path


def precision_for(*, float32: float, int8: float) -> str:
    """Which of the two networks to take, by their accuracies on PublicTest, 0..1."""
    return "int8" if float32 - int8 < QUANTISATION_MAY_COST else "float32"


def ship(packed: Path, name: str, data: Fer2013, models: Path = MODELS) -> None:
    """Put a packed network into ``models`` as ``name``, over the one that is there.

    Raises ``ValueError`` where that is the name of the network that is there, and another network: what a person's
    "my neutral" was learnt with is known by its name. Says what else in mien hangs on the network.
    """
    settings = json.loads(packed.with_suffix(".json").read_text())
    path, card = models / NETWORK, models / SETTINGS
    before = json.loads(card.read_text()) if card.exists() else {}
    if before.get("name") == name and before.get("sha256") != settings["sha256"]:
        raise ValueError(f"{name} is the name of another network, the one that ships now; give this one a new name")
    models.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(packed, path)
    card.write_text(json.dumps(settings | {"name": name}, indent=2) + "\n")
    print(f"{name} ships: {path}")
    typical = typical_logs(path, data.part("PublicTest"), settings)
    if np.abs(typical - TYPICAL_LOGS).max() > TYPICAL_WITHIN:
        numbers = ", ".join(f"{value:.1f}" for value in typical)
        print(f"It sees faces at rest otherwise: in src/mien/mood/neutral.py, set TYPICAL_LOGS = ({numbers})")


def typical_logs(path: Path, rows: Rows, settings: Mapping[str, Any]) -> NDArray[np.float64]:
    """The medians of the everyday reading of resting faces, float64 [7] as centred log-probabilities.

    Args:
        path: The ONNX file.
        rows: Rows of which those labelled neutral are read.
        settings: The network's settings; without ``fusion`` in them its first answer is read.
    """
    resting = rows.take(rows.labels == CLASSES.index("neutral"))
    if "fusion" in settings:
        answers = answers_of(path, resting, temperature=settings["temperature"])
        probabilities = read_everyday(Fusion.from_settings(settings["fusion"]), answers)
    else:
        probabilities = softmax(logits_of(path, as_input(resting.images)) / settings["temperature"])
    logs = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    return np.asarray(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0), dtype=np.float64)


def _accuracy(path: Path, rows: Rows) -> float:
    return float((logits_of(path, as_input(rows.images)).argmax(axis=1) == rows.labels).mean())


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of a training run")
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--out", type=Path, help="folder for the network and its settings (default: that of the run)")
    parser.add_argument("--ship", metavar="NAME", help=f"then ship it in {MODELS} as NAME, such as mien-expression-9")
    arguments = parser.parse_args()
    with exit_on_error():
        data = read(arguments.data)
        packed = pack(arguments.run, data, arguments.out)
        if arguments.ship is not None:
            ship(packed, arguments.ship, data)


if __name__ == "__main__":
    main()
