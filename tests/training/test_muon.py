"""The Muon optimiser. Requires PyTorch: ``make test-training``."""

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.muon import Muon, orthogonalise  # noqa: E402


@pytest.mark.parametrize("shape", [(24, 60), (60, 24), (16, 16)], ids=["wide", "tall", "square"])
def test_orthogonalise_keeps_directions_and_equalises_singular_values(shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(3)
    left, _, right = torch.linalg.svd(torch.randn(shape, generator=generator), full_matrices=False)
    lengths = torch.logspace(0, -1.5, min(shape))
    turned = orthogonalise(left @ torch.diag(lengths) @ right)
    across = left.T @ turned @ right.T
    assert (torch.diagonal(across) > 0.55).all()
    assert (torch.diagonal(across) < 1.3).all()
    assert (across - torch.diag(torch.diagonal(across))).abs().max() < 0.1, "the singular vectors are unchanged"


def test_step_is_independent_of_the_gradient_scale() -> None:
    def moved(steepness: float) -> torch.Tensor:
        generator = torch.Generator().manual_seed(4)
        weights = torch.nn.Parameter(torch.zeros(8, 3, 3, 3))
        weights.grad = steepness * torch.randn(weights.shape, generator=generator)
        Muon([weights], lr=0.1, momentum=0.9, weight_decay=0.0).step()
        return weights.detach()

    assert torch.allclose(moved(1.0), moved(1e-3), atol=2e-3)
    assert moved(1.0).abs().max() > 0


def test_only_weights_with_a_gradient_decay() -> None:
    unchanged, decaying = (torch.nn.Parameter(torch.ones(4, 2, 1, 1)) for _ in range(2))
    decaying.grad = torch.zeros_like(decaying)
    Muon([unchanged, decaying], lr=0.1, momentum=0.9, weight_decay=0.5).step()
    assert torch.equal(unchanged, torch.ones_like(unchanged))
    assert torch.allclose(decaying, torch.full_like(decaying, 0.95))
