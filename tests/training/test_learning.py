"""The network learns, resumes, teaches and is exported as it was. Runs where PyTorch is: ``make test-training``."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from mien.face.classifiers.onnx import as_input  # noqa: E402
from training.augment import Jitter, augment  # noqa: E402
from training.data import read  # noqa: E402
from training.export import export, fit_temperature, logits_of, ship  # noqa: E402
from training.lessons import Batch, Lessons, two_views  # noqa: E402
from training.model import ExpressionNet, parameter_count  # noqa: E402
from training.recipes import Plan, Recipe, plan_for  # noqa: E402
from training.run import best_on_public, run_plan  # noqa: E402
from training.train import load, mixed_up, pace, predict, train  # noqa: E402
from training.unpack import unpack  # noqa: E402
from training.views import Views  # noqa: E402

SMALL = Recipe(
    stages=((8,), (16,), (32,), (32,)), epochs=6, batch_size=32, learning_rate=0.02, warmup_epochs=1.0, small_side_px=32
)


def own_views(images: np.ndarray) -> Views:
    """As if mien's detector had found every second face, and cropped it four pixels lower."""
    found = np.arange(len(images)) % 2 == 0
    count = len(images)
    return Views(found, np.roll(images, -4, axis=1), np.zeros((count, 52), np.float32), found.astype(np.float32))


@pytest.mark.parametrize("recipe", [SMALL, replace(SMALL, muon_rate=0.02)], ids=["descent", "muon"])
def test_it_learns_and_resumes_where_it_stopped(two_classes_csv: Path, tmp_path: Path, recipe: Recipe) -> None:
    data = read(two_classes_csv)
    lessons = Lessons.of(data.training(), None, vote_weight=0.3, smoothing=0.05)
    out = tmp_path / "run"
    train(replace(recipe, epochs=3), lessons, data.part("PublicTest"), None, out=out)
    train(recipe, lessons, data.part("PublicTest"), None, out=out)
    log = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in log] == [1, 2, 3, 4, 5, 6]
    assert max(line["public"] for line in log) > 0.9
    assert Recipe.from_json(json.loads((out / "recipe.json").read_text())) == recipe


def test_a_second_cycle_begins_where_the_first_ended(two_classes_csv: Path, tmp_path: Path) -> None:
    data = read(two_classes_csv)
    still = replace(SMALL, epochs=1, learning_rate=0.0, warmup_epochs=0.0)
    plan = Plan({}, SMALL, again=still, seeds=(3,))
    (run,) = run_plan(plan, data, own_views(data.rows.images), tmp_path)
    assert run.name == "student-3-again"
    before, after = (dict(load(tmp_path / name)[1].named_parameters()) for name in ("student-3", run.name))
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert best_on_public([run]) == run


@pytest.mark.filterwarnings("ignore")  # PyTorch's exporter calls what PyTorch itself has deprecated
def test_teachers_teach_a_student_that_is_shipped(two_classes_csv: Path, tmp_path: Path) -> None:
    data = read(two_classes_csv)
    own = own_views(data.rows.images)
    teachers = {"plain": SMALL, "other": replace(SMALL, shape="residual", own_share=0)}
    plan = Plan(teachers, replace(SMALL, mixup=0.2), seeds=(1, 2))
    run_plan(plan, data, own, tmp_path, only="plain")
    assert [path.name for path in tmp_path.glob("*/best.pt")] != [], "one network can be trained alone"
    students = run_plan(plan, data, own, tmp_path)
    assert [run.name for run in students] == ["student-1", "student-2"]
    with np.load(tmp_path / "teachers.npz") as said:
        assert said["labels"].shape == (192, 7)
        assert said["votes"].sum(axis=1) == pytest.approx(np.ones(192), abs=1e-4)
        happy = data.training().labels == 3
        assert said["labels"][happy, 3].mean() > 2 * said["labels"][~happy, 3].mean(), "teachers know their subject"
    best = best_on_public(students)
    ship(best, data, tmp_path)
    card = json.loads((tmp_path / "expression.json").read_text())
    assert card["recipe"]["seed"] == int(best.name[-1])
    assert 0 < card["confidence_threshold"] < 1
    assert card["precision"] == "int8"
    public = data.part("PublicTest")
    said = {name: logits_of(best / f"{name}.onnx", as_input(public.images)) for name in ("float32", "int8")}
    assert np.abs(said["float32"] - said["int8"]).max() < 0.1 * np.abs(said["float32"]).max()
    assert (best / "int8.onnx").stat().st_size < (best / "float32.onnx").stat().st_size
    assert (tmp_path / "expression.onnx").read_bytes() == (best / "int8.onnx").read_bytes()


