"""The complete training command, ``make train``. Requires PyTorch: ``make test-training``."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-training")

from mien.face.classifiers.onnx import as_input  # noqa: E402
from training import run  # noqa: E402
from training.data import FERPLUS_CSV, read  # noqa: E402
from training.detected import DetectedCrops  # noqa: E402
from training.export import logits_of  # noqa: E402
from training.recipes import Plan, Recipe, plan_for  # noqa: E402

SMALL = Recipe(stages=((8,), (16,), (16,), (16,)), epochs=2, batch_size=64, learning_rate=0.02, warmup_epochs=1.0)
GPU = plan_for("cuda")

#: A small plan: the GPU's recipes with mixup, Muon and larger images, and the CPU's second cycle.
PLAN = Plan(
    {
        "residual": replace(
            GPU.teachers["residual-112"], stages=((8,), (8,), (8,), (8,)), side_px=56, epochs=1, warmup_epochs=0.5
        ),
        "separable": replace(
            GPU.teachers["separable-64"], stages=((16,), (16,), (16,), (16,)), epochs=1, warmup_epochs=0.5
        ),
    },
    replace(GPU.student, stages=SMALL.stages, epochs=2, warmup_epochs=1.0, batch_size=64),
    again=replace(SMALL, epochs=1),
    seeds=(1, 2),
    folder="gpu",
)


@pytest.fixture
def make_train(two_classes_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """A function that runs ``python -m training.run`` with the small plan in this process and returns its output."""
    monkeypatch.setattr(run, "plan_for", lambda device: PLAN)

    def make_train(*arguments: str) -> str:
        command = ["run", "--data", str(two_classes_csv), "--out", str(tmp_path / "runs"), *arguments]
        monkeypatch.setattr("sys.argv", command)
        run.main()
        return capsys.readouterr().out

    return make_train


@pytest.mark.filterwarnings("ignore")  # PyTorch's exporter calls functions that PyTorch has deprecated
def test_command_trains_all_networks_and_a_second_call_changes_nothing(
    make_train, two_classes_csv: Path, tmp_path: Path
) -> None:
    lines = two_classes_csv.read_text().splitlines()
    two_classes_csv.write_text("\n".join([lines[0], *lines[1:65], *lines[193:209], *lines[225:231]]))
    before = Path("src/mien/models/expression.onnx").read_bytes()
    predicted = make_train("--threads", "1")
    assert predicted.startswith("64 of 64 Training rows are used; 0 are excluded")
    assert FERPLUS_CSV in predicted
    assert "all 2 teachers: PublicTest" in predicted
    home = tmp_path / "runs" / "gpu"
    names = ["residual", "separable", "student-1", "student-1-again", "student-2", "student-2-again"]
    assert sorted(path.parent.name for path in home.glob("*/best.pt")) == names
    assert DetectedCrops.read(tmp_path / "runs" / "views.npz", read(two_classes_csv).rows.images).found.shape == (86,)
    assert f"--data {two_classes_csv} --ship NAME" in predicted
    assert Path("src/mien/models/expression.onnx").read_bytes() == before, "training does not ship"

    weights = {path: path.read_bytes() for path in home.rglob("*.*")}
    assert "PublicTest 0" not in make_train("--threads", "1")
    assert {path: path.read_bytes() for path in home.rglob("*.*")} == weights

    crops = as_input(read(two_classes_csv).part("PublicTest").images)
    for student in (home / "student-1-again", home / "student-2-again"):
        card = json.loads((student / "expression.json").read_text())
        assert (card["name"], card["recipe"]["seed"]) == (student.name, int(student.name[8]))
        network = (student / "expression.onnx").read_bytes()
        assert network == (student / f"{card['precision']}.onnx").read_bytes()
        float32, int8 = (logits_of(student / f"{name}.onnx", crops) for name in ("float32", "int8"))
        assert np.abs(float32 - int8).max() < 0.1 * np.abs(float32).max()
        assert (student / "int8.onnx").stat().st_size < (student / "float32.onnx").stat().st_size


def test_invalid_data_exits_with_a_message(make_train, two_classes_csv: Path, tmp_path: Path) -> None:
    two_classes_csv.write_text("emotion,pixels\n")
    with pytest.raises(SystemExit, match="has no column usage"):
        make_train()
    assert not (tmp_path / "runs").exists()
