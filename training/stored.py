"""Stored views of every training row, each with what teachers answer to that very view.

A student that sees a view other than its teachers saw learns to say of a turned face what they said of an upright one.
When both see the same view, the answers fit (Beyer et al. 2022, arXiv:2106.05237). The views are drawn once and the
answers computed once, so a teacher costs nothing in the student's epochs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from training.augment import Jitter, augment
from training.data import digest
from training.train import predict
from training.training_set import Batch, TrainingSet

PART = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """A network that answers pictures of ``side_px``, with the mean of mirror images; ``share`` (0..1) is its part."""

    model: nn.Module
    side_px: int
    share: float


class View(NamedTuple):
    """One view of every row, uint8 [n, 48, 48], and the teachers' probabilities, float32 [n, 7] and [n, 8]."""

    images: Tensor
    labels: Tensor
    votes: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class StoredTrainingSet:
    """Training rows as stored views, each view with its own targets; drawn from like ``TrainingSet``.

    ``views`` uint8 [n, k, 48, 48]; ``labels`` float32 [n, k, 7]; ``votes`` float32 [n, k, 8]. ``origin`` holds a
    fingerprint of each thing that they were made from.
    """

    views: Tensor
    labels: Tensor
    votes: Tensor
    origin: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.views)

    def to(self, device: torch.device) -> StoredTrainingSet:
        """The same on ``device``."""
        return replace(self, **{name: getattr(self, name).to(device) for name in ("views", "labels", "votes")})

    def draw(self, index: Tensor, *, own_share: float, generator: torch.Generator) -> Batch:
        """The rows at ``index``, each in one of its views; ``own_share`` was decided when the views were stored."""
        del own_share
        view = torch.randint(self.views.shape[1], (len(index),), generator=generator, device=generator.device)
        images = self.views[index, view].unsqueeze(1).float() / 255
        return Batch(images, self.labels[index, view], self.votes[index, view])


def predict_ensemble(teachers: Sequence[Teacher], images: Tensor) -> View:
    """``images`` uint8 [n, 48, 48] with the weighted mean of what ``teachers`` say of them."""
    labels, votes = torch.zeros(()), torch.zeros(())
    for teacher in teachers:
        predicted = predict(teacher.model, images, side_px=teacher.side_px, mirror=True)
        labels, votes = labels + teacher.share * predicted[0], votes + teacher.share * predicted[1]
    return View(images, labels, votes)


def generate_views(
    training_set: TrainingSet,
    teachers: Sequence[Teacher],
    jitter: Jitter,
    *,
    own_share: float,
    generator: torch.Generator,
) -> Iterator[View]:
    """View after view of all rows, without end: first the crops as they are, then others.

    Args:
        training_set: The rows.
        teachers: Who answers.
        jitter: How far all but the first view stray.
        own_share: The share of the other views that are made from mien's own crop, where there is one.
        generator: Draws the views; on the device of ``training_set``.
    """
    yield predict_ensemble(teachers, training_set.views[:, 0])
    while True:
        parts = []
        for rows in torch.arange(len(training_set), device=training_set.views.device).split(PART):
            drawn = training_set.draw(rows, own_share=own_share, generator=generator)
            augmented = augment(drawn.images, jitter, generator, side_px=drawn.images.shape[-1])
            parts.append((255 * augmented[:, 0]).round().to(torch.uint8))
        yield predict_ensemble(teachers, torch.cat(parts))


def store_views(training_set: TrainingSet, views: Sequence[View], *, weight: float) -> StoredTrainingSet:
    """Store the rows of a set in several views; a share ``weight``, 0..1, of each target is the teachers' answer."""
    device = training_set.labels.device
    images, labels, votes = (torch.stack(parts, dim=1).to(device) for parts in zip(*views, strict=True))
    origin = {**training_set.origin, "teachers": digest(labels.cpu().numpy(), votes.cpu().numpy())}
    has_votes = (training_set.votes.sum(dim=1) > 0)[:, None, None]
    return StoredTrainingSet(
        images,
        torch.lerp(training_set.labels[:, None].expand_as(labels), labels, weight),
        torch.where(has_votes, torch.lerp(training_set.votes[:, None].expand_as(votes), votes, weight), votes),
        origin,
    )
