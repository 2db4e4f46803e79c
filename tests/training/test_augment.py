"""Random augmentation. Requires PyTorch: ``make test-training``."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.augment import Jitter, augment  # noqa: E402

STILL = Jitter(
    **dict.fromkeys(("rotation_deg", "scale", "shift", "brightness"), 0.0),
    **dict.fromkeys(("coarse_share", "dim_share", "noise_share", "jpeg_share", "erase_share"), 0.0),
)
"""No augmentation but flipping."""


def test_augmented_images_are_valid_and_reproducible() -> None:
    images = torch.rand(64, 1, 48, 48)
    views = augment(images, Jitter(), torch.Generator().manual_seed(1), side_px=36)
    assert views.shape == (64, 1, 36, 36)
    assert float(views.min()) >= 0
    assert float(views.max()) <= 1
    assert torch.equal(views, augment(images, Jitter(), torch.Generator().manual_seed(1), side_px=36))
    assert not torch.equal(views, augment(images, Jitter(), torch.Generator().manual_seed(2), side_px=36))


def test_compression_matches_jpeg() -> None:
    """Compare with OpenCV's JPEG at quality 50, which corresponds to coarseness 1."""
    face = np.asarray(cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8), (0, 0), 2))
    jitter = replace(STILL, jpeg_share=1.0, jpeg_coarseness=(1.0, 1.0))
    images = torch.from_numpy(face)[None, None].float() / 255
    view = augment(images, jitter, torch.Generator().manual_seed(2), side_px=48)[0, 0]
    theirs = cv2.imdecode(cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], cv2.IMREAD_GRAYSCALE) / 255
    ours = min(np.abs(np.asarray(augmented_stripes) - theirs).mean() for augmented_stripes in (view, view.flip(1)))
    assert ours < 0.25 * np.abs(face / 255 - theirs).mean(), "closer to JPEG than the original image"


def augmented_stripes(jitter: Jitter) -> tuple[torch.Tensor, torch.Tensor]:
    """Two hundred symmetric images with fine stripes around mid-gray, and their augmented versions."""
    stripes = torch.where(torch.arange(48) % 4 < 2, 0.3, 0.7)
    pictures = stripes.view(1, 1, 48, 1).repeat(200, 1, 1, 48)
    return pictures, augment(pictures, jitter, torch.Generator().manual_seed(6), side_px=48)


def is_covered(views: torch.Tensor) -> torch.Tensor:
    """Whether an image has a uniform rectangle: equal adjacent rows in a part of the columns."""
    gray = (views[:, :, 4:] == views[:, :, :-4]) & (views[:, :, 2:-2] == views[:, :, 4:])
    return gray.flatten(1).any(dim=1) & (views == views[:, :, :, :1]).logical_not().flatten(1).any(dim=1)


@pytest.mark.parametrize(
    ("change", "has_happened"),
    [
        (replace(STILL, erase_share=0.5, erase_side=(0.4, 0.6)), is_covered),
        (replace(STILL, dim_share=0.5, dim_exposure=(0.1, 0.2)), lambda views: views.mean(dim=(1, 2, 3)) < 0.3),
        (replace(STILL, noise_share=0.5, noise_deviation=(0.1, 0.2)), lambda views: views[:, 0, 5].std(dim=1) > 0.05),
        (replace(STILL, coarse_share=0.5, coarse_side=(0.2, 0.3)), lambda views: views.std(dim=(1, 2, 3)) < 0.15),
    ],
    ids=["erased", "dim", "noisy", "coarse"],
)
def test_degradation_affects_the_configured_share_of_images(
    change: Jitter, has_happened: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    pictures, views = augmented_stripes(change)
    happened = has_happened(views)
    assert not has_happened(pictures).any()
    assert float(happened.float().mean()) == pytest.approx(0.5, abs=0.1)
    assert torch.allclose(views[~happened], pictures[~happened], atol=1e-5), "the other images are unchanged"
