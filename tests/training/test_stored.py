"""Stored views and the teachers' predictions for them. Requires PyTorch: ``make test-training``."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.augment import Jitter  # noqa: E402
from training.data import read  # noqa: E402
from training.stored import Teacher, View, generate_views, predict_ensemble, store_views  # noqa: E402
from training.training_set import TrainingSet  # noqa: E402


class ByBrightness(torch.nn.Module):
    """Predicts the first class for bright images and the second for dark ones."""

    def __init__(self) -> None:
        super().__init__()
        self.sharpness = torch.nn.Parameter(torch.tensor(40.0))

    def forward(self, images):
        level = self.sharpness * (images.mean(dim=(1, 2, 3)) - 0.5)
        nothing = torch.full((len(images), 1), -100.0)
        logits = torch.cat([level[:, None], -level[:, None], *[nothing] * 6], dim=1)
        return logits[:, :7], logits


@pytest.fixture
def training_set(two_classes_csv: Path) -> TrainingSet:
    data = read(two_classes_csv)
    data.rows.votes[:96, 1] = 10
    return TrainingSet.of(data.training(), None, vote_weight=0, smoothing=0)


def test_ensemble_prediction_is_the_weighted_mean() -> None:
    images = torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1).expand(2, 48, 48)
    sure, unsure = ByBrightness(), ByBrightness()
    unsure.sharpness.data.zero_()
    predicted = predict_ensemble([Teacher(sure, 48, 0.75), Teacher(unsure, 64, 0.25)], images)
    even = torch.tensor([0.125, 0.125])
    assert torch.allclose(predicted.labels[:, :2], torch.tensor([[0.0, 0.75], [0.75, 0.0]]) + even, atol=1e-3)
    assert predicted.votes.shape == (2, 8)


def test_first_view_is_the_original_crop_and_each_view_has_its_predictions(training_set: TrainingSet) -> None:
    generator = torch.Generator().manual_seed(1)
    jitter = replace(Jitter(), dim_share=1.0)
    teacher = Teacher(ByBrightness(), 48, 1.0)
    views = list(islice(generate_views(training_set, [teacher], jitter, own_share=0.0, generator=generator), 3))
    assert torch.equal(views[0].images, training_set.views[:, 0])
    assert not torch.equal(views[1].images, views[2].images)
    for view in views:
        assert view.images.dtype == torch.uint8
        assert torch.allclose(view.labels, predict_ensemble([teacher], view.images).labels)


def test_stored_targets_are_mixed_and_drawn_with_their_view(training_set: TrainingSet) -> None:
    count = len(training_set)
    views = [
        View(
            torch.full((count, 48, 48), number, dtype=torch.uint8),
            torch.eye(7)[number].repeat(count, 1),
            torch.eye(8)[number].repeat(count, 1),
        )
        for number in (1, 2)
    ]
    mixed = store_views(training_set, views, weight=0.25)
    drawn = mixed.draw(torch.arange(count), own_share=0.0, generator=torch.Generator().manual_seed(2))
    number = (drawn.images[:, 0, 0, 0] * 255).round().long()
    assert sorted(number.unique().tolist()) == [1, 2]
    expected = 0.75 * training_set.labels + 0.25 * torch.eye(7)[number]
    assert torch.allclose(drawn.labels, expected)
    voted = training_set.votes.sum(dim=1) > 0
    assert torch.allclose(drawn.votes[voted], 0.75 * training_set.votes[voted] + 0.25 * torch.eye(8)[number[voted]])
    assert torch.allclose(drawn.votes[~voted], torch.eye(8)[number[~voted]]), (
        "rows without votes use the teachers' votes alone"
    )
    assert mixed.origin.keys() == {*training_set.origin, "teachers"}
    assert mixed.origin["teachers"] != store_views(training_set, views[::-1], weight=0.25).origin["teachers"]
