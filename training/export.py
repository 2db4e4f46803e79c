"""Export a trained network for mien: ``python -m training.export runs/student-1-again --data fer2013.csv``.

Writes ``expression.onnx`` and ``expression.json`` into the run's folder; ``--ship NAME`` then replaces the shipped
network by it, under a new name. The temperature, the threshold of ``confident`` and the precision (int8 or float32)
are chosen on PublicTest. ``training.report`` scores the result.
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
"""The maximum loss of PublicTest accuracy (0..1) for int8, which is faster and a quarter of the size."""

TYPICAL_WITHIN = 0.15
"""The maximum deviation of a shipped network's neutral faces from ``TYPICAL_LOGS``, which are rounded to 0.1."""


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
    remove_metadata(program.model)
    program.save(str(path))


def remove_metadata(model: Any) -> None:
    """Remove PyTorch's metadata from all nodes: file names and stack traces of the exporting machine."""
    model.metadata_props.clear()
    model.graph.metadata_props.clear()
    for node in model.graph:
        node.metadata_props.clear()
        for value in node.outputs:
            value.metadata_props.clear()
    for value in (*model.graph.inputs, *model.graph.initializers.values()):
        value.metadata_props.clear()


def logits_of(path: Path, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits [n, 7] of images float32 [n, 1, 48, 48], computed by ONNX Runtime on the exported file."""
    session = open_session(path, threads=2)
    batches = np.array_split(images, 1 + len(images) // 256)
    return np.concatenate([session.run(["logits"], {"images": batch})[0] for batch in batches])


def settings_of(path: Path, public: Rows, *, name: str) -> dict[str, Any]:
    """The settings of the ONNX network at ``path``, chosen on PublicTest."""
    logits = logits_of(path, as_input(public.images))
    return settings_from(logits, public.labels, name=name, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def pack(run: Path, data: Fer2013, out: Path | None = None) -> Path:
    """Write ``expression.onnx`` and its settings, as int8 if that costs little accuracy on PublicTest.

    Args:
        run: The folder of the training run.
        data: FER2013, for calibration and selection.
        out: The target folder; None for ``run``.

    Returns:
        The path of the ONNX file.
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
    """The precision to ship, given both accuracies (0..1) on PublicTest."""
    return "int8" if float32 - int8 < QUANTISATION_MAY_COST else "float32"


def ship(packed: Path, name: str, data: Fer2013, models: Path = MODELS) -> None:
    """Replace the network in ``models`` by a packed one, and report if ``TYPICAL_LOGS`` must be updated.

    Args:
        packed: The ONNX file that ``pack`` wrote.
        name: The new name of the network.
        data: FER2013.
        models: The folder of the shipped network.

    Raises:
        ValueError: If the network in ``models`` is a different one with the same name. A user's stored neutral
            face refers to the network by name.
    """
    settings = json.loads(packed.with_suffix(".json").read_text())
    path, settings_path = models / NETWORK, models / SETTINGS
    current = json.loads(settings_path.read_text()) if settings_path.exists() else {}
    if current.get("name") == name and current.get("sha256") != settings["sha256"]:
        raise ValueError(f"{name} is already the name of the network that ships now; choose a new name")
    models.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(packed, path)
    settings_path.write_text(json.dumps(settings | {"name": name}, indent=2) + "\n")
    print(f"{name} now ships as {path}")
    typical = typical_logs(path, data.part("PublicTest"), settings)
    if np.abs(typical - TYPICAL_LOGS).max() > TYPICAL_WITHIN:
        numbers = ", ".join(f"{value:.1f}" for value in typical)
        print(f"Its reading of neutral faces differs: in src/mien/mood/neutral.py, set TYPICAL_LOGS = ({numbers})")


def typical_logs(path: Path, rows: Rows, settings: Mapping[str, Any]) -> NDArray[np.float64]:
    """Median everyday reading of neutral faces, as centred log-probabilities.

    Args:
        path: The ONNX file.
        rows: Labelled rows; those labelled neutral are used.
        settings: The network's settings; without ``fusion``, only the first answer is used.

    Returns:
        float64 [7].
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
    parser.add_argument(
        "--ship", metavar="NAME", help=f"then ship it in {MODELS} as NAME, for example mien-expression-9"
    )
    arguments = parser.parse_args()
    with exit_on_error():
        data = read(arguments.data)
        packed = pack(arguments.run, data, arguments.out)
        if arguments.ship is not None:
            ship(packed, arguments.ship, data)


if __name__ == "__main__":
    main()
