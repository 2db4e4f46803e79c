"""Train one expression network on FER2013; ``training.run`` trains all teachers and students.

The best epoch is selected on PublicTest, never on PrivateTest. The same call resumes from the checkpoint of the last
epoch.
"""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.augment import augment
from training.clock import Clock
from training.data import Rows, digest
from training.detected import DetectedCrops
from training.folder import BEST, CHECKPOINT, LOG, claim_run_folder, recipe_of
from training.model import parameter_count, pick_device
from training.muon import Muon
from training.recipes import Recipe
from training.training_set import Batch


class WeightAverage:
    """An exponential moving average of a model's weights and statistics, which is evaluated and stored."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval()
        self.steps = 0
        self._decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Update the average; the decay is smaller at the start to forget the initial weights."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        pairs = list(zip(self.model.state_dict().values(), model.state_dict().values(), strict=True))
        moving = [(averaged, new) for averaged, new in pairs if averaged.dtype.is_floating_point]
        torch._foreach_lerp_([averaged for averaged, _ in moving], [new for _, new in moving], 1 - decay)
        for averaged, new in pairs:
            if not averaged.dtype.is_floating_point:
                averaged.copy_(new)


def lr_schedule(recipe: Recipe, epoch: float) -> float:
    """The factor of the learning rate in ``epoch``: linear warm-up, then cosine decay to zero."""
    if epoch < recipe.warmup_epochs:
        return (epoch + 1e-3) / recipe.warmup_epochs
    progress = (epoch - recipe.warmup_epochs) / (recipe.epochs - recipe.warmup_epochs)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


@torch.no_grad()
def predict(
    model: nn.Module, images: Tensor, *, side_px: int = 48, mirror: bool = False, exact: bool = False
) -> tuple[Tensor, Tensor]:
    """Compute a network's probabilities.

    Args:
        model: The network.
        images: uint8 [n, 48, 48].
        side_px: The side that images are resized to, in pixels.
        mirror: Whether to average over each image and its mirror image.
        exact: Whether to compute in float32 instead of bfloat16, which is three times as fast.

    Returns:
        Probabilities of the labels [n, 7] and of the votes [n, 8], float32 on the CPU.
    """
    device = next(model.parameters()).device
    model.eval()
    labels, votes = [], []
    for part in images.split(512):
        batch = _sized(part.unsqueeze(1).to(device).float() / 255, side_px).to(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=not exact):
            answers = [model(batch), model(batch.flip(3))] if mirror else [model(batch)]
        labels.append(torch.stack([answer[0].float().softmax(dim=1) for answer in answers]).mean(dim=0).cpu())
        votes.append(torch.stack([answer[1].float().softmax(dim=1) for answer in answers]).mean(dim=0).cpu())
    return torch.cat(labels), torch.cat(votes)


def _sized(images: Tensor, side_px: int) -> Tensor:
    if images.shape[-1] == side_px:
        return images
    return functional.interpolate(images, size=side_px, mode="bilinear", align_corners=False)


def public_scores(model: nn.Module, rows: Rows, detected: DetectedCrops | None, *, side_px: int) -> dict[str, float]:
    """Accuracy on the original crops ("public") and, if there are any, on the detected crops ("public_own").

    Args:
        model: The network.
        rows: The rows of PublicTest.
        detected: The crops of mien's detector for all rows of FER2013; None if they are not available.
        side_px: The image side in pixels.

    Returns:
        Accuracies in 0..1, by name.
    """
    scores = {"public": _accuracy(model, rows.images, rows.labels, side_px=side_px)}
    found = detected.found[rows.places] if detected is not None else np.zeros(len(rows), dtype=np.bool_)
    if detected is not None and found.any():
        crops = detected.crops[rows.places][found]
        scores["public_own"] = _accuracy(model, crops, rows.labels[found], side_px=side_px)
    return scores


def _accuracy(model: nn.Module, images: NDArray[np.uint8], labels: NDArray[np.int64], *, side_px: int) -> float:
    predicted, _ = predict(model, torch.from_numpy(images), side_px=side_px)
    return round(float((predicted.argmax(1).numpy() == labels).mean()), 4)


def mixup_shares(count: int, alpha: float, generator: torch.Generator) -> list[float]:
    """Draw the mixup shares of several batches from a beta distribution.

    They are drawn together because each draw synchronises with the device of ``generator``. PyTorch's beta
    distribution always uses the global generator and is therefore not used.

    Args:
        count: The number of batches.
        alpha: Both parameters of the beta distribution; 0 for no mixup.
        generator: The random generator.

    Returns:
        The share of the original image for each batch, 0..1; 1 without mixup.
    """
    if alpha == 0:
        return [1.0] * count
    seed = int(torch.randint(2**31, (), generator=generator, device=generator.device))
    return [float(share) for share in np.random.default_rng(seed).beta(alpha, alpha, size=count)]


def mixup_batch(batch: Batch, share: float, generator: torch.Generator) -> Batch:
    """Blend each image and its targets with those of another row (Zhang et al. 2018, arXiv:1710.09412).

    Args:
        batch: The batch.
        share: The share of the original image, 0..1.
        generator: The random generator.

    Returns:
        The blended batch.
    """
    if share == 1:
        return batch
    other = torch.randperm(len(batch.images), generator=generator, device=generator.device).to(batch.images.device)
    return Batch(*(torch.lerp(part[other], part, share) for part in (batch.images, batch.labels, batch.votes)))


def _optimisers(model: nn.Module, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """AdamW, or gradient descent with Muon for convolutions that mix channels, as the recipe says."""
    trained = [weights for weights in model.parameters() if weights.requires_grad]
    mixing = [weights for weights in trained if weights.ndim == 4 and weights.shape[1] > 1]
    if recipe.adam_rate:
        others = [weights for weights in trained if not any(weights is mixed for mixed in mixing)]
        groups = [
            {"params": mixing, "weight_decay": recipe.adam_weight_decay},
            {"params": others, "weight_decay": 0.0},
        ]
        return [torch.optim.AdamW(groups, recipe.adam_rate, betas=(0.9, 0.99))]
    by_muon = {id(weights) for weights in mixing} if recipe.muon_rate else set()
    rest = [weights for weights in trained if id(weights) not in by_muon]
    descent = torch.optim.SGD(
        rest, recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay, nesterov=True
    )
    if not by_muon:
        return [descent]
    muon = Muon(mixing, lr=recipe.muon_rate, momentum=recipe.momentum, weight_decay=recipe.muon_weight_decay)
    return [muon, descent]


class TrainingRows(Protocol):
    """Training rows: a ``training.training_set.TrainingSet`` or a ``training.stored.StoredTrainingSet``."""

    @property
    def origin(self) -> Mapping[str, str]:
        """Fingerprints of the inputs, by name."""

    def __len__(self) -> int: ...

    def to(self, device: torch.device) -> TrainingRows:
        """A copy on ``device``."""

    def draw(self, index: Tensor, *, own_share: float, generator: torch.Generator) -> Batch:
        """Draw a view of each row at ``index``."""


class Training:
    """The state of a training run: weights, averaged weights, optimisers and random generators.

    Args:
        recipe: The hyperparameters.
        device: The device of the weights and of the random generator; the training rows must be on it as well.
        clock: A time limit; the learning rate follows the epochs or the elapsed time, whichever is further.
    """

    def __init__(self, recipe: Recipe, device: torch.device, clock: Clock | None = None) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.device = device
        self.clock = clock
        self.model = recipe.network().to(device, memory_format=torch.channels_last)
        self.average = WeightAverage(self.model, recipe.ema_decay)
        self.optimisers = _optimisers(self.model, recipe)
        self.generator = torch.Generator(device).manual_seed(recipe.seed)
        self.epoch = 0
        self.best = -1.0

    def epochs_done(self, part: float = 0.0) -> float:
        """The progress in epochs, by number or by time; ``part`` (0..1) is the finished part of this epoch."""
        by_number = self.epoch + part
        return by_number if self.clock is None else max(by_number, self.clock.share() * self.recipe.epochs)

    def run_epoch(self, training_set: TrainingRows) -> float:
        """Train for one epoch, or until the time is over, and return the mean loss."""
        self.model.train()
        recipe = self.recipe
        losses: list[Tensor] = []
        count = math.ceil(len(training_set) / recipe.batch_size)
        shares = mixup_shares(count, recipe.mixup, self.generator)
        for number, batch in enumerate(self._batches(training_set)):
            epochs_done = self.epochs_done(number / count)
            if losses and epochs_done >= recipe.epochs:
                break
            self._set_lr(lr_schedule(recipe, epochs_done))
            losses.append(self._step(mixup_batch(batch, shares[number], self.generator)))
        self.epoch += 1
        return float(torch.stack(losses).mean())

    def _batches(self, training_set: TrainingRows) -> Iterator[Batch]:
        """All rows in random order, augmented."""
        recipe = self.recipe
        side_px = recipe.side_at(self.epochs_done())
        order = torch.randperm(len(training_set), generator=self.generator, device=self.generator.device)
        for rows in order.split(recipe.batch_size * recipe.batches_at_once):
            drawn = training_set.draw(rows, own_share=recipe.own_share, generator=self.generator)
            views = augment(drawn.images.to(self.device), recipe.jitter, self.generator, side_px=side_px)
            whole = (views, drawn.labels.to(self.device), drawn.votes.to(self.device))
            yield from (Batch(*parts) for parts in zip(*(part.split(recipe.batch_size) for part in whole), strict=True))

    def _set_lr(self, share: float) -> None:
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = share * optimiser.defaults["lr"]

    def _step(self, batch: Batch) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16):
            labels, votes = self.model(batch.images.to(memory_format=torch.channels_last))
        loss = functional.cross_entropy(labels.float(), batch.labels)
        loss = loss + self.recipe.votes_loss * functional.cross_entropy(votes.float(), batch.votes)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        for optimiser in self.optimisers:
            optimiser.step()
        self.average.update(self.model)
        return loss.detach()

    def load_weights(self, run: Path) -> None:
        """Initialise with the best weights of another run."""
        weights = torch.load(run / BEST, weights_only=True, map_location=self.device)
        self.model.load_state_dict(weights)
        self.average.model.load_state_dict(weights)

    def save(self, path: Path) -> None:
        """Write a checkpoint, including the state of PyTorch's global generators, which dropout uses."""
        state = {
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict(),
            "steps": self.average.steps,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "generator": self.generator.get_state(),
            "global_generators": {"cpu": torch.get_rng_state(), "cuda": _gpu_generators(self.device)},
            "epoch": self.epoch,
            "best": self.best,
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> None:
        """Resume from a checkpoint if it exists."""
        if not path.exists():
            return
        state = torch.load(path, weights_only=False, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        self.average.steps = state["steps"]
        for optimiser, optimiser_state in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(optimiser_state)
        self.generator.set_state(state["generator"].cpu())
        generators = state.get("global_generators")  # missing in old checkpoints
        if generators is not None:
            torch.set_rng_state(generators["cpu"].cpu())
            if generators["cuda"] and self.device.type == "cuda":
                torch.cuda.set_rng_state_all([generator.cpu() for generator in generators["cuda"]])
        self.epoch, self.best = state["epoch"], state["best"]


def _gpu_generators(device: torch.device) -> list[Tensor]:
    return list(torch.cuda.get_rng_state_all()) if device.type == "cuda" else []


def train(
    recipe: Recipe,
    training_set: TrainingRows,
    public: Rows,
    detected: DetectedCrops | None,
    *,
    out: Path,
    start: Path | None = None,
    clock: Clock | None = None,
    on_best: Callable[[nn.Module, float], None] | None = None,
    keeps_checkpoints: bool = True,
) -> None:
    """Train a network, or resume its training, in a run folder.

    The folder receives ``checkpoint.pt``, ``best.pt``, ``log.jsonl``, ``recipe.json`` and ``origin.json``. ``best.pt``
    has the averaged weights of the epoch with the best mean accuracy on the original and detected crops of PublicTest.

    Args:
        recipe: The hyperparameters.
        training_set: The training rows.
        public: PublicTest, which the best epoch is selected on.
        detected: The crops of mien's detector for all rows; None if they are not available.
        out: The folder of the run.
        start: The folder of the run that provides the initial weights; None for random weights.
        clock: A time limit, in addition to the number of epochs.
        on_best: Called with each network that is better than all before it, and its mean accuracy (0..1) on the
            original and detected crops of PublicTest.
        keeps_checkpoints: Whether to write checkpoints, so that an interrupted run can be resumed.

    Raises:
        ValueError: If ``out`` holds another run.
    """
    if start is not None:
        recipe_of(start)  # raises an error if it has not been trained
    origin = {**training_set.origin} | ({} if start is None else {"first cycle": digest((start / BEST).read_bytes())})
    claim_run_folder(out, recipe, origin)
    training = Training(recipe, pick_device(), clock)
    if start is not None:
        training.load_weights(start)
    training.resume(out / CHECKPOINT)
    training_set = training_set.to(training.device)
    print(f"{out.name}: {len(training_set)} rows, {parameter_count(training.model) / 1e6:.2f} M parameters", flush=True)
    started_s = time.monotonic()
    losses: list[float] = []
    while training.epochs_done() < recipe.epochs:
        losses.append(training.run_epoch(training_set))
        if training.epoch % recipe.score_every and training.epochs_done() < recipe.epochs:
            continue
        scores = public_scores(training.average.model, public, detected, side_px=recipe.side_px)
        score = sum(scores.values()) / len(scores)
        if score > training.best:
            training.best = score
            torch.save(training.average.model.state_dict(), out / BEST)
            if on_best is not None:
                on_best(training.average.model, score)
        if keeps_checkpoints:
            training.save(out / CHECKPOINT)
        seconds, loss = round(time.monotonic() - started_s, 1), round(sum(losses) / len(losses), 4)
        line = json.dumps({"epoch": training.epoch, "loss": loss, **scores, "seconds": seconds})
        started_s = time.monotonic()
        losses.clear()
        with (out / LOG).open("a") as log:
            log.write(line + "\n")
        print(out.name, line, flush=True)


def load(run: Path) -> tuple[Recipe, nn.Module]:
    """Load the recipe and the best network of a run."""
    recipe = recipe_of(run)
    model = recipe.network()
    model.load_state_dict(torch.load(run / BEST, map_location="cpu", weights_only=True))
    return recipe, model.eval()
