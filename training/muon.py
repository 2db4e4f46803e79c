"""The Muon optimiser: orthogonalised momentum, which needs about half the epochs of gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

#: Coefficients of the quintic Newton-Schulz iteration with the fastest convergence (Jordan et al. 2024).
_QUINTIC = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """Orthogonalised momentum (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/).

    A convolution [out, in, height, width] is treated as the matrix [out, in * height * width]. Weight decay is
    decoupled: each step multiplies the weights by ``1 - lr * weight_decay``.

    Args:
        parameters: The weights, each of two or more dimensions.
        lr: The learning rate.
        momentum: The decay of the momentum, 0..1.
        weight_decay: The decoupled weight decay.
    """

    def __init__(self, parameters: list[Tensor], *, lr: float, momentum: float, weight_decay: float) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Update the weights; ``closure`` is part of PyTorch's interface and called if given."""
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            for weights in group["params"]:
                if weights.grad is not None:
                    self._move(weights, group)
        return loss

    def _move(self, weights: Tensor, group: dict[str, Any]) -> None:
        state = self.state[weights]
        if not state:
            state["momentum"] = torch.zeros_like(weights.grad)
        state["momentum"].lerp_(weights.grad, 1 - group["momentum"])
        nesterov = torch.lerp(weights.grad, state["momentum"], group["momentum"]).flatten(1)
        rows, columns = nesterov.shape
        step = orthogonalise(nesterov).view_as(weights)
        weights.mul_(1 - group["lr"] * group["weight_decay"])
        weights.add_(step, alpha=-group["lr"] * max(1.0, rows / columns) ** 0.5)


def orthogonalise(matrix: Tensor, *, steps: int = 5) -> Tensor:
    """Orthogonalise a matrix approximately by Newton-Schulz iteration in bfloat16.

    Args:
        matrix: [rows, columns].
        steps: The number of iterations.

    Returns:
        The matrix with the same singular vectors and singular values between about 0.7 and 1.2.
    """
    a, b, c = _QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    scaled = matrix.T if tall else matrix
    scaled = (scaled / (scaled.norm() + 1e-7)).bfloat16()
    for _ in range(steps):
        gram = scaled @ scaled.T
        scaled = a * scaled + (b * gram + c * gram @ gram) @ scaled
    return (scaled.T if tall else scaled).to(matrix.dtype)
