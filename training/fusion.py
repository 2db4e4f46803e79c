"""Measure what blendshapes add: ``python -m training.fusion --data fer2013.csv --views runs/views.npz``.

The 52 blendshapes come from a network that was trained on better images than FER2013's. Two ways to combine them with
the expression network are compared, on detected crops only, as the original crops have no blendshapes:

- A second classifier predicts the label from the blendshapes alone; its log-probabilities are added with a weight that
  is chosen on one half of PublicTest for the other half.
- A small head corrects the network's log-probabilities, given these and the blendshapes. It is cross-fitted on fifths
  of PublicTest. The network is more confident on its own Training rows, so a head fitted on those relies on it too
  much; this is measured as well.

For each, the numbers of corrected and of newly wrong rows are printed, and their difference in standard deviations of
chance (McNemar 1947).
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
from training.augment import Jitter, augment
from training.data import CLASSES, DATA_HELP, Rows, read
from training.detected import DetectedCrops
from training.exit_on_error import exit_on_error
from training.export import MODELS, logits_of

WEIGHTS = np.linspace(0, 1.5, 31)
FOLDS = 5

DECAYS = (0.003, 0.01, 0.03, 0.1, 0.3)
"""Candidates for the weight decay of a head."""


def blendshape_reader(blendshapes: Tensor, labels: Tensor, *, epochs: int = 40, seed: int = 1) -> nn.Module:
    """Train a small classifier of blendshapes.

    Args:
        blendshapes: float32 [n, 52].
        labels: int64 [n].
        epochs: The number of passes over the rows.
        seed: The random seed.

    Returns:
        A network that maps blendshapes to logits [n, 7], in evaluation mode.
    """
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


class Head(nn.Module):
    """Corrects log-probabilities float32 [n, 7], given these and further features float32 [n, k].

    Initialised to no correction and fitted with weight decay, so that without information the log-probabilities stay
    unchanged.

    Args:
        inputs: The number of inputs, 7 + k.
        hidden: The size of the hidden layer; 0 for a linear head.
        seed: The random seed.
    """

    def __init__(self, inputs: int, *, hidden: int, seed: int = 1) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.norm = nn.BatchNorm1d(inputs, affine=False, momentum=None)
        self.inner = nn.Sequential(nn.Linear(inputs, hidden), nn.Tanh()) if hidden else nn.Identity()
        self.last = nn.Linear(hidden or inputs, len(CLASSES))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, log_probabilities: Tensor, features: Tensor) -> Tensor:
        """Corrected log-probabilities [n, 7], unnormalised."""
        return log_probabilities + self.last(self.inner(self.norm(torch.cat([log_probabilities, features], dim=1))))


def fit_head(log_probabilities: Tensor, features: Tensor, labels: Tensor, *, hidden: int) -> Head:
    """Fit a head, with the weight decay that is best on a held-out quarter of the rows.

    Args:
        log_probabilities: The network's log-probabilities, float32 [n, 7].
        features: Further inputs, float32 [n, k].
        labels: int64 [n].
        hidden: The size of the hidden layer; 0 for a linear head.

    Returns:
        The head, fitted on all rows.
    """
    quarter = torch.arange(len(labels)) % 4 == 0

    def loss_of(decay: float) -> float:
        head = _fit_head(log_probabilities[~quarter], features[~quarter], labels[~quarter], hidden=hidden, decay=decay)
        return float(
            functional.cross_entropy(_correct(head, log_probabilities[quarter], features[quarter]), labels[quarter])
        )

    return _fit_head(log_probabilities, features, labels, hidden=hidden, decay=min(DECAYS, key=loss_of))


def _fit_head(log_probabilities: Tensor, features: Tensor, labels: Tensor, *, hidden: int, decay: float) -> Head:
    head = Head(log_probabilities.shape[1] + features.shape[1], hidden=hidden)
    head(log_probabilities, features)  # computes the mean and deviation of the inputs
    head.eval()
    optimiser = torch.optim.LBFGS(head.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        size = sum(weights.square().sum() for weights in head.parameters())
        value = functional.cross_entropy(head(log_probabilities, features), labels) + decay * size
        value.backward()
        return value

    optimiser.step(loss)
    return head


@torch.no_grad()
def _correct(head: Head, log_probabilities: Tensor, features: Tensor) -> Tensor:
    return head(log_probabilities, features)


def cross_fit(log_probabilities: Tensor, features: Tensor, labels: Tensor, *, hidden: int) -> Tensor:
    """Correct each fifth of the rows with a head that is fitted on the other four.

    Args:
        log_probabilities: The network's log-probabilities, float32 [n, 7].
        features: Further inputs, float32 [n, k].
        labels: int64 [n].
        hidden: The size of the hidden layer; 0 for a linear head.

    Returns:
        Corrected log-probabilities, float32 [n, 7].
    """
    result, part = torch.empty_like(log_probabilities), torch.arange(len(labels)) % FOLDS
    for fold in range(FOLDS):
        selected, left = part != fold, part == fold
        head = fit_head(log_probabilities[selected], features[selected], labels[selected], hidden=hidden)
        result[left] = _correct(head, log_probabilities[left], features[left])
    return result


def add_second_classifier(network: Tensor, second: Tensor, labels: NDArray[np.int64]) -> Tensor:
    """Add the second classifier's log-probabilities, with the weight that is best on the other half of the rows."""
    halves = np.arange(len(labels)) % 2 == 0
    result = torch.empty_like(network)
    for half in (halves, ~halves):
        rights = [float((_top(network[~half] + weight * second[~half]) == labels[~half]).mean()) for weight in WEIGHTS]
        result[half] = network[half] + float(WEIGHTS[int(np.argmax(rights))]) * second[half]
    return result


