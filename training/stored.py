"""Stored augmented views of all training rows with the teachers' predictions for each view.

Distillation works better if teacher and student see the same augmented view (Beyer et al. 2022, arXiv:2106.05237). The
views and the predictions are computed once, so that the teachers cost nothing during the student's epochs.
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
    """A network of an ensemble.

    Attributes:
        model: The network; its predictions are averaged over each image and its mirror image.
        side_px: The image side in pixels.
        share: Its weight in the ensemble, 0..1.
    """

    model: nn.Module
    side_px: int
    share: float


class View(NamedTuple):
    """One view of each row, uint8 [n, 48, 48], and the teachers' probabilities, float32 [n, 7] and [n, 8]."""

    images: Tensor
    labels: Tensor
    votes: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class StoredTrainingSet:
    """Training rows as stored views with separate targets for each view; used like ``TrainingSet``.

    Attributes:
        views: uint8 [n, k, 48, 48].
        labels: Targets, float32 [n, k, 7].
        votes: Targets, float32 [n, k, 8].
        origin: Fingerprints of the inputs, by name.
    """

    views: Tensor
    labels: Tensor
    votes: Tensor
    origin: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.views)

    def to(self, device: torch.device) -> StoredTrainingSet:
        """A copy on ``device``."""
        return replace(self, **{name: getattr(self, name).to(device) for name in ("views", "labels", "votes")})

    def draw(self, index: Tensor, *, own_share: float, generator: torch.Generator) -> Batch:
        """Draw a random view of each row.

        Args:
            index: The rows, int64 [m].
            own_share: Ignored; it was applied when the views were stored.
            generator: The random generator, on the device of this set.

        Returns:
            The batch.
        """
        del own_share
        view = torch.randint(self.views.shape[1], (len(index),), generator=generator, device=generator.device)
        images = self.views[index, view].unsqueeze(1).float() / 255
        return Batch(images, self.labels[index, view], self.votes[index, view])


def predict_ensemble(teachers: Sequence[Teacher], images: Tensor) -> View:
    """``images`` uint8 [n, 48, 48] with the weighted mean of the teachers' probabilities."""
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
    """Generate an endless series of views of all rows: first the original crops, then augmented ones.

    Args:
        training_set: The rows.
        teachers: The teachers.
        jitter: The augmentation of all views but the first.
        own_share: The probability that an augmented view is made from the detected crop, if there is one.
        generator: The random generator, on the device of ``training_set``.

    Yields:
        One view of all rows, with the teachers' probabilities.
    """
    yield predict_ensemble(teachers, training_set.views[:, 0])
    while True:
        yield augmented_view(training_set, teachers, jitter, own_share=own_share, generator=generator)


def augmented_view(
    training_set: TrainingSet,
    teachers: Sequence[Teacher],
    jitter: Jitter,
    *,
    own_share: float,
    generator: torch.Generator,
) -> View:
    """One augmented view of all rows; the arguments are those of ``generate_views``."""
    parts = []
    for rows in torch.arange(len(training_set), device=training_set.views.device).split(PART):
        drawn = training_set.draw(rows, own_share=own_share, generator=generator)
        augmented = augment(drawn.images, jitter, generator, side_px=drawn.images.shape[-1])
        parts.append((255 * augmented[:, 0]).round().to(torch.uint8))
    return predict_ensemble(teachers, torch.cat(parts))


def store_views(training_set: TrainingSet, views: Sequence[View], *, weight: float) -> StoredTrainingSet:
    """Combine several views of a training set and mix the teachers' probabilities into the targets.

    Args:
        training_set: The rows with their original targets.
        views: The views.
        weight: The weight of the teachers' probabilities in the targets, 0..1.

    Returns:
        The stored views; rows without votes get the teachers' votes alone.
    """
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
