"""The training set: the original and the detected crop of each row, with its targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.data import Rows, digest
from training.detected import DetectedCrops
from training.targets import label_targets, vote_targets


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A batch of images with their targets.

    Attributes:
        images: float32 [n, 1, 48, 48] in 0..1.
        labels: float32 [n, 7].
        votes: float32 [n, 8]; all zero for rows without a target, which then do not contribute to the loss.
    """

    images: Tensor
    labels: Tensor
    votes: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """All training rows with their targets.

    Attributes:
        views: The original and the detected crop, uint8 [n, 2, 48, 48]; twice the original if no face was found.
        labels: Targets for both, float32 [n, 7].
        votes: Targets for both, float32 [n, 8].
        origin: Fingerprints of the inputs, by name.
    """

    views: Tensor
    labels: Tensor
    votes: Tensor
    origin: Mapping[str, str]

    @classmethod
    def of(cls, rows: Rows, detected: DetectedCrops | None, *, vote_weight: float, smoothing: float) -> TrainingSet:
        """Create a training set with targets from labels and votes.

        Args:
            rows: The training rows.
            detected: The crops of mien's detector for all rows of FER2013; None if they are not available.
            vote_weight: The weight of the votes in the label targets, 0..1.
            smoothing: The label smoothing, 0..1.

        Returns:
            The training set.
        """
        labels = label_targets(rows, vote_weight=vote_weight, smoothing=smoothing)
        votes, has_votes = vote_targets(rows)
        views = two_views(rows, detected)
        origin = {"pictures": digest(views.numpy()), "labels": digest(rows.labels, rows.votes)}
        return cls(views, labels, votes * has_votes[:, None], origin)

    def distilled_from(self, teachers: Path, *, weight: float) -> TrainingSet:
        """Mix the teachers' predictions into the targets.

        Args:
            teachers: The ``.npz`` file of ``training.teach``.
            weight: The weight of the predictions in the targets, 0..1.

        Returns:
            A new training set; rows without votes get the teachers' votes alone.
        """
        with np.load(teachers) as file:
            labels, votes = torch.from_numpy(file["labels"]), torch.from_numpy(file["votes"])
            origin = {**self.origin, "teachers": str(file["teachers"])}
        has_votes = self.votes.sum(dim=1, keepdim=True) > 0
        mixed = torch.where(has_votes, torch.lerp(self.votes, votes, weight), votes)
        return replace(self, labels=torch.lerp(self.labels, labels, weight), votes=mixed, origin=origin)

    def __len__(self) -> int:
        return len(self.views)

    def to(self, device: torch.device) -> TrainingSet:
        """A copy on ``device``."""
        return replace(self, **{name: getattr(self, name).to(device) for name in ("views", "labels", "votes")})

    def draw(self, index: Tensor, *, own_share: float, generator: torch.Generator) -> Batch:
        """Draw the original or the detected crop of each row.

        Args:
            index: The rows, int64 [m].
            own_share: The probability of the detected crop, 0..1.
            generator: The random generator, on the device of this set.

        Returns:
            The batch.
        """
        view = (torch.rand(len(index), generator=generator, device=generator.device) < own_share).long()
        images = self.views[index, view].unsqueeze(1).float() / 255
        return Batch(images, self.labels[index], self.votes[index])


def two_views(rows: Rows, detected: DetectedCrops | None) -> Tensor:
    """The original and the detected crop, uint8 [n, 2, 48, 48]; twice the original if no face was found."""
    second = rows.images
    if detected is not None:
        second = np.where(detected.found[rows.places, None, None], detected.crops[rows.places], rows.images)
    return torch.from_numpy(np.stack([rows.images, second], axis=1))
