"""Train the expression network on FER2013: ``python -m training.train --data fer2013.csv --out runs/first``.

Selected on PublicTest, never on PrivateTest. Every epoch leaves a checkpoint that the same command resumes from.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.augment import Jitter, augment
from training.data import Rows, read, soft_targets
from training.model import ExpressionNet, parameter_count, pick_device


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that sets the result, written beside it."""

    seed: int = 1
    epochs: int = 45
    batch_size: int = 128
    learning_rate: float = 0.1
    weight_decay: float = 5e-4
    momentum: float = 0.9
    warmup_epochs: float = 3.0
    ema_decay: float = 0.998
    vote_weight: float = 0.3
    smoothing: float = 0.05
    jitter: Jitter = field(default_factory=Jitter)


class Average:
    """An exponential moving average of a model's weights and statistics: the network that is kept."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval()
        self._decay = decay
        self._steps = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move a step towards ``model``; short steps at the start, so the first weights do not linger."""
        self._steps += 1
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        for kept, new in zip(self.model.state_dict().values(), model.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)


def learning_rate(recipe: Recipe, epoch: float) -> float:
    """A linear warm-up, then half a cosine down to nothing."""
    if epoch < recipe.warmup_epochs:
        return recipe.learning_rate * (epoch + 1e-3) / recipe.warmup_epochs
    progress = (epoch - recipe.warmup_epochs) / (recipe.epochs - recipe.warmup_epochs)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def as_tensor(rows: Rows) -> Tensor:
    """Pictures float32 [n, 1, 48, 48] in 0..1."""
    return torch.from_numpy(rows.images).unsqueeze(1).float() / 255


@torch.no_grad()
def predict(model: nn.Module, images: Tensor, *, mirror: bool = False) -> Tensor:
    """Probabilities float32 [n, 7] on the CPU, averaged with the mirrored picture's when ``mirror``."""
    device = next(model.parameters()).device
    model.eval()
    parts = []
    for batch in images.split(512):
        batch = batch.to(device)
        probabilities = model(batch).float().softmax(dim=1)
        if mirror:
            probabilities = (probabilities + model(batch.flip(3)).float().softmax(dim=1)) / 2
        parts.append(probabilities.cpu())
    return torch.cat(parts)


def accuracy(model: nn.Module, rows: Rows) -> float:
    """The share of ``rows`` whose likeliest expression is the label."""
    return float((predict(model, as_tensor(rows)).argmax(1).numpy() == rows.labels).mean())


def train_epoch(
    model: nn.Module,
    average: Average,
    optimiser: torch.optim.Optimizer,
    images: Tensor,
    targets: Tensor,
    *,
    recipe: Recipe,
    epoch: int,
    generator: torch.Generator,
) -> float:
    """One pass over the training rows; the mean loss."""
    device = next(model.parameters()).device
    model.train()
    losses = []
    batches = torch.randperm(len(images), generator=generator).split(recipe.batch_size)
    for number, index in enumerate(batches):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(recipe, epoch + number / len(batches))
        views = augment(images[index].to(device), recipe.jitter, generator)
        with torch.autocast(device.type, torch.bfloat16):
            logits = model(views.to(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits.float(), targets[index].to(device))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        average.update(model)
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def train(data_path: Path, out: Path, recipe: Recipe) -> None:
    """Train as ``recipe`` says; ``out`` receives ``checkpoint.pt``, ``best.pt`` and ``log.jsonl``."""
    torch.manual_seed(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    device = pick_device()
    data = read(data_path)
    training, public = data.training(), data.part("PublicTest")
    images = as_tensor(training)
    targets = torch.from_numpy(soft_targets(training, vote_weight=recipe.vote_weight, smoothing=recipe.smoothing))

    model = ExpressionNet().to(device, memory_format=torch.channels_last)
    average = Average(model, recipe.ema_decay)
    optimiser = torch.optim.SGD(
        model.parameters(), lr=0.1, momentum=recipe.momentum, weight_decay=recipe.weight_decay, nesterov=True
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2))
    print(f"{len(training)} rows, {parameter_count(model) / 1e6:.2f} M parameters, {device}", flush=True)

    first, best = 0, 0.0
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.model.load_state_dict(state["average"])
        average._steps = state["steps"]
        optimiser.load_state_dict(state["optimiser"])
        generator.set_state(state["generator"])
        first, best = state["epoch"] + 1, state["best"]

    for epoch in range(first, recipe.epochs):
        started = time.monotonic()
        loss = train_epoch(model, average, optimiser, images, targets, recipe=recipe, epoch=epoch, generator=generator)
        score = accuracy(average.model, public)
        line = {"epoch": epoch, "loss": round(loss, 4), "public": round(score, 4)}
        line["seconds"] = round(time.monotonic() - started, 1)
        print(json.dumps(line), flush=True)
        with (out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        if score > best:
            best = score
            torch.save(average.model.state_dict(), out / "best.pt")
        torch.save(
            {
                "model": model.state_dict(),
                "average": average.model.state_dict(),
                "steps": average._steps,
                "optimiser": optimiser.state_dict(),
                "generator": generator.get_state(),
                "epoch": epoch,
                "best": best,
            },
            checkpoint,
        )
    print(f"best PublicTest {100 * best:.2f} %")


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="fer2013.csv or the packed fer2013.zip")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    arguments = parser.parse_args()
    train(arguments.data, arguments.out, Recipe(epochs=arguments.epochs, seed=arguments.seed))


if __name__ == "__main__":
    main()
