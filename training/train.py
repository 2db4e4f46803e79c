"""Train one expression network on FER2013; ``training.run`` trains teachers and students in their order.

Selected on PublicTest, never on PrivateTest. Every epoch leaves a checkpoint that the same call resumes from.
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
    """An exponential moving average of a model's weights and statistics: the network that is kept."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval()
        self.steps = 0
        self._decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move a step towards ``model``; long steps at the start, so the first weights do not linger."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        pairs = list(zip(self.model.state_dict().values(), model.state_dict().values(), strict=True))
        moving = [(averaged, new) for averaged, new in pairs if averaged.dtype.is_floating_point]
        torch._foreach_lerp_([averaged for averaged, _ in moving], [new for _, new in moving], 1 - decay)
        for averaged, new in pairs:
            if not averaged.dtype.is_floating_point:
                averaged.copy_(new)


def lr_schedule(recipe: Recipe, epoch: float) -> float:
    """The share of its learning rate that ``epoch`` uses: a linear warm-up, then half a cosine down to nothing."""
    if epoch < recipe.warmup_epochs:
        return (epoch + 1e-3) / recipe.warmup_epochs
    progress = (epoch - recipe.warmup_epochs) / (recipe.epochs - recipe.warmup_epochs)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


@torch.no_grad()
def predict(
    model: nn.Module, images: Tensor, *, side_px: int = 48, mirror: bool = False, exact: bool = False
) -> tuple[Tensor, Tensor]:
    """Probabilities of the label [n, 7] and of the votes [n, 8], float32 on the CPU, for uint8 pictures [n, 48, 48].

    Averaged with what is said of the mirrored picture when ``mirror``. Computed in bfloat16, as in training, which is
    three times as fast, unless ``exact``.
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
    """Accuracy on the crops as given ("public") and, where mien found a face, on its own ("public_own")."""
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
    """How much of each of ``count`` batches' pictures stays when they are blended; all of it where ``alpha`` is 0.

    Drawn together: each draw waits for the device of ``generator``, and PyTorch's own Beta draws from the global
    generator alone.
    """
    if alpha == 0:
        return [1.0] * count
    seed = int(torch.randint(2**31, (), generator=generator, device=generator.device))
    return [float(share) for share in np.random.default_rng(seed).beta(alpha, alpha, size=count)]


def mixup_batch(batch: Batch, share: float, generator: torch.Generator) -> Batch:
    """A ``share`` of each picture blended with another, and its targets alike (Zhang et al. 2018, arXiv:1710.09412)."""
    if share == 1:
        return batch
    other = torch.randperm(len(batch.images), generator=generator, device=generator.device).to(batch.images.device)
    return Batch(*(torch.lerp(part[other], part, share) for part in (batch.images, batch.labels, batch.votes)))


def _optimisers(model: nn.Module, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the convolutions that mix channels, where the recipe wants it; gradient descent for the rest."""
    mixing = [weights for weights in model.parameters() if weights.ndim == 4 and weights.shape[1] > 1]
    by_muon = {id(weights) for weights in mixing} if recipe.muon_rate else set()
    rest = [weights for weights in model.parameters() if id(weights) not in by_muon]
    descent = torch.optim.SGD(
        rest, recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay, nesterov=True
    )
    if not by_muon:
        return [descent]
    muon = Muon(mixing, lr=recipe.muon_rate, momentum=recipe.momentum, weight_decay=recipe.muon_weight_decay)
    return [muon, descent]


class TrainingRows(Protocol):
    """Where training draws rows from: ``training.training_set.Lessons`` or ``training.stored.StoredLessons``."""

    @property
    def origin(self) -> Mapping[str, str]:
        """A fingerprint of each thing that it was made from."""

    def __len__(self) -> int: ...

    def to(self, device: torch.device) -> TrainingRows:
        """The same on ``device``."""

    def draw(self, index: Tensor, *, own_share: float, generator: torch.Generator) -> Batch:
        """The rows at ``index``."""


class Training:
    """One network on its way: its weights, their average, the optimiser and where chance stands.

    Args:
        recipe: How it is trained.
        device: Where; random numbers are drawn there, so the rows must lie there as well.
        clock: Ends the training early: the learning rate falls with the epochs or with the time, whichever is further.
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
        """How many of the recipe's epochs are over, by number or by time, ``part`` (0..1) of this one being done."""
        by_number = self.epoch + part
        return by_number if self.clock is None else max(by_number, self.clock.share() * self.recipe.epochs)

    def run_epoch(self, training_set: TrainingRows) -> float:
        """One pass over the training rows, or as much of it as there is time for; the mean loss."""
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
        """All rows in a new order, jittered."""
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
        """Begin with the network that another run kept, instead of chance."""
        weights = torch.load(run / BEST, weights_only=True, map_location=self.device)
        self.model.load_state_dict(weights)
        self.average.model.load_state_dict(weights)

    def save(self, path: Path) -> None:
        """Leave all that ``resume`` needs, chance included: dropout draws from PyTorch's global generators."""
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
        """Go on from a checkpoint, where there is one."""
        if not path.exists():
            return
        state = torch.load(path, weights_only=False, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        self.average.steps = state["steps"]
        for optimiser, optimiser_state in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(optimiser_state)
        self.generator.set_state(state["generator"].cpu())
        generators = state.get("global_generators")  # checkpoints from before they were kept lack them
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
    """Train as ``recipe`` says; ``out`` receives ``checkpoint.pt``, ``best.pt``, ``log.jsonl``, and what made them.

    ``best.pt`` is the average of the epoch that did best on PublicTest, on both views alike. Raises ``ValueError``
    where ``out`` holds another run.

    Args:
        recipe: How the network is trained.
        training_set: The training rows.
        public: PublicTest, which chooses the epoch.
        detected: The crops of mien's detector for all rows; None if they are not available.
        out: The folder of the run.
        start: The folder of the run whose network this one begins with; chance where it is None.
        clock: Ends the training when its time is over, however many epochs that was.
        on_best: Called with each network that did better than those before it, and its mean accuracy (0..1) on both
            views of PublicTest.
        keeps_checkpoints: Whether the run can be gone on with when it is interrupted.
    """
    if start is not None:
        recipe_of(start)  # says that it has not been trained yet
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
    """A trained network and its recipe, from the folder of its run."""
    recipe = recipe_of(run)
    model = recipe.network()
    model.load_state_dict(torch.load(run / BEST, map_location="cpu", weights_only=True))
    return recipe, model.eval()
