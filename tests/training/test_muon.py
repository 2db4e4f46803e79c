"""Muon turns gradients into steps of one length in every direction. Runs where PyTorch is: ``make test-training``."""

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.muon import Muon, orthogonalise  # noqa: E402


@pytest.mark.parametrize("shape", [(24, 60), (60, 24), (16, 16)], ids=["wide", "tall", "square"])
def test_directions_stay_and_their_lengths_become_alike(shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(3)
    left, _, right = torch.linalg.svd(torch.randn(shape, generator=generator), full_matrices=False)
    lengths = torch.logspace(0, -1.5, min(shape))
    turned = orthogonalise(left @ torch.diag(lengths) @ right)
    across = left.T @ turned @ right.T
    assert (torch.diagonal(across) > 0.55).all()
    assert (torch.diagonal(across) < 1.3).all()
    assert (across - torch.diag(torch.diagonal(across))).abs().max() < 0.1, "the directions are those of the gradient"


def test_a_step_does_not_depend_on_how_steep_the_slope_is() -> None:
    def moved(steepness: float) -> torch.Tensor:
        generator = torch.Generator().manual_seed(4)
        weights = torch.nn.Parameter(torch.zeros(8, 3, 3, 3))
        weights.grad = steepness * torch.randn(weights.shape, generator=generator)
        Muon([weights], lr=0.1, momentum=0.9, weight_decay=0.0).step()
        return weights.detach()

    assert torch.allclose(moved(1.0), moved(1e-3), atol=2e-3)
    assert moved(1.0).abs().max() > 0


def test_weights_without_a_gradient_rest_and_others_decay() -> None:
    resting, decaying = (torch.nn.Parameter(torch.ones(4, 2, 1, 1)) for _ in range(2))
    decaying.grad = torch.zeros_like(decaying)
    Muon([resting, decaying], lr=0.1, momentum=0.9, weight_decay=0.5).step()
    assert torch.equal(resting, torch.ones_like(resting))
    assert torch.allclose(decaying, torch.full_like(decaying, 0.95))
