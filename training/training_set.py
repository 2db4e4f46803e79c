"""What training draws from: two views of every row, and what to say of each."""

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
    """``images`` float32 [n, 1, 48, 48] in 0..1, with targets ``labels`` [n, 7] and ``votes`` [n, 8].

    A row of ``votes`` is all zero where nobody voted for an expression, and so adds nothing to the loss.
    """

    images: Tensor
    labels: Tensor
    votes: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSet:
    """All training rows: ``views`` uint8 [n, 2, 48, 48], the crop as given and mien's own, the same where none is.

    Targets for both: ``labels`` float32 [n, 7], ``votes`` float32 [n, 8]. ``origin`` holds a fingerprint of each thing
    that they were made from.
    """

    views: Tensor
    labels: Tensor
    votes: Tensor
    origin: Mapping[str, str]

    @classmethod
    def of(cls, rows: Rows, detected: DetectedCrops | None, *, vote_weight: float, smoothing: float) -> TrainingSet:
        """Lessons from labels and votes alone."""
        labels = label_targets(rows, vote_weight=vote_weight, smoothing=smoothing)
        votes, has_votes = vote_targets(rows)
        views = two_views(rows, detected)
        origin = {"pictures": digest(views.numpy()), "labels": digest(rows.labels, rows.votes)}
        return cls(views, labels, votes * has_votes[:, None], origin)

    def distilled_from(self, teachers: Path, *, weight: float) -> TrainingSet:
        """The same with a share ``weight`` of every target from what the teachers said (``training.teach``)."""
        with np.load(teachers) as file:
            labels, votes = torch.from_numpy(file["labels"]), torch.from_numpy(file["votes"])
            origin = {**self.origin, "teachers": str(file["teachers"])}
        has_votes = self.votes.sum(dim=1, keepdim=True) > 0
        mixed = torch.where(has_votes, torch.lerp(self.votes, votes, weight), votes)
        return replace(self, labels=torch.lerp(self.labels, labels, weight), votes=mixed, origin=origin)

    def __len__(self) -> int:
        return len(self.views)

    def to(self, device: torch.device) -> TrainingSet:
        """The same on ``device``."""
        return replace(self, **{name: getattr(self, name).to(device) for name in ("views", "labels", "votes")})

    def draw(self, index: Tensor, *, own_share: float, generator: torch.Generator) -> Batch:
        """The rows at ``index``, each in mien's own view with a chance of ``own_share``."""
        view = (torch.rand(len(index), generator=generator, device=generator.device) < own_share).long()
        images = self.views[index, view].unsqueeze(1).float() / 255
        return Batch(images, self.labels[index], self.votes[index])


def two_views(rows: Rows, detected: DetectedCrops | None) -> Tensor:
    """The crop as given and mien's own, uint8 [n, 2, 48, 48]; twice the first where mien found no face."""
    second = rows.images
    if detected is not None:
        second = np.where(detected.found[rows.places, None, None], detected.crops[rows.places], rows.images)
    return torch.from_numpy(np.stack([rows.images, second], axis=1))
