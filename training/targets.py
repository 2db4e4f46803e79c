"""Soft training targets from FER2013's labels and FER+'s votes."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.data import CLASSES, EXPRESSION_VOTES, Rows


def label_targets(rows: Rows, *, vote_weight: float, smoothing: float) -> Tensor:
    """Compute the targets of the label head.

    A label is a single noisy annotation; ten votes on the same image are more reliable. Each target is therefore a
    mixture of the label, the label distribution given the votes, and a uniform distribution.

    Args:
        rows: The rows.
        vote_weight: The weight of the label distribution given the votes, 0..1.
        smoothing: The weight of the uniform distribution, 0..1.

    Returns:
        Probabilities, float32 [n, 7].
    """
    label = functional.one_hot(torch.from_numpy(rows.labels), len(CLASSES)).float()
    mixed = (1 - vote_weight) * label + vote_weight * labels_given_votes(rows)
    return (1 - smoothing) * mixed + smoothing / len(CLASSES)


def labels_given_votes(rows: Rows) -> Tensor:
    """The label distribution given the votes, float32 [n, 7]; one-hot labels for rows without votes.

    FER+'s votes and FER2013's labels disagree in a third of the rows, and systematically (many rows labelled sad or
    angry are voted neutral). The votes are therefore converted by a logistic regression of the label on the votes,
    fitted on the same rows.
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
    """The targets of the vote head, float32 [n, 8], and whether a row has one, bool [n].

    Single votes are ignored as outliers, as in FER+'s own training (Barsoum et al. 2016). Rows with a majority for
    unknown or not a face have no target.
    """
    votes: NDArray[np.float32] = np.where(rows.votes > 1, rows.votes, 0).astype(np.float32)
    expressions = torch.from_numpy(votes[:, :EXPRESSION_VOTES])
    total = expressions.sum(dim=1, keepdim=True)
    has_target = total[:, 0] > torch.from_numpy(votes[:, EXPRESSION_VOTES:].sum(axis=1))
    return expressions / total.clamp(min=1), has_target
