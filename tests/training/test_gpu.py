"""Training within a time limit, at a small scale on a CPU. Requires PyTorch: ``make test-training``."""

import json
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from training import gpu  # noqa: E402
from training.clock import Clock  # noqa: E402
from training.data import Fer2013, read  # noqa: E402
from training.export import logits_of, pack  # noqa: E402
from training.folder import BEST, LOG  # noqa: E402
from training.gpu import BASELINE, NETWORK, Exporter, train_in_minutes  # noqa: E402
from training.model import ExpressionNet, parameter_count  # noqa: E402
from training.recipes import MinutesPlan, Recipe, minutes_plan  # noqa: E402
from training.train import Training, load, predict, train  # noqa: E402
from training.training_set import TrainingSet  # noqa: E402
from training.write_onnx import write_onnx  # noqa: E402

TINY = Recipe(
    stages=((8,), (8,), (8,), (8,)),
    epochs=4,
    batch_size=32,
    batches_at_once=4,
    learning_rate=0.02,
    muon_rate=0.02,
    warmup_epochs=0.5,
    small_share=0.0,
    mixup=0.2,
    own_share=0.0,
)
PLAN = MinutesPlan(
    {BASELINE: replace(TINY, seed=10), "residual": replace(TINY, shape="residual", side_px=56, epochs=1)},
    TINY,
    TINY.jitter,
    views=3,
    at_once=1,
)
LONG_S = 3600.0


class SteppingTime:
    """A clock that advances by one second per call."""

    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        self.time_s += 1.0
        return self.time_s


@pytest.fixture
def data(two_classes_csv: Path) -> Fer2013:
    return read(two_classes_csv)


def crops_of(data: Fer2013) -> np.ndarray:
    return data.part("PublicTest").images[:, None].astype(np.float32) / 255


