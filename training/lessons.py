"""What training draws from: two views of every row, and what to say of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.data import Rows
from training.targets import label_targets, vote_targets
from training.views import Views


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """``images`` float32 [n, 1, 48, 48] in 0..1, with targets ``labels`` [n, 7] and ``votes`` [n, 8].

    A row of ``votes`` is all zero where nobody voted for an expression, and so adds nothing to the loss.
    """

    images: Tensor
    labels: Tensor
    votes: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """All training rows: ``views`` uint8 [n, 2, 48, 48], the crop as given and mien's own, the same where none is.

    Targets for both: ``labels`` float32 [n, 7], ``votes`` float32 [n, 8].
    """

    views: Tensor
    labels: Tensor
    votes: Tensor

    @classmethod
    def of(cls, rows: Rows, own: Views | None, *, vote_weight: float, smoothing: float) -> Lessons:
        """Lessons from labels and votes alone."""
        labels = label_targets(rows, vote_weight=vote_weight, smoothing=smoothing)
        votes, has_votes = vote_targets(rows)
        return cls(two_views(rows, own), labels, votes * has_votes[:, None])

    def taught_by(self, teachers: Path, *, weight: float) -> Lessons:
        """The same with a share ``weight`` of every target from what the teachers said (``training.teach``)."""
        with np.load(teachers) as file:
            labels, votes = torch.from_numpy(file["labels"]), torch.from_numpy(file["votes"])
        has_votes = self.votes.sum(dim=1, keepdim=True) > 0
        mixed = torch.where(has_votes, torch.lerp(self.votes, votes, weight), votes)
        return Lessons(self.views, torch.lerp(self.labels, labels, weight), mixed)

    def __len__(self) -> int:
        return len(self.views)

    def draw(self, index: Tensor, *, own_share: float, generator: torch.Generator) -> Batch:
        """The rows at ``index``, each in mien's own view with a chance of ``own_share``."""
        view = (torch.rand(len(index), generator=generator) < own_share).long()
        images = self.views[index, view].unsqueeze(1).float() / 255
        return Batch(images, self.labels[index], self.votes[index])


def two_views(rows: Rows, own: Views | None) -> Tensor:
    """The crop as given and mien's own, uint8 [n, 2, 48, 48]; twice the first where mien found no face."""
    second = rows.images
    if own is not None:
        second = np.where(own.found[rows.places, None, None], own.crops[rows.places], rows.images)
    return torch.from_numpy(np.stack([rows.images, second], axis=1))
