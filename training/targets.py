"""What the network is taught to say: soft targets from FER2013's labels and from FER+'s votes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.data import CLASSES, EXPRESSION_VOTES, Rows


def label_targets(rows: Rows, *, vote_weight: float, smoothing: float) -> Tensor:
    """Targets for FER2013's label, float32 [n, 7], each summing to one.

    A label is one noisy draw; ten votes on the same picture are a steadier hint. So a share ``vote_weight`` of each
    target is the chance of every label, given the picture's votes, and ``smoothing`` is spread evenly.
    """
    label = functional.one_hot(torch.from_numpy(rows.labels), len(CLASSES)).float()
    mixed = (1 - vote_weight) * label + vote_weight * labels_given_votes(rows)
    return (1 - smoothing) * mixed + smoothing / len(CLASSES)


def labels_given_votes(rows: Rows) -> Tensor:
    """How likely each label is where people voted so, float32 [n, 7]; rows without votes keep their label.

    FER+'s voters and FER2013's label disagree in a third of the rows, and not evenly (much of what is labelled sad or
    angry is voted neutral), so votes are not labels. A logistic regression of the label on the votes, fitted on these
    very rows, translates.
    """
    label = functional.one_hot(torch.from_numpy(rows.labels), len(CLASSES)).float()
    known = torch.from_numpy(rows.votes.sum(axis=1) > 0)
    if not known.any():
        return label
    votes = torch.from_numpy(rows.votes).float() / 10
    weights = torch.zeros(votes.shape[1], len(CLASSES), requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = functional.cross_entropy(votes[known] @ weights, label[known]) + 1e-4 * weights.square().mean()
        value.backward()
        return value

    optimiser.step(loss)
    chances = (votes @ weights.detach()).softmax(dim=1)
    return torch.where(known[:, None], chances, label)


def vote_targets(rows: Rows) -> tuple[Tensor, Tensor]:
    """Targets for FER+'s eight expressions, float32 [n, 8], and whether a row has one, bool [n].

    A single vote is taken for a slip, as in FER+'s own training (Barsoum et al. 2016); a row whose voters mostly saw
    no expression has no target.
    """
    votes: NDArray[np.float32] = np.where(rows.votes > 1, rows.votes, 0).astype(np.float32)
    expressions = torch.from_numpy(votes[:, :EXPRESSION_VOTES])
    total = expressions.sum(dim=1, keepdim=True)
    has_target = total[:, 0] > torch.from_numpy(votes[:, EXPRESSION_VOTES:].sum(axis=1))
    return expressions / total.clamp(min=1), has_target
