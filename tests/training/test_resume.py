"""Resuming interrupted runs and detecting changed inputs. Requires PyTorch: ``make test-training``."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training.data import Fer2013, read  # noqa: E402
from training.detected import DetectedCrops  # noqa: E402
from training.folder import BEST, CHECKPOINT, LOG, ORIGIN, RECIPE  # noqa: E402
from training.recipes import Plan, Recipe, plan_for  # noqa: E402
from training.run import run_plan  # noqa: E402
from training.teach import write_teacher_predictions  # noqa: E402
from training.train import Training, train  # noqa: E402
from training.training_set import TrainingSet  # noqa: E402

TINY = Recipe(
    stages=((8,), (8,), (8,), (8,)), epochs=3, batch_size=48, learning_rate=0.02, warmup_epochs=1.0, small_side_px=32
)
NOTHING_DETECTED = DetectedCrops(
    *(np.zeros((256, *shape), kind) for shape, kind in (((), bool), ((48, 48), np.uint8))), *[None] * 2
)


@pytest.fixture
def data(two_classes_csv: Path) -> Fer2013:
    return read(two_classes_csv)


def training_set_of(data: Fer2013) -> TrainingSet:
    return TrainingSet.of(data.training(), None, vote_weight=0.3, smoothing=0.05)


def interrupt(monkeypatch: pytest.MonkeyPatch, *, after_epochs: int) -> None:
    """Raise ``KeyboardInterrupt`` after this number of epochs."""
    original = Training.run_epoch

    def run_epoch(training: Training, training_set: TrainingSet) -> float:
        if training.epoch == after_epochs:
            raise KeyboardInterrupt
        return original(training, training_set)

    monkeypatch.setattr(Training, "run_epoch", run_epoch)


def log_of(run: Path) -> list[dict[str, float]]:
    return [{**json.loads(line), "seconds": 0} for line in (run / LOG).read_text().splitlines()]


@pytest.mark.parametrize("optimiser", [{}, {"muon_rate": 0.02}, {"adam_rate": 0.002}], ids=["descent", "muon", "adam"])
def test_resumed_run_matches_an_uninterrupted_run(
    data: Fer2013, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, optimiser: dict[str, float]
) -> None:
    recipe = replace(TINY, mixup=0.2, **optimiser)
    training_set, public = training_set_of(data), data.part("PublicTest")
    train(recipe, training_set, public, None, out=tmp_path / "whole")
    with monkeypatch.context() as patch:
        interrupt(patch, after_epochs=1)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, training_set, public, None, out=tmp_path / "broken")
    torch.rand(5)  # advance the global generator in between
    train(recipe, training_set, public, None, out=tmp_path / "broken")
    whole, broken = (
        torch.load(tmp_path / run / CHECKPOINT, weights_only=False)["average"] for run in ("whole", "broken")
    )
    assert all(torch.equal(whole[name], broken[name]) for name in whole)
    assert log_of(tmp_path / "whole") == log_of(tmp_path / "broken")
    assert [line["epoch"] for line in log_of(tmp_path / "whole")] == [1, 2, 3]


def test_old_checkpoints_without_global_generators_are_resumed(data: Fer2013, tmp_path: Path) -> None:
    run = tmp_path / "old"
    train(TINY, training_set_of(data), data.part("PublicTest"), None, out=run)
    state = torch.load(run / CHECKPOINT, weights_only=False)
    del state["global_generators"]
    torch.save({**state, "epoch": 2}, run / CHECKPOINT)
    (run / ORIGIN).unlink()
    train(TINY, training_set_of(data), data.part("PublicTest"), None, out=run)
    assert [line["epoch"] for line in log_of(run)] == [1, 2, 3, 3]
    assert not (run / ORIGIN).exists(), "no origin is invented"


def test_run_folder_rejects_another_recipe_or_other_data(data: Fer2013, tmp_path: Path) -> None:
    run, training_set, public = tmp_path / "run", training_set_of(data), data.part("PublicTest")
    train(replace(TINY, epochs=1), training_set, public, None, out=run)
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    other = replace(TINY, epochs=2, jitter=replace(TINY.jitter, noise_share=0))
    with pytest.raises(ValueError, match=r"another recipe \(epochs 1 there, 2 here; noise_share 0.2 there, 0 here\)"):
        train(other, training_set, public, None, out=run)
    darker = replace(data, rows=replace(data.rows, images=data.rows.images // 2))
    with pytest.raises(ValueError, match="trained with different pictures; move that folder away"):
        train(replace(TINY, epochs=1), training_set_of(darker), public, None, out=run)
    relabelled = replace(data, rows=replace(data.rows, labels=data.rows.labels[::-1].copy()))
    with pytest.raises(ValueError, match="trained with different labels; move that folder away"):
        train(replace(TINY, epochs=1), training_set_of(relabelled), public, None, out=run)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before, "nothing is written to the folder"
    (run / CHECKPOINT).unlink()
    with pytest.raises(ValueError, match=r"no checkpoint\.pt to resume from"):
        train(replace(TINY, epochs=1), training_set, public, None, out=run)


def test_changed_teachers_or_start_weights_are_detected(data: Fer2013, tmp_path: Path) -> None:
    short = replace(TINY, epochs=1)
    plan = Plan({"teacher": short}, short, again=short, seeds=(1,))
    run_plan(plan, data, NOTHING_DETECTED, tmp_path)
    run_plan(plan, data, NOTHING_DETECTED, tmp_path)
    predicted = (tmp_path / "teachers.npz").read_bytes()
    weights = torch.load(tmp_path / "teacher" / BEST)
    torch.save({name: 1.5 * values for name, values in weights.items()}, tmp_path / "teacher" / BEST)
    with pytest.raises(ValueError, match=r"student-1 holds a network that was trained with different teachers;"):
        run_plan(plan, data, NOTHING_DETECTED, tmp_path)
    assert (tmp_path / "teachers.npz").read_bytes() != predicted, "the predictions of the new teacher are computed"
    (tmp_path / "student-1" / BEST).write_bytes((tmp_path / "teacher" / BEST).read_bytes())
    with pytest.raises(
        ValueError, match=r"student-1-again holds a network that was trained with different first cycle;"
    ):
        run_plan(plan, data, NOTHING_DETECTED, tmp_path, only="student-1-again")


def test_teacher_predictions_without_fingerprint_are_recomputed(data: Fer2013, tmp_path: Path) -> None:
    train(replace(TINY, epochs=1), training_set_of(data), data.part("PublicTest"), None, out=tmp_path / "teacher")
    out = tmp_path / "teachers.npz"
    np.savez(out, labels=np.full((192, 7), 1 / 7, np.float32), votes=np.full((192, 8), 1 / 8, np.float32))
    write_teacher_predictions([tmp_path / "teacher"], data, out)
    with np.load(out) as predicted:
        assert np.abs(predicted["labels"] - 1 / 7).max() > 0.01


def test_detected_crops_of_other_images_are_rejected(data: Fer2013, tmp_path: Path) -> None:
    pictures = data.rows.images
    detected = DetectedCrops(np.ones(256, bool), pictures, np.zeros((256, 52), np.float32), np.ones(256, np.float32))
    detected.save(tmp_path / "views.npz", pictures)
    assert np.array_equal(DetectedCrops.read(tmp_path / "views.npz", pictures).crops, pictures)
    with pytest.raises(ValueError, match=r"views\.npz holds detections of other images; move it away"):
        DetectedCrops.read(tmp_path / "views.npz", pictures[::-1])
    np.savez(
        tmp_path / "old.npz",
        found=detected.found,
        crops=detected.crops,
        blendshapes=detected.blendshapes,
        presence=detected.presence,
    )
    assert DetectedCrops.read(tmp_path / "old.npz", pictures[::-1]).found.all(), "written before fingerprints existed"
    with pytest.raises(ValueError, match="other images"):
        DetectedCrops.read(tmp_path / "old.npz", pictures[1:])


def test_cpu_and_gpu_plans_use_different_folders() -> None:
    assert plan_for("cpu").folder != plan_for("cuda").folder


@pytest.mark.parametrize(
    ("only", "words"),
    [
        ("nosuch", "no network 'nosuch'; it has teacher, student-1, student-1-again"),
        ("student-1", r"teacher holds no trained network \(recipe.json is missing\); train teacher first"),
        ("student-1-again", "train student-1 first"),
    ],
)
def test_error_message_names_the_missing_network(data: Fer2013, tmp_path: Path, only: str, words: str) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=words):
        run_plan(Plan({"teacher": TINY}, TINY, again=TINY, seeds=(1,)), data, NOTHING_DETECTED, tmp_path, only=only)
    assert list(tmp_path.glob(f"*/{RECIPE}")) == []