def test_training_exports_the_best_network(data: Fer2013, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = train_in_minutes(PLAN, data, None, tmp_path / "gpu", Clock.of(LONG_S))
    predicted = capsys.readouterr().out
    assert "2 of 2 teachers trained" in predicted
    assert "3 views with teacher predictions" in predicted
    scores = [
        max(json.loads(line)["public"] for line in (out / name / LOG).read_text().splitlines())
        for name in (BASELINE, "student")
    ]
    settings = json.loads((out / NETWORK).with_suffix(".json").read_text())
    labels = data.part("PublicTest").labels
    assert (logits_of(out / NETWORK, crops_of(data)).argmax(axis=1) == labels).mean() == pytest.approx(
        max(scores), abs=0.04
    )
    assert settings["parameters"] == parameter_count(TINY.network())
    assert Recipe.from_json(settings["recipe"]) in (PLAN.student, PLAN.teachers[BASELINE])
    with pytest.raises(ValueError, match="holds another run; move that folder away"):
        train_in_minutes(PLAN, data, None, out, Clock.of(LONG_S))


def test_time_limit_ends_an_epoch_and_decays_the_learning_rate(data: Fer2013, tmp_path: Path) -> None:
    recipe = replace(TINY, epochs=1000, warmup_epochs=0.0)
    training_set = TrainingSet.of(data.training(), None, vote_weight=0, smoothing=0)
    training = Training(recipe, torch.device("cpu"), Clock.of(40.0, SteppingTime()))
    rates = []
    while training.epochs_done() < recipe.epochs:
        training.run_epoch(training_set)
        rates.append(training.optimisers[0].param_groups[0]["lr"])
    assert training.epoch < 15
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.02 * 0.05


def test_training_without_enough_time_still_writes_a_network(data: Fer2013, tmp_path: Path) -> None:
    training_set = TrainingSet.of(data.training(), None, vote_weight=0, smoothing=0)
    public = data.part("PublicTest")
    recipe = replace(TINY, epochs=1000, score_every=50)
    clock = Clock.of(5.0, SteppingTime())
    train(recipe, training_set, public, None, out=tmp_path / "run", clock=clock, keeps_checkpoints=False)
    assert (tmp_path / "run" / BEST).exists()
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


@pytest.mark.parametrize("interrupted", ["student", "teachers"])
def test_interrupted_training_leaves_the_best_network(
    data: Fer2013, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: str
) -> None:
    original, trained = Training.run_epoch, []

    def run_epoch(training: Training, training_set: object) -> float:
        trained.append(training.recipe)
        is_late = training.recipe == PLAN.student if interrupted == "student" else training.recipe.shape == "residual"
        if is_late:
            raise KeyboardInterrupt
        return original(training, training_set)

    monkeypatch.setattr(Training, "run_epoch", run_epoch)
    with pytest.raises(KeyboardInterrupt):
        train_in_minutes(PLAN, data, None, tmp_path / "gpu", Clock.of(LONG_S))
    settings = json.loads((tmp_path / "gpu" / "expression.json").read_text())
    assert settings["recipe"]["seed"] == 10
    assert logits_of(tmp_path / "gpu" / NETWORK, crops_of(data)).shape == (32, 7)


def test_teacher_processes_stop_in_time(data: Fer2013, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One teacher is invalid; the other has more epochs than it has time for."""
    plan = replace(
        PLAN,
        teachers={BASELINE: replace(TINY, epochs=100_000), "broken": replace(TINY, stages=())},
        student=replace(TINY, epochs=1),
        at_once=2,
        views=1,
    )
    started_s = time.monotonic()
    clock = Clock.of(60.0)
    out = train_in_minutes(plan, data, None, tmp_path / "gpu", clock)
    assert time.monotonic() - started_s < 60
    written = capfd.readouterr()
    assert "teacher broken failed" in written.err
    assert "1 of 2 teachers trained" in written.out
    assert (out / NETWORK).exists()


def test_command_trains_its_plan_and_rejects_an_existing_run(
    two_classes_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gpu, "minutes_plan", lambda: replace(PLAN, teachers={}))
    command = ["gpu", "--data", str(two_classes_csv), "--out", str(tmp_path / "gpu"), "--minutes", "30"]
    monkeypatch.setattr("sys.argv", command)
    gpu.main()
    assert "data read, without detected crops" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="holds another run"):
        gpu.main()


def test_no_trained_network_is_an_error(data: Fer2013, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "_train_teachers", lambda *_: None)
    monkeypatch.setattr(gpu, "_train_student", lambda *_: None)
    with pytest.raises(ValueError, match="were too short to train a network"):
        train_in_minutes(PLAN, data, None, tmp_path / "gpu", Clock.of(1.0))


def test_exporter_writes_only_better_networks(data: Fer2013, tmp_path: Path) -> None:
    torch.manual_seed(3)
    exporter = Exporter(tmp_path / "gpu", TINY, data.part("PublicTest"), best=0.6)
    first, second = (TINY.network().eval() for _ in range(2))
    exporter.update(first, 0.5)
    assert not (tmp_path / "gpu").exists()
    exporter.update(first, 0.7)
    exported = (tmp_path / "gpu" / NETWORK).read_bytes()
    exporter.update(second, 0.7)
    assert (tmp_path / "gpu" / NETWORK).read_bytes() == exported
    exporter.update(second, 0.8)
    assert (tmp_path / "gpu" / NETWORK).read_bytes() != exported


def test_exported_network_matches_the_trained_one(tmp_path: Path) -> None:
    torch.manual_seed(5)
    model = ExpressionNet(((8,), (16, 16), (32,)))
    model(torch.rand(64, 1, 48, 48))  # non-initial batch statistics
    model.eval()
    images = torch.randint(0, 256, (33, 48, 48), dtype=torch.uint8)
    write_onnx(model, tmp_path / "net.onnx")
    predicted = torch.from_numpy(logits_of(tmp_path / "net.onnx", images[:, None].numpy().astype(np.float32) / 255))
    assert torch.allclose(predicted.softmax(dim=1), predict(model, images, exact=True)[0], atol=1e-5)
    with pytest.raises(ValueError, match="only plain convolutions can be exported"):
        write_onnx(ExpressionNet(((8,), (8,)), shape="residual"), tmp_path / "other.onnx")


@pytest.mark.filterwarnings("ignore")
def test_student_can_be_exported_as_int8(data: Fer2013, tmp_path: Path) -> None:
    plan = replace(PLAN, teachers={})
    out = train_in_minutes(plan, data, None, tmp_path / "gpu", Clock.of(LONG_S))
    assert pack(out / "student", data).exists()
    assert load(out / "student")[0] == plan.student


def test_mien_is_not_imported() -> None:
    code = "import sys, training.gpu; print([name for name in sys.modules if name.split('.')[0] in ('mien', 'cv2')])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_first_teacher_of_the_minutes_plan_has_the_students_architecture() -> None:
    plan = minutes_plan()
    assert next(iter(plan.teachers)) == BASELINE
    assert plan.teachers[BASELINE].stages == plan.student.stages
    assert parameter_count(plan.student.network()) < 3_000_000
    for recipe in (plan.student, *plan.teachers.values()):
        assert Recipe.from_json(json.loads(json.dumps(asdict(recipe)))) == recipe
        assert recipe.small_share == 0
