"""Training, distillation and export. Requires PyTorch: ``make test-training``."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from mien.face.classifiers.onnx import as_input, softmax  # noqa: E402
from mien.mood.neutral import TYPICAL_LOGS  # noqa: E402
from tests.training.networks import write_network  # noqa: E402
from training.data import Fer2013, Rows, read  # noqa: E402
from training.detected import DetectedCrops  # noqa: E402
from training.export import (  # noqa: E402
    MODELS,
    TYPICAL_WITHIN,
    export,
    logits_of,
    precision_for,
    settings_of,
    ship,
    typical_logs,
)
from training.model import ExpressionNet, parameter_count  # noqa: E402
from training.recipes import Plan, Recipe, plan_for  # noqa: E402
from training.run import best_on_public, run_plan  # noqa: E402
from training.settings import fit_temperature  # noqa: E402
from training.teach import write_teacher_predictions  # noqa: E402
from training.train import Training, load, lr_schedule, mixup_batch, mixup_shares, predict, public_scores, train  # noqa: E402
from training.training_set import Batch, TrainingSet, two_views  # noqa: E402
from training.unpack import unpack  # noqa: E402

SMALL = Recipe(
    stages=((8,), (16,), (32,), (32,)), epochs=6, batch_size=32, learning_rate=0.02, warmup_epochs=1.0, small_side_px=32
)


def shifted_crops(images: np.ndarray) -> DetectedCrops:
    """Detected crops as if every second face was found and cropped four pixels lower."""
    found = np.arange(len(images)) % 2 == 0
    count = len(images)
    return DetectedCrops(
        found, np.roll(images, -4, axis=1), np.zeros((count, 52), np.float32), found.astype(np.float32)
    )


@pytest.mark.parametrize(
    "recipe",
    [SMALL, replace(SMALL, muon_rate=0.02), replace(SMALL, adam_rate=0.003)],
    ids=["descent", "muon", "adam"],
)
def test_training_learns_and_stores_the_best_epoch(two_classes_csv: Path, tmp_path: Path, recipe: Recipe) -> None:
    data = read(two_classes_csv)
    training_set = TrainingSet.of(data.training(), None, vote_weight=0.3, smoothing=0.05)
    out, public = tmp_path / "run", data.part("PublicTest")
    train(recipe, training_set, public, None, out=out)
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in log] == [1, 2, 3, 4, 5, 6]
    assert max(line["public"] for line in log) > 0.9
    loaded_recipe, model = load(out)
    assert loaded_recipe == recipe
    assert public_scores(model, public, None, side_px=48) == {"public": max(line["public"] for line in log)}


def test_score_without_detected_faces_uses_original_crops_only(two_classes_csv: Path) -> None:
    rows = read(two_classes_csv).part("PublicTest")
    blind = DetectedCrops(np.zeros(256, bool), np.zeros((256, 48, 48), np.uint8), np.zeros((256, 52)), np.zeros(256))
    assert list(public_scores(ExpressionNet(), rows, blind, side_px=48)) == ["public"]


def test_learning_rate_follows_the_schedule_in_training(two_classes_csv: Path) -> None:
    recipe = replace(SMALL, epochs=2, warmup_epochs=1.0, muon_rate=0.04)
    data = read(two_classes_csv)
    training = Training(recipe, torch.device("cpu"))
    training_set = TrainingSet.of(data.training(), None, vote_weight=0, smoothing=0)
    for _ in range(2):
        training.run_epoch(training_set)
        share = lr_schedule(recipe, training.epoch - 1 + 5 / 6)
        rates = [group["lr"] for optimiser in training.optimisers for group in optimiser.param_groups]
        assert rates == pytest.approx([0.04 * share, 0.02 * share]), "rates of the last of six batches"


def test_second_cycle_starts_with_the_weights_of_the_first(two_classes_csv: Path, tmp_path: Path) -> None:
    data = read(two_classes_csv)
    still = replace(SMALL, epochs=1, learning_rate=0.0, warmup_epochs=0.0)
    plan = Plan({}, SMALL, again=still, seeds=(3,))
    (run,) = run_plan(plan, data, shifted_crops(data.rows.images), tmp_path)
    assert run.name == "student-3-again"
    before, after = (dict(load(tmp_path / name)[1].named_parameters()) for name in ("student-3", run.name))
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("best", ["one", "two", "three"])
def test_best_run_has_the_best_mean_of_both_crops(tmp_path: Path, best: str) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        epochs = [{"public": 0.6, "public_own": 0.6}, {"public": 0.7, "public_own": 0.8 if name == best else 0.65}]
        (tmp_path / name / "log.jsonl").write_text("\n".join(map(json.dumps, epochs)))
    assert best_on_public([tmp_path / name for name in ("one", "two", "three")]).name == best


def test_teacher_predictions_are_the_mean_of_all_teachers(two_classes_csv: Path, tmp_path: Path) -> None:
    data = read(two_classes_csv)
    recipes = {"plain": SMALL, "other": replace(SMALL, shape="residual", side_px=40)}
    plan = Plan({name: replace(recipe, epochs=1) for name, recipe in recipes.items()}, SMALL, seeds=())
    for done, name in enumerate(recipes, start=1):
        run_plan(plan, data, shifted_crops(data.rows.images), tmp_path, only=name)
        assert {path.parent.name for path in tmp_path.glob("*/best.pt")} == set([*recipes][:done])
    write_teacher_predictions([tmp_path / name for name in recipes], data, tmp_path / "teachers.npz")
    images = torch.from_numpy(data.training().images)
    each = [
        predict(load(tmp_path / name)[1], images, side_px=recipe.side_px, mirror=True)
        for name, recipe in recipes.items()
    ]
    assert float((each[0][0] - each[1][0]).abs().max()) > 0.01, "the teachers differ"
    with np.load(tmp_path / "teachers.npz") as predicted:
        for place, key in enumerate(("labels", "votes")):
            mean = (each[0][place] + each[1][place]).numpy() / 2
            assert predicted[key] == pytest.approx(mean, abs=1e-4)


def test_distillation_mixes_teacher_predictions_into_the_targets(two_classes_csv: Path, tmp_path: Path) -> None:
    data = read(two_classes_csv)
    data.rows.votes[:96, 1] = 10
    training_set = TrainingSet.of(data.training(), None, vote_weight=0, smoothing=0)
    predicted = {"labels": np.full((192, 7), 1 / 7, np.float32), "votes": np.full((192, 8), 1 / 8, np.float32)}
    np.savez(tmp_path / "teachers.npz", **predicted, teachers="fingerprint")
    distilled = training_set.distilled_from(tmp_path / "teachers.npz", weight=0.25)
    assert torch.allclose(distilled.labels, 0.75 * training_set.labels + 0.25 / 7)
    assert distilled.votes[0].tolist() == pytest.approx([0.25 / 8, 0.75 + 0.25 / 8, *[0.25 / 8] * 6])
    assert distilled.votes[191].tolist() == pytest.approx([1 / 8] * 8), (
        "rows without votes use the teachers' votes alone"
    )
    assert distilled.origin == {**training_set.origin, "teachers": "fingerprint"}


def test_int8_is_chosen_if_it_costs_less_than_0_2_points() -> None:
    assert precision_for(float32=0.7049, int8=0.7030) == "int8"
    assert precision_for(float32=0.7049, int8=0.7028) == "float32"
    assert precision_for(float32=0.7, int8=0.71) == "int8"


@pytest.fixture
def grays() -> Rows:
    """A hundred uniform crops from black to white, most of them labelled as ``write_network`` classifies them."""
    gray = np.linspace(0, 255, 100).astype(np.uint8)
    labels = (gray / 256 * 7).astype(np.int64)
    labels[::9] = 6
    images = np.tile(gray[:, None, None], (1, 48, 48))
    return Rows(images, labels, np.zeros((100, 10), np.uint8), np.arange(100))


def test_confidence_threshold_rejects_a_fifth_of_public_test(tmp_path: Path, grays: Rows) -> None:
    path = write_network(tmp_path / "net.onnx")
    settings = settings_of(path, grays, name="a name")
    top = softmax(logits_of(path, as_input(grays.images)) / settings["temperature"]).max(axis=1)
    assert (top >= settings["confidence_threshold"]).mean() == pytest.approx(0.8, abs=0.03)
    assert settings["name"] == "a name"


def test_shipping_requires_a_new_name_and_reports_changed_neutral_faces(
    tmp_path: Path, grays: Rows, capsys: pytest.CaptureFixture[str]
) -> None:
    data = Fer2013(grays, np.ones(100, np.int64), np.ones(100, bool))
    packed = write_network(tmp_path / "expression.onnx")
    card = {**json.loads(packed.with_suffix(".json").read_text()), "sha256": "one"}
    packed.with_suffix(".json").write_text(json.dumps(card))
    ship(packed, "mien-expression-8", data, tmp_path / "models")
    shipped = tmp_path / "models" / "expression.onnx"
    assert shipped.read_bytes() == packed.read_bytes()
    assert json.loads(shipped.with_suffix(".json").read_text()) == card | {"name": "mien-expression-8"}
    assert "neutral.py, set TYPICAL_LOGS = (" in capsys.readouterr().out
    ship(packed, "mien-expression-8", data, tmp_path / "models")
    packed.with_suffix(".json").write_text(json.dumps(card | {"sha256": "another"}))
    with pytest.raises(ValueError, match="mien-expression-8 is already the name of the network"):
        ship(packed, "mien-expression-8", data, tmp_path / "models")
    ship(packed, "mien-expression-9", data, tmp_path / "models")


def test_shipped_network_matches_typical_logs(shared_data: Path) -> None:
    rows = read(shared_data / "fer2013" / "fer2013.zip").part("PublicTest")
    typical = typical_logs(MODELS / "expression.onnx", rows, json.loads((MODELS / "expression.json").read_text()))
    assert typical == pytest.approx(TYPICAL_LOGS, abs=TYPICAL_WITHIN)


@pytest.mark.filterwarnings("ignore")
def test_exported_network_matches_the_trained_one(tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = ExpressionNet(((8,), (16, 16), (32,))).eval()
    images = torch.randint(0, 256, (33, 48, 48), dtype=torch.uint8)
    export(model, tmp_path / "net.onnx")
    predicted = torch.from_numpy(logits_of(tmp_path / "net.onnx", as_input(images.numpy()))).softmax(dim=1)
    assert torch.allclose(predicted, predict(model, images, exact=True)[0], atol=1e-4)
    assert str(Path.cwd()).encode() not in (tmp_path / "net.onnx").read_bytes()


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_all_networks_of_a_plan_are_robust_to_brightness(device: str) -> None:
    plan = plan_for(device)
    assert parameter_count(plan.student.network()) < 3_000_000
    face = torch.rand(2, 1, 64, 64)
    for recipe in (*plan.teachers.values(), plan.student):
        model = recipe.network().eval()
        labels, votes = model(face)
        assert labels.shape == (2, 7)
        assert votes.shape == (2, 8)
        assert torch.allclose(labels, model(face * 0.5 + 0.2)[0], atol=0.05)
        assert Recipe.from_json(json.loads(json.dumps(asdict(recipe)))) == recipe


def test_original_and_detected_crops_are_drawn(two_classes_csv: Path) -> None:
    data = read(two_classes_csv)
    rows, detected = data.part("PrivateTest"), shifted_crops(data.rows.images)
    views = two_views(rows, detected)
    assert torch.equal(views[:, 0], torch.from_numpy(rows.images))
    assert torch.equal(views[0, 1], torch.from_numpy(np.roll(rows.images[0], -4, axis=0))), "file row 224 was found"
    assert torch.equal(views[1, 1], views[1, 0]), "file row 225 was not"
    training_set = TrainingSet.of(rows, detected, vote_weight=0, smoothing=0)
    drawn = training_set.draw(torch.arange(32).repeat(50), own_share=0.25, generator=torch.Generator().manual_seed(1))
    is_own = (drawn.images[:, 0] * 255 != views[:, 0].repeat(50, 1, 1)).flatten(1).any(dim=1)
    assert float(is_own.float().mean()) == pytest.approx(0.125, abs=0.03)


def test_mixup_blends_images_and_targets_alike() -> None:
    """The brightness of each image is proportional to its label, so blends can be checked against their targets."""
    number = torch.arange(7.0) / 7
    batch = Batch(number.view(-1, 1, 1, 1).expand(7, 1, 48, 48), torch.eye(7), torch.eye(8)[:7])
    generator = torch.Generator().manual_seed(3)
    first, second = mixup_shares(2, 5.0, generator)
    mixed = mixup_batch(batch, first, generator)
    brightness = mixed.images.mean(dim=(1, 2, 3))
    assert torch.allclose(brightness, mixed.labels @ number, atol=1e-5)
    assert torch.allclose(brightness, mixed.votes[:, :7] @ number, atol=1e-5)
    assert mixed.labels.sum(dim=1).tolist() == pytest.approx([1] * 7)
    assert float((brightness - number).abs().max()) > 0.05
    assert not torch.equal(mixed.labels, mixup_batch(batch, second, generator).labels), "each call draws other pairs"
    assert [mixup_batch(batch, share, generator) for share in mixup_shares(2, 0, generator)] == [batch, batch]


def test_learning_rate_schedule_rises_and_falls() -> None:
    recipe = Recipe(epochs=20, warmup_epochs=2.0)
    rates = [lr_schedule(recipe, epoch / 4) for epoch in range(80)]
    assert rates[0] < 0.01
    assert max(rates) == pytest.approx(1)
    assert rates[-1] < 0.01
    assert [recipe.side_at(epoch) for epoch in (0, 9, 10, 19)] == [36, 36, 48, 48]


def test_fitted_temperature_corrects_overconfidence() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 7)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(7, p=row / row.sum()) for row in chances.astype(np.float64)])
    assert fit_temperature(2 * logits, labels) == pytest.approx(2.0, abs=0.1)


def test_rows_are_written_as_image_files(two_classes_csv: Path, tmp_path: Path) -> None:
    assert unpack(two_classes_csv, "PrivateTest", tmp_path / "pictures") == 32
    with Image.open(next((tmp_path / "pictures" / "happy").iterdir())) as picture:
        assert picture.size == (48, 48)
    with pytest.raises(ValueError, match="is not empty; choose another folder"):
        unpack(two_classes_csv, "PublicTest", tmp_path / "pictures")
