"""Distilling teachers into a student that was trained before. Requires PyTorch: ``make test-training``."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.data import Fer2013, read  # noqa: E402
from training.distil import distil  # noqa: E402
from training.folder import BEST, LOG, RECIPE  # noqa: E402
from training.recipes import Recipe, distilled_student  # noqa: E402
from training.train import load, train  # noqa: E402
from training.training_set import TrainingSet  # noqa: E402

SMALL = Recipe(
    stages=((8,), (16,), (16,), (16,)), epochs=1, batch_size=48, learning_rate=0.02, warmup_epochs=0.5, side_px=32
)
STUDENT = replace(
    distilled_student(), stages=SMALL.stages, epochs=4, batch_size=32, learning_rate=0.03, muon_rate=0.03, side_px=48
)


@pytest.fixture
def data(two_classes_csv: Path) -> Fer2013:
    return read(two_classes_csv)


@pytest.fixture
def runs(data: Fer2013, tmp_path: Path) -> list[Path]:
    """Two teachers with different image sides, and the student's initial weights."""
    rows, public = TrainingSet.of(data.training(), None, vote_weight=0.3, smoothing=0.05), data.part("PublicTest")
    recipes = {
        "first": replace(SMALL, epochs=4),
        "second": replace(SMALL, shape="residual", epochs=4, side_px=48),
        "start": replace(SMALL, side_px=48),
    }
    for name, recipe in recipes.items():
        train(recipe, rows, public, None, out=tmp_path / name)
    return [tmp_path / name for name in recipes]


def views_of(run: Path) -> list[tuple[torch.Tensor, ...]]:
    paths = sorted(run.with_name(f"{run.name}-views").iterdir())
    assert [path.name for path in paths] == ["0.pt", "1.pt", "2.pt"]
    return [torch.load(path, weights_only=True)["view"] for path in paths]


def test_student_learns_from_stored_views_and_missing_views_are_made_again(
    data: Fer2013, runs: list[Path], tmp_path: Path
) -> None:
    *teachers, start = runs
    out = tmp_path / "student"
    distil(teachers, data, None, recipe=STUDENT, start=start, out=out, count=3)
    log = [json.loads(line) for line in (out / LOG).read_text().splitlines()]
    assert [line["epoch"] for line in log] == [1, 2, 3, 4]
    assert max(line["public"] for line in log) > 0.9
    assert not torch.equal(load(out)[1].label.weight, load(start)[1].label.weight)
    before = views_of(out)
    assert torch.equal(before[0][0], torch.from_numpy(data.training().images))
    assert not torch.equal(before[1][0], before[2][0])
    (tmp_path / "student-views" / "1.pt").unlink()
    distil(teachers, data, None, recipe=STUDENT, start=start, out=out, count=3)
    for view, again in zip(before, views_of(out), strict=True):
        assert all(torch.equal(*parts) for parts in zip(view, again, strict=True))


def test_views_of_other_teachers_are_not_used(data: Fer2013, runs: list[Path], tmp_path: Path) -> None:
    *teachers, start = runs
    out = tmp_path / "student"
    distil(teachers, data, None, recipe=replace(STUDENT, epochs=1), start=start, out=out, count=1)
    (teachers[1] / BEST).write_bytes((start / BEST).read_bytes())
    (teachers[1] / RECIPE).write_bytes((start / RECIPE).read_bytes())
    with pytest.raises(ValueError, match="other teachers or rows"):
        distil(teachers, data, None, recipe=STUDENT, start=start, out=tmp_path / "student", count=1)
