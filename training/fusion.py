"""Does it help to ask the blendshapes too? ``python -m training.fusion --data fer2013.csv --views runs/views.npz``.

The 52 blendshapes come from a network that has seen better pictures than FER2013's. Two ways are tried to ask them
beside the expression network, behind the detector only, for a crop as given has no blendshapes:

- A second reader learns the label from the blendshapes alone; its log-probabilities are added with a weight that is
  chosen on one half of PublicTest for the other.
- A small head over the network's log-probabilities and the blendshapes corrects the former. It is fitted on four fifths
  of PublicTest and scored on the fifth that is left, five times: the network is surer of its own Training rows than of
  any others, so a head that is fitted on those learns to trust it. That one is tried as well.

Beside each stands how many rows it sets right and how many wrong, and how many standard deviations of chance the
difference is (McNemar 1947).
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
"""Which weights of the squares of a head's weights are tried."""


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


class Head(nn.Module):
    """Corrects log-probabilities float32 [n, 7] by what it makes of them and of ``beside`` float32 [n, k].

    Linear where ``hidden`` is 0, else with one hidden layer. It begins with no correction at all, and its weights are
    held small, so that with nothing to learn it leaves the network's word as it is.
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
        """Corrected log-probabilities [n, 7], not normalised."""
        return log_probabilities + self.last(self.inner(self.norm(torch.cat([log_probabilities, features], dim=1))))


def fit_head(log_probabilities: Tensor, features: Tensor, labels: Tensor, *, hidden: int) -> Head:
    """A head fitted on these rows, held as small as does best on a quarter of them when fitted on the others."""
    quarter = torch.arange(len(labels)) % 4 == 0

    def loss_of(decay: float) -> float:
        head = _fit_head(log_probabilities[~quarter], features[~quarter], labels[~quarter], hidden=hidden, decay=decay)
        return float(
            functional.cross_entropy(_correct(head, log_probabilities[quarter], features[quarter]), labels[quarter])
        )

    return _fit_head(log_probabilities, features, labels, hidden=hidden, decay=min(DECAYS, key=loss_of))


def _fit_head(log_probabilities: Tensor, features: Tensor, labels: Tensor, *, hidden: int, decay: float) -> Head:
    head = Head(log_probabilities.shape[1] + features.shape[1], hidden=hidden)
    head(log_probabilities, features)  # the mean and deviation of the inputs
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
    """Each row's log-probabilities as a head corrects them that was fitted on the other four fifths."""
    result, part = torch.empty_like(log_probabilities), torch.arange(len(labels)) % FOLDS
    for fold in range(FOLDS):
        selected, left = part != fold, part == fold
        head = fit_head(log_probabilities[selected], features[selected], labels[selected], hidden=hidden)
        result[left] = _correct(head, log_probabilities[left], features[left])
    return result


def add_second_classifier(network: Tensor, second: Tensor, labels: NDArray[np.int64]) -> Tensor:
    """The second reader's log-probabilities added, with the weight that does best on the other half of the rows."""
    halves = np.arange(len(labels)) % 2 == 0
    result = torch.empty_like(network)
    for half in (halves, ~halves):
        rights = [float((_top(network[~half] + weight * second[~half]) == labels[~half]).mean()) for weight in WEIGHTS]
        result[half] = network[half] + float(WEIGHTS[int(np.argmax(rights))]) * second[half]
    return result


def comparison_line(name: str, scores: Tensor, network: Tensor, labels: NDArray[np.int64]) -> str:
    """Accuracy of ``scores``, and how far from chance its difference to the network alone is."""
    right, before = _top(scores) == labels, _top(network) == labels
    better, worse = int((right & ~before).sum()), int((before & ~right).sum())
    deviations = (better - worse) / max(1.0, (better + worse) ** 0.5)
    return f"{name:52} {100 * right.mean():.2f} %   {better:+5d} {-worse:+5d} rows, {deviations:+.1f} deviations"


def _top(scores: Tensor) -> NDArray[np.int64]:
    return np.asarray(scores.argmax(1).numpy(), dtype=np.int64)


def _detected_rows(rows: Rows, views: DetectedCrops) -> tuple[Rows, Tensor, NDArray[np.uint8]]:
    """The rows where a face was found, their blendshapes and mien's crops."""
    found = views.found[rows.places]
    selected = rows.take(found)
    return selected, torch.from_numpy(views.blendshapes[selected.places]), views.crops[selected.places]


def _log_probabilities(crops: NDArray[np.float32], network: Path) -> Tensor:
    return torch.from_numpy(logits_of(network, crops)).log_softmax(dim=1)


def _jittered(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Views that the network has not seen just so, float32 [n, 1, 48, 48]."""
    generator = torch.Generator().manual_seed(1)
    batches = torch.from_numpy(as_input(crops)).split(256)
    return torch.cat([augment(batch, Jitter(), generator, side_px=48) for batch in batches]).numpy()


def main() -> None:
    """Parse the command line, fit what asks the blendshapes too, and print what that adds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help=DATA_HELP)
    parser.add_argument("--views", type=Path, required=True, help="what training.views wrote")
    parser.add_argument("--network", type=Path, default=MODELS / "expression.onnx", help="default: the shipped one")
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

    print(f"{len(public)} PublicTest rows with a face, read behind the detector")
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