@pytest.mark.filterwarnings("ignore")
def test_the_exported_network_answers_as_the_trained_one(tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = ExpressionNet().eval()
    images = torch.randint(0, 256, (33, 48, 48), dtype=torch.uint8)
    export(model, tmp_path / "net.onnx")
    said = torch.from_numpy(logits_of(tmp_path / "net.onnx", as_input(images.numpy()))).softmax(dim=1)
    assert torch.allclose(said, predict(model, images, exact=True)[0], atol=1e-4)
    assert str(Path.cwd()).encode() not in (tmp_path / "net.onnx").read_bytes()


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_every_network_of_a_plan_reads_a_face_in_any_light(device: str) -> None:
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


def test_a_row_is_seen_as_given_and_as_our_detector_crops_it(two_classes_csv: Path) -> None:
    data = read(two_classes_csv)
    rows, own = data.part("PrivateTest"), own_views(data.rows.images)
    views = two_views(rows, own)
    assert torch.equal(views[:, 0], torch.from_numpy(rows.images))
    assert torch.equal(views[0, 1], torch.from_numpy(np.roll(rows.images[0], -4, axis=0))), "file row 224 was found"
    assert torch.equal(views[1, 1], views[1, 0]), "file row 225 was not"
    lessons = Lessons.of(rows, own, vote_weight=0, smoothing=0)
    drawn = lessons.draw(torch.arange(32).repeat(50), own_share=0.25, generator=torch.Generator().manual_seed(1))
    is_own = (drawn.images[:, 0] * 255 != views[:, 0].repeat(50, 1, 1)).flatten(1).any(dim=1)
    assert float(is_own.float().mean()) == pytest.approx(0.125, abs=0.03)


def test_views_stay_pictures_and_differ() -> None:
    images = torch.rand(64, 1, 48, 48)
    views = augment(images, Jitter(), torch.Generator().manual_seed(1), side_px=36)
    assert views.shape == (64, 1, 36, 36)
    assert float(views.min()) >= 0
    assert float(views.max()) <= 1
    assert torch.equal(views, augment(images, Jitter(), torch.Generator().manual_seed(1), side_px=36))
    assert not torch.equal(views, augment(images, Jitter(), torch.Generator().manual_seed(2), side_px=36))


def test_compression_rounds_as_jpeg_does() -> None:
    """Against OpenCV's own JPEG at quality 50, whose table is the one at coarseness 1."""
    face = np.asarray(cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8), (0, 0), 2))
    still = dict.fromkeys(("rotation_deg", "scale", "shift", "brightness"), 0.0)
    shares = dict.fromkeys(("coarse_share", "dim_share", "noise_share", "erase_share"), 0.0)
    jitter = Jitter(**still, **shares, jpeg_share=1.0, jpeg_coarseness=(1.0, 1.0))
    images = torch.from_numpy(face)[None, None].float() / 255
    view = augment(images, jitter, torch.Generator().manual_seed(2), side_px=48)[0, 0]
    theirs = cv2.imdecode(cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], cv2.IMREAD_GRAYSCALE) / 255
    ours = min(np.abs(np.asarray(seen) - theirs).mean() for seen in (view, view.flip(1)))
    assert ours < 0.25 * np.abs(face / 255 - theirs).mean(), "nearer to JPEG than the picture itself"


def test_a_blend_keeps_its_targets_sums() -> None:
    batch = Batch(torch.rand(8, 1, 48, 48), torch.eye(7)[torch.arange(8) % 7], torch.zeros(8, 8))
    mixed = mixed_up(batch, 0.2)
    assert mixed.labels.sum(dim=1).tolist() == pytest.approx([1] * 8)
    assert mixed_up(batch, 0) is batch


def test_the_learning_rate_rises_and_falls() -> None:
    recipe = Recipe(epochs=20, warmup_epochs=2.0)
    rates = [pace(recipe, epoch / 4) for epoch in range(80)]
    assert rates[0] < 0.01
    assert max(rates) == pytest.approx(1)
    assert rates[-1] < 0.01
    assert [recipe.side_at(epoch) for epoch in (0, 9, 10, 19)] == [36, 36, 48, 48]


def test_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 7)).astype(np.float32)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(7, p=row / row.sum()) for row in chances.astype(np.float64)])
    assert fit_temperature(2 * logits, labels) == pytest.approx(2.0, abs=0.1)


def test_rows_are_written_as_pictures(two_classes_csv: Path, tmp_path: Path) -> None:
    assert unpack(two_classes_csv, "PrivateTest", tmp_path / "pictures") == 32
    with Image.open(next((tmp_path / "pictures" / "happy").iterdir())) as picture:
        assert picture.size == (48, 48)
