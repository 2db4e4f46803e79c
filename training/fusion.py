"""Does it help to ask the blendshapes too? ``python -m training.fusion --data fer2013.csv --views runs/views.npz``.

A second reader learns the label from the 52 blendshapes alone, which come from a network that has seen better pictures
than FER2013's. Its say is added to the expression network's, log-probability to log-probability, with the weight that
does best on one half of PublicTest; the other half is scored, and the halves swapped. Behind the detector only: a crop
as given has no blendshapes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mien.face.classifiers.onnx import as_input
from training.data import CLASSES, DATA_HELP, Rows, read
from training.export import MODELS, logits_of
from training.views import Views

WEIGHTS = np.linspace(0, 1.5, 31)


def blendshape_reader(blendshapes: Tensor, labels: Tensor, *, epochs: int = 40, seed: int = 1) -> nn.Module:
    """A small network from blendshapes float32 [n, 52] to the logits of ``labels`` int64 [n]."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(blendshapes.shape[1], 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, len(CLASSES)))
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for index in torch.randperm(len(labels)).split(256):
            loss = functional.cross_entropy(model(blendshapes[index]), labels[index])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
    return model.eval()


def fused_accuracy(network: Tensor, second: Tensor, labels: NDArray[np.int64]) -> tuple[float, float]:
    """Accuracy with the second reader's log-probabilities added, and their mean weight, by two-fold validation."""
    halves = np.arange(len(labels)) % 2 == 0
    right, weights = 0, []
    for half in (halves, ~halves):
        scores = [_accuracy(network[~half] + weight * second[~half], labels[~half]) for weight in WEIGHTS]
        weights.append(float(WEIGHTS[int(np.argmax(scores))]))
        right += round(_accuracy(network[half] + weights[-1] * second[half], labels[half]) * int(half.sum()))
    return right / len(labels), float(np.mean(weights))


def _accuracy(scores: Tensor, labels: NDArray[np.int64]) -> float:
    return float((scores.argmax(1).numpy() == labels).mean())


def _seen(rows: Rows, views: Views) -> tuple[Rows, Tensor, NDArray[np.uint8]]:
    """The rows where a face was found, their blendshapes and mien's crops."""
    found = views.found[rows.places]
    kept = rows.take(found)
    return kept, torch.from_numpy(views.blendshapes[kept.places]), views.crops[kept.places]


def main() -> None:
    """Parse the command line, train the second reader and print what it adds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--views", type=Path, required=True, help="what training.views wrote")
    arguments = parser.parse_args()
    data = read(arguments.data)
    views = Views.read(arguments.views, data.rows.images)
    training, blendshapes, _ = _seen(data.training(), views)
    public, public_blendshapes, crops = _seen(data.part("PublicTest"), views)
    reader = blendshape_reader(blendshapes, torch.from_numpy(training.labels))
    with torch.no_grad():
        second = reader(public_blendshapes).log_softmax(dim=1)
    network = torch.from_numpy(logits_of(MODELS / "expression.onnx", as_input(crops))).log_softmax(dim=1)
    fused, weight = fused_accuracy(network, second, public.labels)
    print(f"{len(public)} PublicTest rows with a face, read behind the detector")
    print(f"blendshapes alone   {100 * _accuracy(second, public.labels):.2f} %")
    print(f"network alone       {100 * _accuracy(network, public.labels):.2f} %")
    print(f"both, weight {weight:.2f}   {100 * fused:.2f} %")


if __name__ == "__main__":
    main()