def comparison_line(name: str, scores: Tensor, network: Tensor, labels: NDArray[np.int64]) -> str:
    """A line with the accuracy of ``scores`` and the significance of its difference to the network alone."""
    right, before = _top(scores) == labels, _top(network) == labels
    better, worse = int((right & ~before).sum()), int((before & ~right).sum())
    deviations = (better - worse) / max(1.0, (better + worse) ** 0.5)
    return f"{name:52} {100 * right.mean():.2f} %   {better:+5d} {-worse:+5d} rows, {deviations:+.1f} deviations"


def _top(scores: Tensor) -> NDArray[np.int64]:
    return np.asarray(scores.argmax(1).numpy(), dtype=np.int64)


def _detected_rows(rows: Rows, views: DetectedCrops) -> tuple[Rows, Tensor, NDArray[np.uint8]]:
    """The rows with a detected face, their blendshapes and detected crops."""
    found = views.found[rows.places]
    selected = rows.take(found)
    return selected, torch.from_numpy(views.blendshapes[selected.places]), views.crops[selected.places]


def _log_probabilities(crops: NDArray[np.float32], network: Path) -> Tensor:
    return torch.from_numpy(logits_of(network, crops)).log_softmax(dim=1)


def _jittered(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Augmented crops, which the network has not been trained on exactly, float32 [n, 1, 48, 48]."""
    generator = torch.Generator().manual_seed(1)
    batches = torch.from_numpy(as_input(crops)).split(256)
    return torch.cat([augment(batch, Jitter(), generator, side_px=48) for batch in batches]).numpy()


def main() -> None:
    """Parse the command line, fit the combinations, and print their accuracies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--views", type=Path, required=True, help="output of training.views")
    parser.add_argument(
        "--network", type=Path, default=MODELS / "expression.onnx", help="ONNX file (default: the shipped network)"
    )
    arguments = parser.parse_args()
    with exit_on_error():
        _compare(arguments)


def _compare(arguments: argparse.Namespace) -> None:
    data = read(arguments.data)
    views = DetectedCrops.read(arguments.views, data.rows.images)
    training, blendshapes, training_crops = _detected_rows(data.training(), views)
    public, features, crops = _detected_rows(data.part("PublicTest"), views)
    network = _log_probabilities(as_input(crops), arguments.network)
    labels = torch.from_numpy(public.labels)

    print(f"{len(public)} PublicTest rows with a detected face")
    print(comparison_line("network alone", network, network, public.labels))
    reader = blendshape_reader(blendshapes, torch.from_numpy(training.labels))
    with torch.no_grad():
        second = reader(features).log_softmax(dim=1)
    print(comparison_line("blendshapes alone", second, network, public.labels))
    print(
        comparison_line(
            "second reader added", add_second_classifier(network, second, public.labels), network, public.labels
        )
    )
    nothing = features[:, :0]
    for name, hidden in (("linear head", 0), ("head with 8 hidden", 8)):
        for words, inputs in (("network alone", nothing), ("network and blendshapes", features)):
            scores = cross_fit(network, inputs, labels, hidden=hidden)
            print(comparison_line(f"{name} over {words}", scores, network, public.labels), flush=True)
    jittered_logits = _log_probabilities(_jittered(training_crops), arguments.network)
    head = fit_head(jittered_logits, blendshapes, torch.from_numpy(training.labels), hidden=0)
    right = float((_top(jittered_logits) == training.labels).mean())
    name = f"linear head over both, from Training ({100 * right:.0f} % right)"
    print(comparison_line(name, _correct(head, network, features), network, public.labels))


if __name__ == "__main__":
    main()
